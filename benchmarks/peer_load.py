"""What the loads of other servers have in common: viewers in one process that count frames, and what it prints."""

import json
import resource
import select
import socket
import sys
import time
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from benchmarks.websocket_client import percentiles


class Viewer(Protocol):
    """One connection. Latencies are in ms, from the server's receipt and from the source's stamp."""

    socket: socket.socket
    frames: int
    bytes: int
    latencies: list[float]
    stamp_latencies: list[float]


AnyViewer = TypeVar("AnyViewer", bound=Viewer)
Serve = Callable[[dict[int, AnyViewer], select.epoll, float, bytearray], None]
"""Reads what comes for so many seconds; viewers by the descriptors of their sockets."""


def main(arguments: Sequence[str], connect: Callable[[int], AnyViewer], serve: Serve[AnyViewer], size: int) -> int:
    """Measure and print, with the arguments ``PORT WARM_UP SECONDS VIEWERS`` and a buffer of ``size`` bytes."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    port, warm_up, seconds, number = int(arguments[0]), float(arguments[1]), float(arguments[2]), int(arguments[3])
    poll = select.epoll()
    viewers: dict[int, AnyViewer] = {}
    for _ in range(number):
        viewer = connect(port)
        viewers[viewer.socket.fileno()] = viewer
        poll.register(viewer.socket.fileno(), select.EPOLLIN)
    buffer = bytearray(size)
    serve(viewers, poll, warm_up, buffer)
    for viewer in viewers.values():
        viewer.frames = viewer.bytes = 0
        viewer.latencies.clear()
        viewer.stamp_latencies.clear()
    print("begin", flush=True)
    since, used = time.monotonic(), time.process_time()
    serve(viewers, poll, seconds, buffer)
    took, used = time.monotonic() - since, time.process_time() - used
    group = {
        "viewers": number,
        "frames": sum(viewer.frames for viewer in viewers.values()),
        "least": min(viewer.frames for viewer in viewers.values()),
        "bytes": sum(viewer.bytes for viewer in viewers.values()),
        "skipped": 0,
        "repeated": 0,
        "rows": 0,
        "lost_rows": 0,
        **percentiles("", [latency for viewer in viewers.values() for latency in viewer.latencies]),
        **percentiles("stamp_", [latency for viewer in viewers.values() for latency in viewer.stamp_latencies]),
    }
    print(json.dumps({"seconds": took, "cpu_seconds": used, "groups": [group]}), flush=True)
    return 0


def run(connect: Callable[[int], AnyViewer], serve: Serve[AnyViewer], size: int) -> None:
    """Run :func:`main` as a program."""
    try:
        sys.exit(main(sys.argv[1:], connect, serve, size))
    except (OSError, ValueError) as error:
        sys.exit(f"load: {error}")

"""Viewers of foxglove_raw.py in one process: ``foxglove_load.py PORT WARM_UP SECONDS VIEWERS``.

Prints the same as load.py, without times from the receipt, which that server does not tell. A viewer subscribes to the
first channel that it is told of. There are no acknowledgements in this protocol.
"""

import json
import re
import resource
import select
import sys
import time
from collections.abc import Sequence

from benchmarks.websocket_client import BINARY, DISCARD_BYTES, TEXT, Client, percentiles, serve

ADVERTISED = re.compile(rb'"op":"advertise","channels":\[\{"id":(\d+)')
MESSAGE_DATA = 1
"""First byte of a message of a channel; the subscription follows in four bytes, and the log time in eight."""
ENVELOPE_BYTES = 13


class Subscriber(Client):
    """One connection."""

    def __init__(self, port: int) -> None:
        super().__init__(port, "/", "foxglove.sdk.v1")
        self.frames = self.bytes = 0
        self.latencies: list[float] = []
        self.socket.setblocking(False)

    def heard(self, code: int, start: bytes, size: int) -> None:
        """Subscribe to what is advertised, and count what comes."""
        if code == TEXT and (found := ADVERTISED.search(start)):
            wish = {"op": "subscribe", "subscriptions": [{"id": 0, "channelId": int(found[1])}]}
            self.say(TEXT, json.dumps(wish).encode())
        elif code == BINARY and start[0] == MESSAGE_DATA:
            self.frames += 1
            self.bytes += size
            self.latencies.append((time.time_ns() - int.from_bytes(start[5:ENVELOPE_BYTES], "little")) * 1e-6)

    def clear(self) -> None:
        """Reset the counts."""
        self.frames = self.bytes = 0
        self.latencies.clear()


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    port, warm_up, seconds, number = int(arguments[0]), float(arguments[1]), float(arguments[2]), int(arguments[3])
    poll = select.epoll()
    viewers: dict[int, Subscriber] = {}
    for _ in range(number):
        viewer = Subscriber(port)
        viewers[viewer.socket.fileno()] = viewer
        poll.register(viewer.socket.fileno(), select.EPOLLIN)
    buffer = bytearray(DISCARD_BYTES)
    serve(viewers, poll, warm_up, buffer)
    for viewer in viewers.values():
        viewer.clear()
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
        **percentiles("", ()),
        **percentiles("stamp_", [latency for viewer in viewers.values() for latency in viewer.latencies]),
    }
    print(json.dumps({"seconds": took, "cpu_seconds": used, "groups": [group]}), flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (OSError, ValueError) as error:
        sys.exit(f"load: {error}")

"""A simulated cam_server: two HTTP servers that know cameras and pipelines by name, and start them when asked.

Run as a program, it starts the camera simulator for each camera or pipeline that is asked for, on a new port, and ends
it when nobody is connected to it for some seconds:
``python -m stream_online_viewer.simulation.cam_server --camera-port 8888 --pipeline-port 8889``.
"""

import argparse
import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import unquote

Kind = Literal["cam", "pipeline"]

CAMERA = "SIMULATION"
CONFIG: Mapping[str, Any] = {
    "source": "SIMULATION:CAMERA",
    "source_type": "simulation",
    "mirror_x": False,
    "mirror_y": False,
    "rotate": 0,
    "roi": None,
    "image_background": None,
    "camera_calibration": {
        "reference_marker": [100, 100, 540, 380],
        "reference_marker_width": 2200.0,
        "reference_marker_height": 1400.0,
        "angle_horizontal": 0.0,
        "angle_vertical": 45.0,
    },
}
NO_CLIENT_SECONDS = 10.0
WATCH_SECONDS = 0.2
_ESTABLISHED = "01"


class Instance(Protocol):
    """A stream that runs."""

    address: str
    """``tcp://host:port``"""

    def clients(self) -> int:
        """Return the number of connections to it."""

    def close(self) -> None:
        """End it."""


class CamServer:
    """Both servers, on free ports if none are given; ``start`` makes the stream of a camera or pipeline.

    ``cameras`` are the configurations by name, ``aliases`` names of cameras by alias, ``groups`` names of cameras by
    group, ``pipelines`` the names of saved pipelines. ``asked`` lists the paths of all requests, in their order.
    """

    def __init__(
        self,
        start: Callable[[Kind, str], Instance],
        cameras: Mapping[str, Mapping[str, Any]],
        aliases: Mapping[str, str] | None = None,
        groups: Mapping[str, list[str]] | None = None,
        pipelines: tuple[str, ...] = (),
        ports: tuple[int, int] = (0, 0),
        no_client_seconds: float = NO_CLIENT_SECONDS,
    ) -> None:
        self.cameras, self.aliases, self.groups, self.pipelines = cameras, aliases or {}, groups or {}, pipelines
        self.running: dict[tuple[Kind, str], Instance] = {}
        self.started: list[str] = []
        self.asked: list[str] = []
        self._start = start
        self._no_client_seconds = no_client_seconds
        self._lonely: dict[tuple[Kind, str], float] = {}
        self._lock = threading.RLock()
        self._end = threading.Event()
        self._servers = [_server(self, "cam", ports[0]), _server(self, "pipeline", ports[1])]
        self.ports = tuple(int(server.server_address[1]) for server in self._servers)
        self._threads = [threading.Thread(target=server.serve_forever, args=(0.05,)) for server in self._servers]
        self._threads.append(threading.Thread(target=self._watch))
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> "CamServer":
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def close(self) -> None:
        """End both servers and everything that they have started."""
        self._end.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()
        for instance in self.running.values():
            instance.close()

    def stop(self, kind: Kind, name: str) -> None:
        """End a stream."""
        with self._lock:
            self._lonely.pop((kind, name), None)
            self.running.pop((kind, name)).close()

    def answer(self, kind: Kind, path: str) -> dict[str, Any] | bytes | None:
        """Return the answer to a GET request; bytes are sent as they are, None is 404."""
        if path == "/base":
            return _ok(status="Base", base=f"/api/v1/{kind}")
        found = re.fullmatch(rf"/api/v1/{kind}(/.*)?", path)
        if found is None:
            return None
        with self._lock:
            return self._camera(found[1] or "") if kind == "cam" else self._pipeline(found[1] or "")

    def _camera(self, path: str) -> dict[str, Any] | None:
        if path == "":
            return _ok(cameras=list(self.cameras))
        if path == "/aliases":
            return _ok(aliases=self.aliases)
        if path == "/groups":
            return _ok(groups=self.groups)
        if path == "/info":
            return _ok(info={"version": "simulated", "active_instances": self._active("cam")})
        name, _, rest = path[1:].partition("/")
        config = self.cameras.get(unquote(name))
        if config is None:
            return _error(f"Camera {unquote(name)} does not exist.")
        if rest == "config":
            return _ok(config=config)
        return _ok(stream=self._stream("cam", unquote(name))) if rest == "" else None

    def _pipeline(self, path: str) -> dict[str, Any] | None:
        if path == "":
            return _ok(pipelines=list(self.pipelines))
        if path == "/camera":
            return _ok(cameras=list(self.cameras))
        if path == "/info":
            return _ok(info={"version": "simulated", "active_instances": self._active("pipeline")})
        if not path.startswith("/instance/"):
            return None
        name = unquote(path.removeprefix("/instance/"))
        if name not in self.pipelines and ("pipeline", name) not in self.running:
            return _error(f"Instance '{name}' does not exist.")
        return _ok(stream=self._stream("pipeline", name))

    def _active(self, kind: Kind) -> dict[str, Any]:
        return {
            name: {
                "stream_address": instance.address,
                "is_stream_active": True,
                "camera_name": name.removesuffix("_sp"),
                "instance_id": name,
                "read_only": True,
                "last_start_time": "01.01.2026 00:00:00",
                "statistics": {"clients": instance.clients()},
                "config": {},
            }
            for (of, name), instance in self.running.items()
            if of == kind
        }

    def _stream(self, kind: Kind, name: str) -> str:
        if (kind, name) not in self.running:
            self.started.append(name)
            self.running[kind, name] = self._start(kind, name)
            self._lonely[kind, name] = time.monotonic()
        return self.running[kind, name].address

    def _watch(self) -> None:
        """End what nobody is connected to."""
        while not self._end.wait(WATCH_SECONDS):
            now = time.monotonic()
            with self._lock:
                for key, instance in list(self.running.items()):
                    if instance.clients():
                        self._lonely[key] = now
                    elif 0 < self._no_client_seconds <= now - self._lonely.setdefault(key, now):
                        self.stop(*key)


def _ok(status: str = "", **content: Any) -> dict[str, Any]:
    return {"state": "ok", "status": status, **content}


def _error(status: str) -> dict[str, Any]:
    return {"state": "error", "status": status}


def _server(owner: CamServer, kind: Kind, port: int) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            owner.asked.append(self.path)
            answer = owner.answer(kind, self.path)
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            with suppress(OSError):
                # Errors come with 200, as those of cam_server do.
                self.send_response(404 if answer is None else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    return server


def connections(port: int) -> int:
    """Return the number of TCP connections to a port of this machine, by the kernel's table."""
    count = 0
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                _, local, _, state, *_ = line.split()
                count += state == _ESTABLISHED and int(local.rpartition(":")[2], 16) == port
    return count


class SimulatedInstance:
    """The camera simulator as a process of its own."""

    def __init__(self, *options: str) -> None:
        script = str(Path(__file__).resolve().parents[1] / "start_stream.py")
        command = [sys.executable, script, *options, "-o", "0", "--host", "127.0.0.1"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = "" if self._process.stdout is None else self._process.stdout.readline()
        found = re.search(r"on port (\d+) ", line)
        if found is None:
            self.close()
            raise RuntimeError(f"the simulator did not start: {line!r}")
        self._port = int(found[1])
        self.address = f"tcp://127.0.0.1:{self._port}"
        # Its rates are not needed; read, so that it never waits for the pipe.
        threading.Thread(target=self._discard, daemon=True).start()

    def clients(self) -> int:
        """Return the number of connections to it."""
        return connections(self._port)

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()

    def _discard(self) -> None:
        if self._process.stdout is not None:
            for _ in self._process.stdout:
                pass


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal ends the process."""
    parser = argparse.ArgumentParser(description="Simulate a cam_server with one camera and its pipeline.")
    parser.add_argument("--camera-port", type=int, default=8888)
    parser.add_argument("--pipeline-port", type=int, default=8889)
    parser.add_argument("simulator", nargs="*", help="options for start_stream.py, after --")
    options = parser.parse_args(arguments)

    def start(kind: Kind, name: str) -> Instance:
        scene = ("--scene", "pipeline" if kind == "pipeline" else "camera")
        return SimulatedInstance("--mode", "pub", "--rate", "10", *scene, *options.simulator)

    groups = {"simulation": [CAMERA]}
    ports = (options.camera_port, options.pipeline_port)
    with CamServer(start, {CAMERA: CONFIG}, {"camera": CAMERA}, groups, (f"{CAMERA}_sp",), ports) as server:
        print(f"cam_server of {CAMERA} on ports {server.ports[0]} and {server.ports[1]}", flush=True)
        # Both signals end it by the same way, which also ends the simulators.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)
    return 0


if __name__ == "__main__":
    sys.exit(main())

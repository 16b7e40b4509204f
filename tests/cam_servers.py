"""A simulated cam_server with cameras of the test process behind it, which can be told to answer wrongly."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
import zmq

from stream_online_viewer.simulation.cam_server import CamServer, Instance, Kind, connections
from tests.raw_source import channel, message

PERIOD = 0.05
SHAPE = (6, 8)
CONFIG: Mapping[str, Any] = {
    "source_type": "epics",
    "mirror_x": False,
    "rotate": 0,
    "roi": None,
    "camera_calibration": {
        "reference_marker": [1, 1, 7, 5],
        "reference_marker_width": 300.0,
        "reference_marker_height": 170.0,
        "angle_horizontal": 10.0,
        "angle_vertical": 45.0,
    },
}


class Camera:
    """A PUB socket that sends images of which every pixel is ``value``, from a thread of its own."""

    def __init__(self, value: int, port: int = 0, first_pulse: int = 1) -> None:
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.PUB)
        self._socket.linger = 0
        self._socket.bind(f"tcp://127.0.0.1:{port}")
        self.address = self._socket.getsockopt_string(zmq.LAST_ENDPOINT)
        self.port = int(self.address.rpartition(":")[2])
        self.quiet = threading.Event()
        self._value, self._pulse = value, first_pulse
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def clients(self) -> int:
        """Return the number of connections to it."""
        return connections(self.port)

    def close(self) -> None:
        """Stop sending; the port is free afterwards."""
        self._end.set()
        self._thread.join()
        self._socket.close()
        self._context.term()

    def _run(self) -> None:
        while not self._end.wait(PERIOD):
            if not self.quiet.is_set():
                image = channel("CAM:FPICTURE", np.full(SHAPE, self._value, np.uint16))
                self._socket.send_multipart(message(self._pulse, [image]))
                self._pulse += 1


Answer = Mapping[str, Any] | bytes | None
Fault = Callable[[], Answer]


class FaultyCamServer(CamServer):
    """Answers paths that are in ``faults`` by what their function returns."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        self.faults: dict[str, Fault] = {}
        super().__init__(*arguments, **more)

    def answer(self, kind: Kind, path: str) -> Any:
        """Return the fault of this path, else the right answer."""
        return self.faults[path]() if path in self.faults else super().answer(kind, path)


@contextmanager
def cam_servers(pipelines: tuple[str, ...] = ("CAM_sp",), **more: Any) -> Iterator[FaultyCamServer]:
    """Run both servers with the camera CAM, which is also called "the-camera", and saved pipelines.

    Pixels of a pipeline are 1, those of a camera 2; pulse ids go on from one start to the next.
    """

    def start(kind: Kind, name: str) -> Instance:
        # As if it had always run: 100 pulses a second.
        return Camera(1 if kind == "pipeline" else 2, first_pulse=int(time.monotonic() * 20))

    with FaultyCamServer(start, {"CAM": CONFIG}, {"the-camera": "CAM"}, {"ALL": ["CAM"]}, pipelines, **more) as server:
        yield server  # type: ignore[misc]


def wait_a_little(seconds: float, answer: Fault) -> Fault:
    """Return a fault: the answer comes late."""

    def late() -> Answer:
        with suppress(InterruptedError):
            time.sleep(seconds)
        return answer()

    return late

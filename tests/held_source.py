"""A camera that a test can hold: it sends all the time, and while it is held it is known which pulse was the last."""

import threading
import time

import numpy as np
import zmq

from tests.raw_source import RawSource, channel

PERIOD_SECONDS = 0.02


class HeldSource:
    """Sends small images and their number at 50 Hz while the block runs, stamped with this machine's clock."""

    def __init__(self) -> None:
        self._source = RawSource(patience=PERIOD_SECONDS)
        self.port = self._source.port
        self._ended = threading.Event()
        self._flows = threading.Condition()
        self._held = False
        self._last = 0
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "HeldSource":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.go_on()
        self._thread.join()
        self._source.close()

    def hold(self) -> int:
        """Send nothing more; return the number of the last pulse, which is how many were sent."""
        with self._flows:
            self._held = True
            return self._last

    def go_on(self) -> None:
        """Send again."""
        with self._flows:
            self._held = False
            self._flows.notify()

    def _run(self) -> None:
        while not self._ended.is_set():
            with self._flows:
                self._flows.wait_for(lambda: not self._held)
                now = time.time_ns()
                number = self._last + 1
                image = channel("image", np.full((6, 8), number, np.uint32), time_ns=now)
                try:
                    self._source.send(
                        image,
                        channel("number", np.array(number, np.int64), time_ns=now),
                        global_timestamp={"sec": now // 10**9, "ns": now % 10**9},
                    )
                    self._last = number
                except zmq.Again:
                    # Nobody has connected yet.
                    self._source.pulse_id = self._last
            self._ended.wait(PERIOD_SECONDS)

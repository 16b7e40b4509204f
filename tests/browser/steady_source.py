"""A source in the test process that sends by itself: what it sends is known from the pulse id alone."""

import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType

import zmq

from tests.raw_source import Part, message

Make = Callable[[int], Sequence[Part]]

START_S = 1_600_000_000
USUAL_RATE = 5.0
"""Messages a second where a test says nothing else: a page draws each, and Chromium does it with the processor."""


class SteadySource:
    """A bound PUB socket that sends a message at a steady rate from a thread, as long as the block runs.

    ``make`` returns the channels of a pulse; it is called once for each pulse. It and ``rate`` (messages a second) may
    be changed in between; what is new is sent at once.
    The source's time of a pulse is :func:`source_time`.
    """

    def __init__(self, make: Make, *, rate: float = USUAL_RATE, port: int = 0, first: int = 1) -> None:
        self._make = make
        self._rate = rate
        self._changed = threading.Event()
        self.next_pulse = first
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.PUB)
        self._socket.linger = 0
        self._socket.bind(f"tcp://127.0.0.1:{port}")
        self.port = int(self._socket.getsockopt_string(zmq.LAST_ENDPOINT).rpartition(":")[2])
        self._ended = False
        self._silent = False
        self._sending = threading.Lock()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "SteadySource":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def make(self) -> Make:
        """What makes the channels of a pulse."""
        return self._make

    @make.setter
    def make(self, make: Make) -> None:
        self._make = make
        self._changed.set()

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self._rate

    @rate.setter
    def rate(self, rate: float) -> None:
        self._rate = rate
        self._changed.set()

    def pause(self) -> int:
        """Send nothing more, with the port open; returns the pulse id of the last message."""
        with self._sending:
            self._silent = True
            return self.next_pulse - 1

    def resume(self) -> None:
        """Send again."""
        self._silent = False
        self._changed.set()

    def skip(self, pulses: int) -> None:
        """Leave out pulse ids, as when messages are lost on their way."""
        with self._sending:
            self.next_pulse += pulses

    def send_parts(self, parts: Sequence[bytes]) -> None:
        """Send a message of any parts between the others."""
        with self._sending:
            self._socket.send_multipart(parts)

    def close(self) -> None:
        """Stop and close the port. Raises what the thread failed with."""
        self._ended = True
        self._changed.set()
        self._thread.join()
        self._socket.close()
        self._context.term()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def _run(self) -> None:
        due = time.monotonic()
        try:
            while not self._ended:
                self._changed.clear()
                with self._sending:
                    if not self._silent:
                        self._send(self.next_pulse)
                        self.next_pulse += 1
                due = max(due + 1 / self.rate, time.monotonic())
                if self._changed.wait(due - time.monotonic()):
                    due = time.monotonic()
        except BaseException as error:
            self._failure = error

    def _send(self, pulse: int) -> None:
        seconds, ns = divmod(source_time(pulse), 10**9)
        self._socket.send_multipart(message(pulse, self.make(pulse), global_timestamp={"sec": seconds, "ns": ns}))


def source_time(pulse_id: int) -> int:
    """Return the time that the source writes into a message, in nanoseconds since 1970."""
    return START_S * 10**9 + pulse_id * 10_000_001


def constant(*parts: Part) -> Make:
    """Return a maker of messages that are all alike."""
    return lambda pulse_id: parts

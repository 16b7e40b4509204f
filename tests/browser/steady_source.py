"""A source in the test process that sends by itself: what it sends is known from the pulse id alone."""

import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

from tests.raw_source import Part, RawSource, message

Make = Callable[[int], Sequence[Part]]


class SteadySource:
    """Sends a message at a steady rate from a thread, as long as the block runs.

    ``make`` returns the channels of a pulse; it is called once for each pulse and may be replaced while the source runs.
    """

    def __init__(self, make: Make, *, rate: float = 20.0, port: int = 0, first: int = 1, mode: str = "pub") -> None:
        self.make = make
        self.next_pulse = first
        self._source = RawSource(mode=mode, port=port)
        self.port = self._source.port
        self._period = 1 / rate
        self._ended = threading.Event()
        self._silent = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "SteadySource":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def pause(self) -> float:
        """Send nothing more, with the port open; returns the time of `time.monotonic()` after which nothing is sent."""
        self._silent.set()
        return time.monotonic()

    def resume(self) -> None:
        """Send again."""
        self._silent.clear()

    def close(self) -> None:
        """Stop and close the port. Raises what the thread failed with."""
        self._ended.set()
        self._thread.join()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def _run(self) -> None:
        due = time.monotonic()
        try:
            while not self._ended.is_set():
                if not self._silent.is_set():
                    self._source.send_parts(message(self.next_pulse, self.make(self.next_pulse)))
                    self.next_pulse += 1
                due = max(due + self._period, time.monotonic())
                self._ended.wait(due - time.monotonic())
        except BaseException as error:
            self._failure = error
        finally:
            self._source.close()


def constant(*parts: Part) -> Make:
    """Return a maker of messages that are all alike."""
    return lambda pulse_id: parts


def now_ns() -> dict[str, Any]:
    """Return the present time as a `global_timestamp`."""
    seconds, rest = divmod(time.time_ns(), 10**9)
    return {"sec": seconds, "ns": rest}

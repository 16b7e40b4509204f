"""Logs each change of the source's state, without filling the log if the state changes all the time."""

import logging

from stream_online_viewer.web.rates import Rates
from stream_online_viewer.web.status import SourceStatus

BURST = 12
REFILL_SECONDS = 10.0
GOOD_STATES = ("waiting", "receiving", "released")
_PASSING_STATES = ("resolving", "down")
"""Not logged: every start begins with the first, and the supervisor logs why the second occurred."""


class Announcer:
    """Logs how the stream is received and each change of its state.

    At most twelve lines at once and one more every ten seconds. The next line after that limit has the state of that
    moment and the number of changes that were not logged.
    """

    def __init__(self, logger: logging.Logger, stream: str) -> None:
        self._logger = logger
        self.stream = stream
        """The address of the stream."""
        self._logged: str | None = None
        self._last: str | None = None
        self._changes = 0
        self._socket: tuple[str | None, bool] = (None, False)
        self._rates = Rates(1 / REFILL_SECONDS, BURST)

    def update(self, source: SourceStatus, now: float) -> None:
        """Note the state of the source; ``now`` is in monotonic seconds."""
        self._tell_socket(source)
        state = source.state
        if state == "unusable" and source.refusal is not None:
            # A new reason is logged like a new state.
            state = f"unusable {source.refusal.reason}"
        if state in _PASSING_STATES:
            return
        if state != self._last:
            self._last = state
            self._changes += 1
        if state == self._logged or self._rates.wait("", now) > 0:
            return
        more = f" ({self._changes - 1} changes before this were not logged)" if self._changes > 1 else ""
        self._logged, self._changes = state, 0
        level = logging.INFO if state in GOOD_STATES else logging.WARNING
        self._logger.log(level, "source %s: %s%s", source.state, source.text, more)

    def _tell_socket(self, source: SourceStatus) -> None:
        now = (source.socket, source.guessed)
        if now == self._socket or source.socket is None:
            return
        self._socket = now
        guessed = " (guessed: the source did not say what it is)" if source.guessed else ""
        self._logger.info("%s is received with a %s socket%s", self.stream, source.socket, guessed)
        if source.shared:
            self._logger.warning(
                "a PUSH source divides its messages: this viewer takes messages away from other receivers"
            )

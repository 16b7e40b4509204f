"""Counts what arrives and cannot be used by reason and by channel, and logs it without filling the log."""

import logging
import threading
from collections import Counter, OrderedDict
from dataclasses import dataclass

from stream_online_viewer.ingest.rate import Rate
from stream_online_viewer.link.report import FaultReport, Refusal, UnusableChannel
from stream_online_viewer.model.channel import Channel
from stream_online_viewer.model.layout import Layout
from stream_online_viewer.model.problems import Invalid, Refused, shorten
from stream_online_viewer.model.pulse import Pulse

LOG_SECONDS = 10.0
LOG_LINES = 8
LISTED = 16
FORGET_SECONDS = 10.0
_MOST_CHANNELS = 256
_DIMENSIONS_SHOWN = 3

_TIME_PROBLEMS = {
    "object": "it is no object",
    "seconds": "it has no whole seconds",
    "nanoseconds": "its nanoseconds are no whole number from 0 to 999999999",
    "range": "it lies beyond what 64 bits of nanoseconds hold",
    "zero": "it is zero",
}


class QuietLog:
    """Logs warnings: one line for each subject in ten seconds, and eight in all.

    The number of warnings left out is added to the next line.
    """

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._logged: OrderedDict[str, float] = OrderedDict()
        self._window, self._lines, self._left_out = float("-inf"), 0, 0

    def warn(self, subject: str, text: str, now: float) -> None:
        """Log a warning unless its subject was logged just now; ``now`` is in monotonic seconds."""
        if now - self._window >= LOG_SECONDS:
            self._window, self._lines = now, 0
        if self._lines >= LOG_LINES or now - self._logged.get(subject, float("-inf")) < LOG_SECONDS:
            self._left_out += 1
            return
        self._lines += 1
        self._logged[subject] = now
        self._logged.move_to_end(subject)
        while len(self._logged) > 4 * LOG_LINES:
            self._logged.popitem(last=False)
        more = f" ({self._left_out} more of this kind and others since the last line)" if self._left_out else ""
        self._left_out = 0
        self._logger.warning("%s%s", text, more)


@dataclass(slots=True)
class _Unusable:
    """One channel whose values cannot be used now. ``position`` is its place in the data header, -1 if not known."""

    name: str
    position: int
    reason: str
    detail: str
    picture: bool
    at: float
    count: int = 0

    def report(self, now: float) -> UnusableChannel:
        """Return the channel's part of the report; ``now`` is in monotonic seconds."""
        position = None if self.position < 0 else self.position
        age = round(now - self.at, 3)
        return UnusableChannel(self.name, position, self.reason, self.detail, self.picture, self.count, age)


class Faults:
    """Counts refused messages and invalid values; used by the main loop and the encoders."""

    def __init__(self, logger: logging.Logger) -> None:
        self.refused: Counter[str] = Counter()
        self.invalid: Counter[str] = Counter()
        self.time_problem: str | None = None
        """What is wrong with the global timestamp of the last message."""
        self._log = QuietLog(logger)
        self._lock = threading.Lock()
        self._refusal: tuple[float, Refused] | None = None
        self._refused_rate = Rate()
        self._channels: OrderedDict[tuple[str, int], _Unusable] = OrderedDict()
        self._of_layout: OrderedDict[int, list[tuple[int, Channel, str, str, bool]]] = OrderedDict()

    def refuse(self, refusal: Refused, now: float) -> None:
        """Count a message that cannot be used at all."""
        self.refused[refusal.reason] += 1
        self._refusal = now, refusal.with_traceback(None)
        self._refused_rate.add(now)
        with self._lock:
            self._log.warn(f"refused {refusal.reason}", f"message refused: {refusal}", now)

    def note_time(self, problem: str | None, now: float) -> None:
        """Count a global timestamp that cannot be used; the message is still used."""
        self.time_problem = problem
        if problem is not None:
            self.invalid["global timestamp"] += 1
            text = f"the global timestamp cannot be used: {_TIME_PROBLEMS.get(problem, problem)}"
            with self._lock:
                self._log.warn("global timestamp", text, now)

    def note_pulse(self, pulse: Pulse, now: float) -> None:
        """Count the values of a pulse's channels whose definition cannot be used."""
        for index, channel, reason, detail, picture in self._defined(pulse.layout):
            if not pulse.is_null(index):
                self._count(channel.name, index, reason, detail, picture, now)

    def note_value(self, problem: Invalid, now: float) -> None:
        """Count a value that cannot be used. If its definition is the reason, :meth:`note_pulse` has counted it."""
        if not problem.of_definition:
            self._count(problem.channel or "", -1, problem.reason, problem.detail, problem.picture, now)

    def _count(self, name: str, position: int, reason: str, detail: str, picture: bool, now: float) -> None:
        # A name that is listed twice is a usable channel and an unusable one.
        key = (name, -1 if name and reason != "duplicate name" else position)
        with self._lock:
            self.invalid[reason] += 1
            known = self._channels.get(key)
            if known is None or known.reason != reason:
                known = _Unusable(name, position, reason, detail, picture, now)
                self._channels[key] = known
                while len(self._channels) > _MOST_CHANNELS:
                    self._channels.popitem(last=False)
            known.at, known.detail, known.picture = now, detail, picture
            known.count += 1
            place = f" (number {position} in the data header)" if not name and position >= 0 else ""
            text = f"channel {shorten_name(name)}{place} cannot be used: {reason}: {detail}"
            self._log.warn(f"{reason} {name}", text, now)

    def _defined(self, layout: Layout) -> list[tuple[int, Channel, str, str, bool]]:
        known = self._of_layout.get(layout.serial)
        if known is None:
            known = []
            for index, channel in enumerate(layout.channels):
                if channel.problem is not None:
                    known.append((index, channel, channel.problem, channel.detail, channel.is_picture))
                elif channel.dtype != "string" and len(channel.shape) > _DIMENSIONS_SHOWN:
                    shape = " x ".join(map(str, channel.shape))
                    detail = f"{len(channel.shape)} dimensions ({shape}); at most {_DIMENSIONS_SHOWN} can be shown"
                    known.append((index, channel, "shape", detail, True))
            self._of_layout[layout.serial] = known
            if len(self._of_layout) > 64:
                self._of_layout.popitem(last=False)
        return known

    def report(self, now: float) -> FaultReport:
        """Return the report on faults; ``now`` is in monotonic seconds."""
        refusal = None
        if self._refusal is not None:
            at, last = self._refusal
            rate = self._refused_rate
            refusal = Refusal(last.reason, last.detail, last.htype, now - at, rate.value(now), rate.period())
        with self._lock:
            for key in [key for key, found in self._channels.items() if now - found.at > FORGET_SECONDS]:
                del self._channels[key]
            listed = sorted(self._channels.values(), key=lambda found: not found.picture)
        return FaultReport(
            refused=dict(self.refused),
            invalid=dict(self.invalid),
            refusal=refusal,
            time_problem=None if self.time_problem is None else _TIME_PROBLEMS.get(self.time_problem),
            unusable_count=len(listed),
            unusable=tuple(found.report(now) for found in listed[:LISTED]),
        )


def shorten_name(name: str) -> str:
    """Return a channel's name for a log line, shortened and without line breaks."""
    return "without a usable name" if not name else shorten(name)

"""Whether the ingest process hangs, or only gets no processor. Pure but for the kernel's account of its threads."""

from collections.abc import Callable, Sequence

from stream_online_viewer.protocol.encodings import Encoding
from stream_online_viewer.threadtimes import Look, ThreadTimes

WATCH_SECONDS = 0.1
REPORT_SECONDS = 0.2
"""How often the process reports."""
LATE_SECONDS = 0.3
"""From then on its threads are looked at."""
HUNG_SECONDS = 0.7
"""So long it may be silent after that, not counting the time in which it waited for a processor or for the disk."""
ENCODING_SECONDS = 3.0
PIXEL_SECONDS = 15e-9
"""Native code that does not let Python's other threads run may be an honest encoding: it gets what the ingest process
itself allows to a step of one (:mod:`.ingest.encoding_watch`)."""
BLIND_SECONDS = 3.0
"""The same where the kernel keeps no account of threads."""
LONGEST_SILENCE = 10.0
"""In any case."""
START_SECONDS = 10.0
"""A process that starts is given up when it made no progress for so long,"""
START_RUN_SECONDS = 60.0
"""or used the processor for so long without a report."""
_FEWEST_LOOKS = 3


class Watchdog:
    """Follows one ingest process from its start. All times are monotonic seconds."""

    def __init__(
        self,
        pid: int,
        now: float,
        under_way: Callable[[], Sequence[Encoding]] = lambda: (),
        times: ThreadTimes | None = None,
    ) -> None:
        self._times_of: Callable[[], ThreadTimes] = lambda: times or ThreadTimes(pid)
        self._times: ThreadTimes | None = None
        self._under_way = under_way
        self._started = now
        self.last_report: float | None = None
        """When it reported last; None before it did."""
        self._since = now
        self._looks = 0
        self._still = 0.0
        self._ran = 0.0
        self._waited = 0.0
        self._stopped = False
        self._blind = False

    @property
    def stopped(self) -> bool:
        """Whether a signal or a debugger held it at the last look."""
        return self._stopped

    def report(self, now: float) -> None:
        """It reported."""
        self.last_report = self._since = now
        self._forget()

    def verdict(self, now: float) -> str | None:
        """Return what is wrong with the process, None if nothing is; to be called every ``WATCH_SECONDS``."""
        if self.last_report is not None and now - self.last_report < LATE_SECONDS:
            return None
        if self._times is None:
            self._times = self._times_of()
        look = self._times.look(now)
        self._looks += 1
        if self._looks == 1:
            self._since = now
            return None
        if look is None:
            # The kernel tells nothing about it: all that is left is the clock.
            look = Look(now - self._since, 0.0, 0.0, False)
            self._blind = True
        self._since = now
        self._stopped = look.stopped
        # If this process itself was kept from running, what it missed says nothing of the other.
        seconds = min(look.seconds, 2 * WATCH_SECONDS)
        waited = min(look.waited, seconds)
        self._waited += waited
        self._ran += look.ran
        if self.last_report is None:
            return self._start_verdict(look, seconds, now)
        self._still += seconds - waited
        silence = now - self.last_report
        if self._still >= self._allowed(self.last_report):
            return f"did not answer for {silence:.1f} s: {self._doing()}"
        if silence >= LONGEST_SILENCE and self._looks >= _FEWEST_LOOKS:
            return f"did not answer for {silence:.1f} s, for {self._waited:.1f} s of which it got no processor"
        return None

    def suspects(self) -> list[Encoding]:
        """Return the encodings that were under way while it went silent."""
        if self.last_report is None or self._stopped:
            return []
        return [encoding for encoding in self._under_way() if encoding.started <= self.last_report + REPORT_SECONDS]

    def _start_verdict(self, look: Look, seconds: float, now: float) -> str | None:
        """While it starts it may take its time, as long as it does something."""
        moved = look.ran > 0 or look.waited > 0
        self._still = 0.0 if moved else self._still + seconds
        so_far = f"in {now - self._started:.1f} s, of which it ran {self._ran:.1f} s"
        if self._still >= START_SECONDS:
            return f"did not start {so_far}: nothing moved for {START_SECONDS:g} s"
        if self._ran >= START_RUN_SECONDS:
            return f"did not start {so_far}"
        return None

    def _allowed(self, last_report: float) -> float:
        if self._stopped:
            return HUNG_SECONDS
        shortest = BLIND_SECONDS if self._blind else HUNG_SECONDS
        pixels = [encoding.pixels for encoding in self._under_way() if encoding.started <= last_report + REPORT_SECONDS]
        if not pixels:
            return shortest
        return min(ENCODING_SECONDS + PIXEL_SECONDS * max(pixels), LONGEST_SILENCE)

    def _doing(self) -> str:
        if self._stopped:
            return "it is stopped"
        if self._ran > 0.5 * self._still:
            return f"it ran all the time, {self._ran:.1f} s"
        return "it sleeps"

    def _forget(self) -> None:
        self._times = None
        self._looks = 0
        self._still = self._ran = self._waited = 0.0
        self._stopped = False

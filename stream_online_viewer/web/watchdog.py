"""Decides whether the ingest process hangs or is only short of processor time. Pure but for the kernel's accounting."""

from collections.abc import Callable, Sequence

from stream_online_viewer.protocol.encodings import Encoding
from stream_online_viewer.threadtimes import Look, ThreadTimes

WATCH_SECONDS = 0.1
REPORT_SECONDS = 0.2
"""Seconds between two reports of the process."""
LATE_SECONDS = 0.3
"""Seconds of silence from which on its threads are observed."""
HUNG_SECONDS = 0.7
"""Seconds for which it may then be silent, without the time for which it waited for a processor or the disk."""
ENCODING_SECONDS = 3.0
PIXEL_SECONDS = 15e-9
"""Seconds per pixel that a step of an encoding may take which keeps Python's other threads from running; the same as in
:mod:`.ingest.encoding_watch`."""
BLIND_SECONDS = 3.0
"""Seconds of silence allowed where the kernel keeps no account of threads."""
LONGEST_SILENCE = 10.0
"""Seconds of silence allowed in any case."""
START_SECONDS = 10.0
"""Seconds without progress after which a starting process is given up."""
START_RUN_SECONDS = 60.0
"""Seconds of processor time without a report after which a starting process is given up."""
_FEWEST_LOOKS = 3


class Watchdog:
    """Watches one ingest process from its start. All times are monotonic seconds."""

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
        """When it last reported; None before its first report."""
        self._since = now
        self._looks = 0
        self._still = 0.0
        self._ran = 0.0
        self._waited = 0.0
        self._stopped = False
        self._blind = False

    @property
    def stopped(self) -> bool:
        """Whether a signal or a debugger had stopped it at the last observation."""
        return self._stopped

    def report(self, now: float) -> None:
        """Note a report of the process."""
        self.last_report = self._since = now
        self._forget()

    def verdict(self, now: float) -> str | None:
        """Return what is wrong with the process, None if nothing is. To be called every ``WATCH_SECONDS``."""
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
            # The kernel tells nothing about the process, so only the clock is left.
            look = Look(now - self._since, 0.0, 0.0, False)
            self._blind = True
        self._since = now
        self._stopped = look.stopped
        # If this process itself did not run, the time that it missed says nothing about the other.
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
        """Return the encodings that were under way when it became silent."""
        if self.last_report is None or self._stopped:
            return []
        return [encoding for encoding in self._under_way() if encoding.started <= self.last_report + REPORT_SECONDS]

    def _start_verdict(self, look: Look, seconds: float, now: float) -> str | None:
        """Return what is wrong with a starting process. It may take long as long as it makes progress."""
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

"""Decides whether a viewer is sent exact images or previews. Pure.

The exact image is sent as long as it arrives often enough: ``GOOD_RATE`` times a second, or at the source's rate if
that is less. How long an image takes is measured by its acknowledgement, sent when it was drawn. The exact image is
given up below ``ENOUGH`` of the good rate, and taken up again when the measurements say that it would reach the good
rate. This gap, and the time for which each must last, keep the picture from alternating.

A preview is so small that its duration says little about an image a hundred times as large. So when the last
measurement of a large image is too old, one exact image is sent as a trial. Failed trials make further trials rarer.
"""

from dataclasses import dataclass

GOOD_RATE = 12.0
ENOUGH = 0.5
HOLD_DOWN_SECONDS = 0.7
HOLD_UP_SECONDS = 1.5
TRIAL_SECONDS = 10.0
LONGEST_TRIAL_SECONDS = 300.0
PROVEN_SECONDS = 10.0
LARGE_BYTES = 128 * 1024
SMALL_IMAGE_BYTES = 256 * 1024
START_FRAMES = 3
# Most of a preview's duration does not depend on its size.
_HOPELESS = 10.0
_SMOOTH = 0.3
# Previews below the first rate are made coarser; above the second they are made finer again.
SLOW_PREVIEW_RATE = 3.0
FAST_PREVIEW_RATE = 12.0
MOST_COARSE = 8
COARSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class LinkEstimate:
    """What the link to a viewer carries now, and what could be sent over it."""

    exact_bytes: int | None
    """Size of the exact image, or of its visible part; None or 0 if no image was seen yet."""
    rate: float
    """Images a second that the source and the limits offer."""
    bits_per_second: float | None
    """The viewer's share of the bandwidth limits; None without a limit."""
    window: int
    """Images that may be on their way at the same time."""
    rtt: float
    """Round trip in seconds."""


class QualityController:
    """Decides for one viewer between exact images and previews. Times are monotonic seconds.

    ``exact`` is the decision; ``why`` the reason for a preview: start, link or limit.
    """

    __slots__ = (
        "_coarse_since", "_exact_since", "_failing", "_frames", "_large", "_large_at", "_next_trial", "_promising",
        "_small", "_trial_gap", "coarse", "exact", "trying", "why",
    )  # fmt: skip

    def __init__(self, local: bool) -> None:
        self.exact = local
        self.why: str | None = None if local else "start"
        self.coarse = 1
        """Factor by which the binning of previews is increased."""
        self.trying = False
        """A trial: the next acknowledgement of an exact image decides at once."""
        self._large: float | None = None
        self._large_at = 0.0
        self._small: float | None = None
        self._frames = 0
        self._failing: float | None = None
        self._promising: float | None = None
        self._next_trial = 0.0
        self._trial_gap = TRIAL_SECONDS
        self._exact_since = 0.0
        self._coarse_since: float | None = None

    def acknowledged(self, now: float, seconds: float, size: int, rtt: float) -> None:
        """Note that an image of ``size`` bytes was drawn ``seconds`` after it was sent; ``rtt`` is in seconds."""
        self._frames += 1
        # The seconds for which the image occupied the link and the browser, per byte.
        per_byte = max(seconds - rtt, 1e-6) / max(size, 1)
        if size >= LARGE_BYTES:
            stale = self._large is None or self.trying or now - self._large_at > TRIAL_SECONDS
            self._large = per_byte if stale else (1 - _SMOOTH) * (self._large or 0.0) + _SMOOTH * per_byte
            self._large_at = now
        else:
            self._small = per_byte if self._small is None else (1 - _SMOOTH) * self._small + _SMOOTH * per_byte
            self._coarsen(now, 1.0 / max(seconds, 1e-3))

    def decide(self, now: float, estimate: LinkEstimate) -> bool:
        """Return whether exact images are sent from now on, and set ``why`` if not."""
        size = estimate.exact_bytes
        if not size:
            return self.exact
        good = min(estimate.rate, GOOD_RATE) if estimate.rate > 0 else GOOD_RATE
        limit = None if estimate.bits_per_second is None else estimate.bits_per_second / 8 / max(size, 1)
        if self.exact:
            self._may_give_up(now, estimate, size, good, limit)
        else:
            self._may_take_up(now, estimate, size, good, limit)
        return self.exact

    def _may_give_up(self, now: float, estimate: LinkEstimate, size: int, good: float, limit: float | None) -> None:
        link = self._link_rate(estimate, size)
        by_limit = limit is not None and limit < ENOUGH * good
        by_link = link is not None and link < ENOUGH * good
        if not by_limit and not by_link:
            self._failing = None
            self.trying = False
            if now - self._exact_since > PROVEN_SECONDS:
                self._trial_gap = TRIAL_SECONDS
            return
        if self._failing is None:
            self._failing = now
        if by_limit or self.trying or now - self._failing >= HOLD_DOWN_SECONDS:
            self.why = "limit" if by_limit else "link"
            if self.trying or now - self._exact_since < PROVEN_SECONDS:
                self._trial_gap = min(LONGEST_TRIAL_SECONDS, 2 * self._trial_gap)
            self.exact = self.trying = False
            self._failing = self._promising = None
            self._next_trial = now + self._trial_gap

    def _may_take_up(self, now: float, estimate: LinkEstimate, size: int, good: float, limit: float | None) -> None:
        if limit is not None and limit < good:
            self.why, self._promising = "limit", None
            return
        link = self._link_rate(estimate, size)
        if size <= SMALL_IMAGE_BYTES and link is None:
            # Hardly larger than a preview: the first one serves as measurement.
            self._take_up(now, trial=True)
            return
        if link is not None and link >= good:
            if self._promising is None:
                self._promising = now
            if now - self._promising >= HOLD_UP_SECONDS:
                self._take_up(now, trial=False)
            return
        self._promising = None
        if self.why != "start":
            self.why = "link"
        if self._frames < START_FRAMES or self._small is None or now < self._next_trial:
            return
        if size * self._small / _HOPELESS > 1.0 / (ENOUGH * good):
            self.why = "link"
            return
        self._take_up(now, trial=True)

    def _take_up(self, now: float, trial: bool) -> None:
        self.exact, self.trying, self.why = True, trial, None
        self._exact_since = now
        self._failing = None

    def _link_rate(self, estimate: LinkEstimate, size: int) -> float | None:
        """Return the exact images a second that link and browser would sustain, None if not known."""
        if self._large is None:
            return None
        return 1.0 / (size * self._large + estimate.rtt / estimate.window)

    def _coarsen(self, now: float, rate: float) -> None:
        """Make previews coarser if they have been much too slow for a while, finer if they have been fast enough."""
        coarser = rate < SLOW_PREVIEW_RATE and self.coarse < MOST_COARSE
        finer = rate > FAST_PREVIEW_RATE and self.coarse > 1
        if not coarser and not finer:
            self._coarse_since = None
        elif self._coarse_since is None:
            self._coarse_since = now
        elif now - self._coarse_since >= COARSE_SECONDS:
            self.coarse = self.coarse * 2 if coarser else self.coarse // 2
            self._coarse_since = None

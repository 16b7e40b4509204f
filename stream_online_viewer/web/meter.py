"""Counts what one viewer is sent. Pure: times are arguments."""

from collections import deque


class Meter:
    """The images and bytes sent to one viewer, and their rates over about two seconds."""

    SECONDS = 2.0
    STEP_SECONDS = 0.25
    __slots__ = ("_marks", "total_bytes", "total_images")

    def __init__(self, now: float) -> None:
        self.total_bytes = 0
        self.total_images = 0
        self._marks: deque[tuple[float, int, int]] = deque([(now, 0, 0)])

    def add(self, size: int) -> None:
        """Count an image of ``size`` bytes."""
        self.total_images += 1
        self.total_bytes += size

    def add_image(self) -> None:
        """Count an image whose bytes were counted before."""
        self.total_images += 1

    def add_bytes(self, size: int) -> None:
        """Count bytes that are not an image."""
        self.total_bytes += size

    def rates(self, now: float) -> tuple[float, float]:
        """Return (images a second, Mbit/s) over about the last two seconds; to be called about once a second."""
        while len(self._marks) > 1 and now - self._marks[1][0] >= self.SECONDS:
            self._marks.popleft()
        since, images, size = self._marks[0]
        if now - self._marks[-1][0] >= self.STEP_SECONDS:
            self._marks.append((now, self.total_images, self.total_bytes))
        span = max(now - since, self.STEP_SECONDS)
        return (self.total_images - images) / span, (self.total_bytes - size) * 8e-6 / span

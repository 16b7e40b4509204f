"""When a source that nobody watches is to be let go. Pure."""


class Idle:
    """Follows whether somebody watches. ``seconds`` without a viewer make :meth:`due` true; 0 for never.

    All times are monotonic seconds.
    """

    def __init__(self, seconds: float, now: float) -> None:
        self._seconds = seconds
        self._watched = False
        self._since = now

    def watch(self, watched: bool, now: float) -> None:
        """Note whether somebody watches now."""
        if self._watched and not watched:
            self._since = now
        self._watched = watched

    def due(self, now: float) -> bool:
        """Return whether nobody has watched for long enough."""
        return self._seconds > 0 and not self._watched and now - self._since >= self._seconds

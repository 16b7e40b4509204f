"""How many connections the operating system's limit of open files has room for."""

import os
import resource

from stream_online_viewer.errors import SettingsError

MOST_WANTED = 65536
"""The limit is not raised beyond this: it is room for more connections than one process can serve."""
RESERVED = 40
"""Kept for the links to receiving processes, for answers that refuse, and for what libraries open."""
FEWEST = 64
"""Below this limit the server does not start: too few places would remain to show a page."""


def raise_limit() -> int:
    """Raise the limit of open files to what is allowed, and return it.

    Raises :class:`SettingsError` if it is too low to serve anything.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = MOST_WANTED if hard == resource.RLIM_INFINITY else min(hard, MOST_WANTED)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
            soft = allowed
        except (OSError, ValueError):
            pass  # the limit that there is has to do
    limit = MOST_WANTED if soft == resource.RLIM_INFINITY else soft
    if limit < FEWEST:
        raise SettingsError(
            f"the limit of open files is {limit} (ulimit -n), and the server needs {FEWEST} or more;"
            " 4096 is room for all usual numbers of viewers"
        )
    return limit


def places_within(limit: int, most: int = 0) -> int:
    """Return how many connections fit, beside what is open now; at most ``most`` if that is not 0."""
    room = max(1, limit - len(os.listdir("/proc/self/fd")) - RESERVED)
    return min(room, most) if most else room

"""The number of connections that the operating system's limit of open files allows."""

import os
import resource

from stream_online_viewer.errors import SettingsError
from stream_online_viewer.link.slot_reader import MOST_COPIED_OUT
from stream_online_viewer.link.slots import SLOTS

MOST_WANTED = 65536
"""The limit is not raised beyond this: more connections than one process can serve."""
RESERVED = 40 + SLOTS + MOST_COPIED_OUT
"""Descriptors kept free for links to ingest processes and the memory shared with them, for answers that refuse, and for
what libraries open."""
FEWEST = 64
"""Below this limit the server does not start: there would be too few places to show a page."""


def raise_limit() -> int:
    """Raise the limit of open files as far as allowed and return it.

    Raise :class:`SettingsError` if it is too low to serve anything.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = MOST_WANTED if hard == resource.RLIM_INFINITY else min(hard, MOST_WANTED)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
            soft = allowed
        except (OSError, ValueError):
            pass  # keep the present limit
    limit = MOST_WANTED if soft == resource.RLIM_INFINITY else soft
    if limit < FEWEST:
        raise SettingsError(
            f"the limit of open files is {limit} (ulimit -n), and the server needs {FEWEST} or more;"
            " 4096 is room for all usual numbers of viewers"
        )
    return limit


def places_within(limit: int, most: int = 0) -> int:
    """Return how many connections fit beside the files that are open now; at most ``most`` unless that is 0."""
    room = max(1, limit - len(os.listdir("/proc/self/fd")) - RESERVED)
    return min(room, most) if most else room

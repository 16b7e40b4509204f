"""Runs the server on a system that gives no memory to be shared; the arguments are those of ``start_server.py``."""

import sys
from errno import ENOSYS

from stream_online_viewer import start_server
from stream_online_viewer.web import supervisor


def no_slots(largest: int) -> int:
    """Fail as a system does that has no such memory."""
    raise OSError(ENOSYS, "no such memory here")


if __name__ == "__main__":
    vars(supervisor)["new_slots"] = no_slots
    sys.exit(start_server.main())

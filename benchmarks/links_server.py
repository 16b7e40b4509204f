"""The server as viewers on other machines find it, with the window that the first argument names.

``rule`` is the product's own; a number is a window that never changes. All other arguments are the server's.
"""

import sys
from pathlib import Path

RULE = "rule"


def main(window: str, arguments: list[str]) -> int:
    """Run the server."""
    from stream_online_viewer.settings import read_settings
    from stream_online_viewer.web import peers, viewer
    from stream_online_viewer.web.server import run
    from stream_online_viewer.web.window import Window

    class Fixed(Window):
        """A window of one size, which measures as the product's does."""

        __slots__ = ()
        size = property(lambda self: int(window), lambda self, size: None)

    if window != RULE:
        viewer.Window = Fixed  # type: ignore[attr-defined]
    peers.is_loopback = lambda text: False
    return run(read_settings(arguments))


if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    sys.exit(main(sys.argv[1], sys.argv[2:]))

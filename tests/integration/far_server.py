"""The server as viewers on other machines find it: none of them counts as one on the loopback interface."""

import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Run the server."""
    from stream_online_viewer.settings import read_settings
    from stream_online_viewer.web import peers
    from stream_online_viewer.web.server import run

    peers.is_loopback = lambda text: False
    return run(read_settings(arguments))


if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    sys.exit(main(sys.argv[1:]))

"""The server with an encoder that needs 200 ms for a frame; with `ingest` as first argument, its receiving process."""

import os
import sys
import time
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).resolve().parents[2])
ENCODER_SECONDS = 0.2


def ingest(arguments: list[str]) -> int:
    """Run the receiving process."""
    from stream_online_viewer.ingest import __main__ as entry
    from stream_online_viewer.ingest import lanes
    from stream_online_viewer.ingest.encode import encode_pulse

    def slow(*arguments: Any) -> Any:
        time.sleep(ENCODER_SECONDS)
        return encode_pulse(*arguments)

    vars(lanes)["encode_pulse"] = slow
    return entry.main(arguments)


def serve(arguments: list[str]) -> int:
    """Run the web process."""
    from stream_online_viewer.settings import read_settings
    from stream_online_viewer.web.server import run

    return run(read_settings(arguments), (sys.executable, "-P", __file__, "ingest"))


if __name__ == "__main__":
    if sys.argv[1:2] == ["ingest"]:
        code = ingest(sys.argv[2:])
        sys.stderr.flush()
        os._exit(code)
    sys.path[0] = ROOT
    sys.exit(serve(sys.argv[1:]))

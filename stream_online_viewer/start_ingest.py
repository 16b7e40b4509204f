"""Entry point of the ingest half: ``python stream_online_viewer/start_ingest.py STREAM --bus ... --name ...``."""

import sys
from pathlib import Path

if __package__ in (None, ""):
    # See start_server.py.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

WRONG_USE = 2


def main(arguments: list[str] | None = None) -> int:
    """Run the ingest half; return the exit code. Wrong options and missing parts end with 2 and one line."""
    try:
        from stream_online_viewer.errors import SettingsError
        from stream_online_viewer.settings import read_settings

        try:
            settings = read_settings(arguments, ingest=True)
            from stream_online_viewer.publisher.main import run

            return run(settings)
        except SettingsError as error:
            print(f"stream-online-viewer-ingest: {error}", file=sys.stderr)
            return WRONG_USE
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("stream_online_viewer"):
            raise
        print(f"stream-online-viewer-ingest: the package {error.name!r} is missing; run: make install", file=sys.stderr)
        return WRONG_USE


if __name__ == "__main__":
    sys.exit(main())

"""Entry point of the server: ``python stream_online_viewer/start_server.py [tcp://HOST:PORT]``."""

import sys
from pathlib import Path

if __package__ in (None, ""):
    # Run as a script, Python puts this folder first on the path, where it would hide other modules. Replace it by the
    # clone.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

WRONG_USE = 2


def main(arguments: list[str] | None = None) -> int:
    """Run the server; return the exit code. Wrong options and missing parts end with 2 and one line."""
    try:
        from stream_online_viewer.errors import SettingsError
        from stream_online_viewer.settings import read_settings

        try:
            settings = read_settings(arguments)
            from stream_online_viewer.web.catalogue import read_catalogue
            from stream_online_viewer.web.descriptors import raise_limit

            if settings.catalogue is not None:
                # Read again by each process that needs it; here, so that a wrong one ends the start.
                read_catalogue(settings.catalogue, settings.pipeline_server)
            # Before libraries are loaded, which need open files too.
            raise_limit()
            if settings.web_processes > 1:
                from stream_online_viewer.parent.main import run as run_several

                return run_several(settings)
            from stream_online_viewer.web.server import run

            return run(settings)
        except SettingsError as error:
            print(f"stream-online-viewer: {error}", file=sys.stderr)
            return WRONG_USE
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("stream_online_viewer"):
            raise
        print(f"stream-online-viewer: the package {error.name!r} is missing; run: make install", file=sys.stderr)
        return WRONG_USE


if __name__ == "__main__":
    sys.exit(main())

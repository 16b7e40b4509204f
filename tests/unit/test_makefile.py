"""What `make` says to those who use it."""

import subprocess
from pathlib import Path

from tests.support import deadline

MAKEFILE = Path(__file__).resolve().parents[2] / "Makefile"
BUILDER = """#!/bin/sh
mkdir -p dist
touch dist/stream_online_viewer-9.9.9-py3-none-any.whl
echo 'what pip has to say'
"""


def test_make_wheel_says_where_the_file_is(tmp_path: Path) -> None:
    """The last line has the whole path of the file; one of before does not stay beside it."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "python").write_text(BUILDER)
    (programs / "python").chmod(0o755)
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "stream_online_viewer-0.0.1-py3-none-any.whl").touch()
    # As if everything that the package is made from were there.
    command = ["make", "-f", str(MAKEFILE), "-C", str(tmp_path), "-o", "install", "wheel", f"BIN={programs}"]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=deadline(20), check=True).stdout
    lines = [line for line in shown.splitlines() if not line.startswith("make")]
    assert lines[-1] == f"The package: {tmp_path}/dist/stream_online_viewer-9.9.9-py3-none-any.whl"

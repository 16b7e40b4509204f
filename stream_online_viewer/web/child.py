"""What starting a child process needs, and how it ends."""

import os
import subprocess
from pathlib import Path

from stream_online_viewer.protocol.encodings import HUNG_CODE
from stream_online_viewer.web.suspects import signal_name

ENDING_SECONDS = 0.3

MALLOC = {
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(128 * 2**20),
    "MALLOC_ARENA_MAX": "1",
}
"""Settings that make glibc keep the memory of images, instead of returning it and getting it back page by page.

Measured: page faults took half of the time to encode an image. One arena for all threads, because the end of another
one is never returned, not even on demand; that kept 64 MB after a message that was too large.
"""


def child_environment() -> dict[str, str]:
    """Return the environment of a process that is started with a module of this package."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    return {**os.environ, "PYTHONPATH": path}


def reap(process: "subprocess.Popen[bytes]", ending: bool) -> None:
    """Wait for the end of a process. Kill it first, or after a moment if it is ending by itself."""
    if ending:
        try:
            process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            pass
    process.kill()
    process.wait()


def how_ended(code: int) -> str:
    """Return a sentence on how a process ended by itself; ``code`` is that of ``Popen``."""
    if code == HUNG_CODE:
        return "ended itself, because an encoding did not end"
    if code < 0:
        return f"was ended by {signal_name(code)}"
    return f"ended with code {code}"

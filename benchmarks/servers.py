"""The servers that ours is compared with: two floors that only write, and two others that show streams."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from benchmarks.compiled import program

ROOT = Path(__file__).resolve().parents[1]

Running = AbstractContextManager[tuple[int, int]]
"""A running server: its process and its port."""


def c_server(frame_bytes: int, rate: float) -> Running:
    """Run the server in C, which writes frames of so many bytes so often. Raise NoCompiler."""
    return _running([str(program("epoll_server")), str(frame_bytes), str(rate)], "the server in C")


def uvloop_server(frame_bytes: int, rate: float) -> Running:
    """Run the minimal server on uvloop, which writes the same."""
    return _running(_module("uvloop_server", str(frame_bytes), str(rate)), "the server on uvloop")


def naive_server(stream_port: int) -> Running:
    """Run the naive Flask server on a stream."""
    return _running(_module("flask_mjpeg", str(stream_port)), "the naive server")


def foxglove_server(stream_port: int) -> Running:
    """Run the server of foxglove-sdk on a stream. Its start raises RuntimeError where that package is missing."""
    return _running(_module("foxglove_raw", str(stream_port)), "the server of foxglove-sdk")


def _module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", f"benchmarks.{name}", *arguments]


@contextmanager
def _running(command: Sequence[str], what: str) -> Iterator[tuple[int, int]]:
    """Run a program that writes its port first. Raise RuntimeError with its last words if it ends before."""
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            output = process.stdout
            if output is None or not (line := output.readline()):
                errors.seek(0)
                reason = next(reversed(errors.read().split("\n")[:-1]), "it said nothing")
                raise RuntimeError(f"{what} did not start: {reason}")
            yield process.pid, int(line)
        finally:
            process.kill()

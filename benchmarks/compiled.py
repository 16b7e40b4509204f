"""The two programs in C, compiled on demand into a folder that is removed at the end."""

import atexit
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

SOURCES = Path(__file__).resolve().parent / "c"
COMPILERS = ("cc", "gcc", "clang")
COMPILE_SECONDS = 60.0


class NoCompiler(RuntimeError):
    """There is no working C compiler; the text says what is left out."""


@cache
def program(name: str) -> Path:
    """Return the path of a compiled program of ``c/``. Raises NoCompiler."""
    output = _folder() / name
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None:
        raise NoCompiler(f"no C compiler ({', '.join(COMPILERS)}) is there, so {name}.c cannot be used")
    command = [compiler, "-O2", "-o", str(output), str(SOURCES / f"{name}.c")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=COMPILE_SECONDS, check=False)
    if done.returncode:
        reason = next(iter(done.stderr.strip().splitlines()), f"code {done.returncode}")
        raise NoCompiler(f"{compiler} does not compile {name}.c: {reason}")
    return output


def version() -> str | None:
    """Return the first line of the compiler's version text, None without a compiler."""
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None:
        return None
    done = subprocess.run([compiler, "--version"], capture_output=True, text=True, timeout=COMPILE_SECONDS, check=False)
    return next(iter(done.stdout.splitlines()), None)


@cache
def _folder() -> Path:
    path = Path(tempfile.mkdtemp(prefix="benchmarks-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path

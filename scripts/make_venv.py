"""Make the virtual environment that the Makefile works in, or say in one line why this machine cannot.

Debian and Ubuntu ship Python without ``ensurepip`` unless ``python3-venv`` is installed. So the pip of the machine is
asked first: it installs into an environment that has none, and needs neither root nor a change to the user's packages.
"""

import platform
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

PIP = "pip>=25.1"
"""The first one that knows dependency groups."""


def missing_compiler() -> str | None:
    """Return what to do if bitshuffle has no wheel for this Python and this machine cannot compile it, else None."""
    if sys.version_info < (3, 13) and sys.platform == "linux" and platform.machine() == "x86_64":
        return None
    headers = Path(sysconfig.get_path("include"), "Python.h").is_file()
    if headers and any(shutil.which(name) for name in ("cc", "gcc", "clang")):
        return None
    here = f"Python {platform.python_version()} on {platform.machine()}"
    return (
        f"bitshuffle must be compiled for {here}, which needs a C compiler and Python's headers (Debian: apt-get "
        "install gcc python3-dev); or use Python 3.11 or 3.12 on x86-64 (make PYTHON=...), or conda: environment.yml."
    )


def make_venv(folder: Path) -> str | None:
    """Make the environment in ``folder`` with a recent pip. Return None, or one line that says what is missing."""
    python = folder / "bin" / "python"
    ways = (
        (["-m", "venv", "--clear", "--without-pip"], [sys.executable, "-m", "pip", "--python", str(python)]),
        (["-m", "venv", "--clear"], [str(python), "-m", "pip"]),
    )
    said = ""
    for create, pip in ways:
        for command in ([sys.executable, *create, str(folder)], [*pip, "install", "--quiet", "--upgrade", PIP]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                said += done.stdout + done.stderr
                break
        else:
            return None
    shutil.rmtree(folder, ignore_errors=True)
    return (
        f"{said}{sys.executable}: no virtual environment with {PIP} could be made; the reason is above (is the network "
        "there? On Debian or Ubuntu without pip: apt-get install python3-venv)."
    )


if __name__ == "__main__":
    sys.exit(missing_compiler() or make_venv(Path(sys.argv[1])))

"""Make the virtual environment of the Makefile, or print one line that says why this machine cannot.

Debian and Ubuntu ship Python without ``ensurepip`` unless ``python3-venv`` is installed. So the machine's pip is tried
first: it can install into an environment that has none, without root and without changing the user's packages.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

PIP = "pip>=25.1"
"""The first version that supports dependency groups."""


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
    parser = argparse.ArgumentParser(description="Make a virtual environment with a recent pip.")
    parser.add_argument("folder", type=Path, help="where; what is there is replaced")
    sys.exit(make_venv(parser.parse_args().folder))

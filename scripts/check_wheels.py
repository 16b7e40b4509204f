"""Check that every package has a wheel for every supported Python and architecture. Nothing is installed.

Prints the number of packages and the size of their download for each. Exits with code 1 if a wheel is missing. Needs
the package index.
"""

import argparse
import json
import platform
import subprocess
import sys
import tomllib
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
ARCHITECTURES = ("x86_64", "aarch64")
GLIBC = ("2_17", "2_24", "2_26", "2_27", "2_28", "2_34")
"""Versions of the C library for which wheels are built, up to that of Debian 12."""


def requirements() -> list[str]:
    """Return the requirements of the package at run time."""
    content = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    dependencies: list[str] = content["project"]["dependencies"]
    return dependencies


def resolve(python: str, architecture: str) -> list[dict[str, Any]]:
    """Return the packages that pip would install from wheels. Raise RuntimeError with pip's message if it cannot."""
    platforms = [f"--platform=manylinux_{glibc}_{architecture}" for glibc in GLIBC]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--report=-"]
    command += ["--target=none", "--only-binary=:all:", "--implementation=cp", f"--python-version={python}"]
    done = subprocess.run([*command, *platforms, *requirements()], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    install: list[dict[str, Any]] = json.loads(done.stdout)["install"]
    return install


def size(package: dict[str, Any]) -> int:
    """Return the size of a wheel in bytes by the index; 0 if it does not say."""
    url = package["download_info"]["url"]
    if url.startswith("file:"):
        return Path(urllib.request.url2pathname(url.removeprefix("file://"))).stat().st_size
    with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=30) as answer:
        return int(answer.headers.get("Content-Length", 0))


def main() -> int:
    """Print a line for each Python and architecture."""
    argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0]).parse_args()
    missing = 0
    for python in PYTHONS:
        for architecture in ARCHITECTURES:
            here = python == ".".join(platform.python_version_tuple()[:2]) and architecture == platform.machine()
            try:
                packages = resolve(python, architecture)
            except RuntimeError as problem:
                missing += 1
                print(f"{python} {architecture}: {problem}")
                continue
            total = sum(map(size, packages)) / 1e6
            print(f"{python} {architecture}: {len(packages)} packages, {total:.1f} MB{' (this one)' if here else ''}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())

"""Describes the machine of a measurement: processor, kernel, Python, libraries. No names of hosts or people."""

import json
import os
import platform
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import zmq

from benchmarks import compiled

LIBRARIES = (
    "bitshuffle",
    "lz4",
    "numpy",
    "pillow",
    "psi-bsread",
    "pyzmq",
    "uvicorn",
    "uvloop",
    "websockets",
    "a2wsgi",
    "flask",
    "foxglove-sdk",
)


def describe() -> dict[str, Any]:
    """Return what a reader must know of the machine to compare figures."""
    return {
        "date": date.today().isoformat(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "virtual_machine": "hypervisor" in _cpuinfo("flags").split(),
        "kernel": platform.release().split("-")[0],
        "python": platform.python_version(),
        "libzmq": zmq.zmq_version(),
        "compiler": compiled.version(),
        "libraries": {name: found for name in LIBRARIES if (found := _version(name))},
    }


def _processor() -> str:
    name = _cpuinfo("model name") or platform.machine()
    mhz = _cpuinfo("cpu MHz")
    return f"{name}, {float(mhz) / 1000:.1f} GHz" if mhz else name


def _cpuinfo(key: str) -> str:
    """Return a value of the first processor, "" if the kernel does not say."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.partition(":")[0].strip() == key), "")


if __name__ == "__main__":
    print(json.dumps(describe(), indent=2))


def _version(distribution: str) -> str | None:
    """Return the version of a package, None where it is not installed, as the facility's library may be."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None

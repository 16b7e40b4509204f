"""Run the viewer for development: changes of the page are loaded at once, and the server restarts when it has changed.

Simulator and server run as in ``demo.py``. The page is served by vite, which replaces single modules of an open page
and passes everything else on to the server. When a file of the server has changed, the server restarts and the page
connects again by itself.
"""

import argparse
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import demo

import frontend

SERVER = "start_server.py"
VIEWER_PORT = 5173
POLL_S = 0.5
SENDERS = ("simulation", "stream", "start_stream.py")
"""Needed by the simulator only."""


def sources(folder: Path) -> dict[Path, int]:
    """Return all Python files below a folder except those of the simulator, with their modification times."""
    return dict(_times(folder))


def _times(folder: Path) -> Iterator[tuple[Path, int]]:
    for path in folder.rglob("*.py"):
        if path.relative_to(folder).parts[0].removesuffix(".py") in {name.removesuffix(".py") for name in SENDERS}:
            continue
        try:
            yield path, path.stat().st_mtime_ns
        except FileNotFoundError:
            continue


def mistakes(paths: set[Path]) -> str:
    """Return the first syntax error in files, "" if there is none: a server with one would not start."""
    for path in sorted(paths):
        try:
            compile(path.read_bytes(), path, "exec")
        except (OSError, SyntaxError, ValueError) as error:
            return f"{path}: {error}"
    return ""


def watch(
    what: demo.Plan,
    processes: "dict[str, subprocess.Popen[bytes]]",
    before: dict[Path, int],
    stopped: threading.Event,
) -> None:
    """Restart the server whenever its files have changed, until ``stopped`` is set or another program ends.

    ``before`` are the files with which it was started. A server that has ended by itself is restarted at the next
    change.
    """
    folder = demo.ROOT / "stream_online_viewer"
    others = {name: process for name, process in processes.items() if name != "server"}
    while not stopped.wait(POLL_S):
        demo.check(others, patience=0.01)
        now = sources(folder)
        changed = {path for path, _ in now.items() ^ before.items()}
        if not changed:
            continue
        before = now
        if problem := mistakes(changed & now.keys()):
            print(f"dev: {problem}; the server goes on as it was", flush=True)
            continue
        print(f"dev: {', '.join(sorted(path.name for path in changed))} changed, the server starts again", flush=True)
        demo.stop({"server": processes["server"]})
        processes["server"] = demo.start(SERVER, *what.server)


def start_page(server: str, port: str) -> "subprocess.Popen[bytes]":
    """Start vite on the loopback interface; it passes requests that it cannot answer on to ``server``, a URL."""
    command, environment = frontend.development_server()
    options = ["--host", "127.0.0.1", "--port", port, "--strictPort", "--clearScreen", "false"]
    return subprocess.Popen(
        [*command, *options],
        cwd=demo.ROOT / "frontend",
        env={**environment, "VIEWER_SERVER": server},
        stdin=subprocess.DEVNULL,
        process_group=0,
    )


def run(what: demo.Plan, simulated: bool) -> None:
    """Start all programs, print the page's address, and wait until one ends or :class:`demo.Stop` is raised."""
    processes: dict[str, subprocess.Popen[bytes]] = {}
    port = str(demo.free_port(VIEWER_PORT))
    url = f"http://localhost:{port}/"
    try:
        if simulated:
            processes["simulator"] = demo.start("start_stream.py", *what.simulator)
        before = sources(demo.ROOT / "stream_online_viewer")
        processes["server"] = demo.start(SERVER, *what.server)
        demo.wait_for_page(what.url, processes)
        processes["page"] = start_page(what.url, port)
        demo.wait_for_page(url, processes)
        print(f"\n  The live picture: {url}\n  Ctrl-C ends it.\n", flush=True)
        watch(what, processes, before, threading.Event())
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        demo.stop(processes)


def main() -> int:
    simulator, server, _ = demo.read_options("Run the viewer from its sources and follow their changes.")
    try:
        what = demo.plan(simulator, server, os.environ)
        run(what, simulated=not any(urlsplit(word).scheme == "tcp" for word in server))
    except argparse.ArgumentError as error:
        print(f"dev: {error}", file=sys.stderr)
        return 2
    except frontend.FrontendError as error:
        print(error, file=sys.stderr)
        return 1
    except demo.Stop:
        print("dev: stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())

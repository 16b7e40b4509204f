"""Run the simulator and the viewer together on free ports, until Ctrl-C or until one of them ends.

Both run as separate processes, as in a real installation.
"""

import argparse
import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
STREAM_PORT = 8888
PAGE_PORT = 8080
SOURCES = ("tcp", "cam_server", "pva")
START_S = 30.0
STOP_S = 5.0


class Stop(Exception):
    """A signal asked for the end of the demo."""


def free_port(wanted: int) -> int:
    """Return ``wanted`` if it is free on all interfaces; otherwise, and for 0, another port that is free now."""
    for port in (wanted, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("", port))
            return int(probe.getsockname()[1])
    raise SystemExit("demo: no free port")


def start(program: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start an entry point of the package in its own process group, so that Ctrl-C reaches only the demo.

    ``program`` is the name of its file in the package, or of a module with a dot in front.
    """
    file = str(ROOT / "stream_online_viewer" / program)
    run = ["-m", f"stream_online_viewer{program}"] if program.startswith(".") else [file]
    return subprocess.Popen([sys.executable, *run, *arguments], cwd=ROOT, process_group=0)


def wait_for_page(url: str, processes: dict[str, subprocess.Popen[bytes]]) -> None:
    """Return when the server answers. End the demo if a process ends first or there is no answer in time."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        check(processes, patience=0.05)
        with contextlib.suppress(OSError, urllib.error.URLError), urllib.request.urlopen(f"{url}healthz", timeout=2):
            return
    raise SystemExit(f"demo: no answer from {url} within {START_S:.0f} s")


def check(processes: dict[str, subprocess.Popen[bytes]], patience: float) -> None:
    """Wait ``patience`` seconds for each process; end the demo, naming the process, if one has ended."""
    for name, process in processes.items():
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = process.wait(patience)
            raise SystemExit(f"demo: the {name} ended with code {code}, so the demo ends too")


def stop(processes: dict[str, subprocess.Popen[bytes]]) -> None:
    """Ask all processes to end, and kill those that do not."""
    for process in processes.values():
        process.terminate()
    for name, process in processes.items():
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            print(f"demo: the {name} did not stop within {STOP_S:.0f} s and was killed", file=sys.stderr)
            process.kill()
            process.wait()


@dataclass(frozen=True)
class Plan:
    """What to start: the options of both programs with their ports, and the address of the page."""

    simulator: list[str]
    server: list[str]
    url: str
    program: str = "start_stream.py"
    """What simulates the source."""


def plan(simulator: list[str], server: list[str], environment: Mapping[str, str]) -> Plan:
    """Return the plan with ports and hosts from the options, else from the environment, else with free ports."""
    sent, _ = _parser("-o", "--output-port", "--host").parse_known_args(simulator)
    served, rest = _parser("--port", "--host").parse_known_args(server)
    stream = _port(sent.output_port, STREAM_PORT)
    page = _port(served.port or environment.get("SOV_PORT"), PAGE_PORT)
    streams = [word for word in rest if word.startswith("tcp://")]
    address = [] if streams else [f"tcp://{_reachable(sent.host or '*')}:{stream}"]
    host = served.host or environment.get("SOV_HOST") or "127.0.0.1"
    # The last value of an option counts, so the values added at the end apply.
    return Plan(
        [*simulator, "-o", stream],
        [*address, *server, "--port", page],
        f"http://{_reachable(host)}:{page}/",
    )


def plan_of(source: str, simulator: list[str], server: list[str], environment: Mapping[str, str]) -> Plan:
    """Return the plan for one of :data:`SOURCES`. ``simulator`` are options for what is behind the source's name."""
    if source == "tcp":
        return plan(simulator, server, environment)
    usual = plan([], server, environment)
    rest = [word for word in usual.server if not word.startswith("tcp://")]
    ports = [str(free_port(0)) for _ in range(2)]
    if source == "pva":
        # The server finds it by its address alone: nothing is broadcast.
        os.environ |= {"EPICS_PVA_NAME_SERVERS": f"127.0.0.1:{ports[0]}", "EPICS_PVA_AUTO_ADDR_LIST": "NO"}
        options = ["--port", ports[0], *simulator]
        return Plan(options, ["pva://SIMULATION:Pva1:Image", *rest], usual.url, ".simulation.pva")
    options = ["--camera-port", ports[0], "--pipeline-port", ports[1], "--", *simulator]
    address = [f"cam_server://127.0.0.1:{ports[0]}/SIMULATION", "--pipeline-server", f"http://127.0.0.1:{ports[1]}"]
    address += ["--catalogue", f"cam_server://127.0.0.1:{ports[0]}", "--release-idle", "30"]
    return Plan(options, [*address, *rest], usual.url, ".simulation.cam_server")


def _parser(*names: str) -> argparse.ArgumentParser:
    """Return a parser for these options in all their spellings, which ignores all others."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    short = [name for name in names if not name.startswith("--")]
    for name in names:
        if name.startswith("--"):
            parser.add_argument(*(short if name == "--output-port" else ()), name)
    return parser


def _port(given: str | None, usual: int) -> str:
    """Return the given port unchanged; without one the usual port if it is free, else another."""
    return given if given is not None and given.strip("0") else str(free_port(0 if given else usual))


def _reachable(host: str) -> str:
    """Return the host under which this machine reaches an address that a program is bound to."""
    name = {"*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1", "[::]": "::1"}.get(host, host).strip("[]")
    return f"[{name}]" if ":" in name else name


def run(what: Plan) -> NoReturn:
    """Start both programs, print the page's address, and wait until one ends or :class:`Stop` is raised."""
    url = what.url
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        processes["simulator"] = start(what.program, *what.simulator)
        processes["server"] = start("start_server.py", *what.server)
        wait_for_page(url, processes)
        print(f"\n  The live picture: {url}\n  Ctrl-C stops the simulator and the server.\n", flush=True)
        while True:
            check(processes, patience=0.5)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        stop(processes)


def on_signal(number: int, frame: FrameType | None) -> NoReturn:
    raise Stop


def read_options(description: str, sources: Sequence[str] = ()) -> tuple[list[str], list[str], str]:
    """Return the options for the simulator, those for the server, and the source, of ``sources`` if there are any.

    From now on signals raise :class:`Stop`.
    """
    example = """For example: --simulator="--scene camera --rate 50" --server="--max-rate 25\""""
    parser = argparse.ArgumentParser(description=description, epilog=example)
    parser.add_argument("--simulator", default="", metavar="OPTIONS", help="options for start_stream.py, in quotes")
    parser.add_argument("--server", default="", metavar="OPTIONS", help="options for start_server.py, in quotes")
    if sources:
        text = "what is simulated: a stream, or a server that knows one by name (default: tcp)"
        parser.add_argument("--source", default=sources[0], choices=sources, help=text)
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    # The user's setting for other servers does not apply to the demo.
    os.environ.pop("SOV_STREAM", None)
    return shlex.split(options.simulator), shlex.split(options.server), getattr(options, "source", "tcp")


def main() -> int:
    text = "Show the simulated camera: starts the simulator and the server."
    simulator, server, source = read_options(text, SOURCES)
    try:
        run(plan_of(source, simulator, server, os.environ))
    except argparse.ArgumentError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    except Stop:
        print("demo: stopped")
        return 0


if __name__ == "__main__":
    sys.exit(main())

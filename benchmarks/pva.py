"""Exact pass-through of compressed images over PV Access to one viewer, as a ratio to the same images over bsread.

2560x2160 uint16 with bitshuffle + LZ4 at 50 Hz: CPU of ingest process and web process for each frame that reaches the
viewer, in turns. Needs the package p4p.
"""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial

from benchmarks.cpu import ingest_of
from benchmarks.crowd import LIFTED, LIMITS_LIFTED, WARM_UP_SECONDS, Group, Turn, crowd, watched
from benchmarks.report import Aim, Section, amount, parser, spread, undisturbed
from tests.server import running_server
from tests.simulator import running_simulator

SIZE = ("--size", "2560x2160")
RATE = ("--rate", "50")
BSREAD = ("--scene", "camera", "--mode", "pub", "--compression", "bitshuffle_lz4")
PV = "SIMULATION:Pva1:Image"
AIM = 1.3
VIEWER = Group(1, {"format": "exact"})
HEAD = ("case", "ratio", "ingest us per frame", "web us", "frames/s", "p50 ms", "others, cores")


@contextmanager
def simulated_detector() -> Iterator[tuple[int, int]]:
    """Run the simulated areaDetector; yield its process and port."""
    command = [sys.executable, "-m", "stream_online_viewer.simulation.pva", "--port", "0", *SIZE, *RATE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = "" if process.stdout is None else process.stdout.readline()
            found = re.search(r"on port (\d+) ", line)
            if found is None:
                raise RuntimeError(f"the simulated detector did not start: {line!r}")
            yield process.pid, int(found[1])
        finally:
            process.kill()


def of_server(sender: int, stream: str, environment: Mapping[str, str], seconds: float) -> Turn:
    """Measure the server with its one viewer."""
    with running_server(stream, *LIMITS_LIFTED, environment=environment) as server:
        processes = {"sender": [sender], "ingest": [ingest_of(server)], "web": [server.pid]}
        with crowd(server.port, [VIEWER], WARM_UP_SECONDS, seconds) as running:
            return watched(running, processes)


def measure(runs: int, seconds: float, wait: float) -> list[tuple[Turn, Turn]]:
    """Measure both in turns; which one is first alternates, and only the sender of that one runs."""
    pairs = []
    for run in range(runs):
        what = f"PV Access, pair {run + 1} of {runs}"
        turns: dict[str, Turn] = {}
        for name in ("pva", "bsread") if run % 2 else ("bsread", "pva"):
            if name == "pva":
                with simulated_detector() as (sender, port):
                    environment = {
                        "EPICS_PVA_NAME_SERVERS": f"127.0.0.1:{port}",
                        "EPICS_PVA_ADDR_LIST": "",
                        "EPICS_PVA_AUTO_ADDR_LIST": "NO",
                    }
                    once = partial(of_server, sender, f"pva://{PV}", environment, seconds)
                    turns[name] = undisturbed(wait, f"{what}, PVA", once)
            else:
                with running_simulator(*BSREAD, *SIZE, *RATE) as (process, port):
                    once = partial(of_server, process.pid, f"tcp://127.0.0.1:{port}", {}, seconds)
                    turns[name] = undisturbed(wait, f"{what}, bsread", once)
        pairs.append((turns["pva"], turns["bsread"]))
    return pairs


def ratios(pairs: Sequence[tuple[Turn, Turn]]) -> list[float]:
    """Return the ratio of each pair."""
    return [pva.us("ingest", "web") / bsread.us("ingest", "web") for pva, bsread in pairs]


def row(name: str, turns: Sequence[Turn], ratio: str) -> list[str]:
    """Return one row of the table."""
    return [
        name,
        ratio,
        spread([turn.us("ingest") for turn in turns], 0),
        spread([turn.us("web") for turn in turns], 0),
        spread([turn.rate for turn in turns]),
        spread([turn.groups[0].p50 for turn in turns]),
        spread([turn.disturbance for turn in turns], 2),
    ]


def main() -> int:
    """Measure what the options say."""
    given = parser(__doc__, seconds=4, runs=5).parse_args()
    runs, seconds = amount(given.runs, given.quick, 1, 5), amount(given.seconds, given.quick, 2.0, 4.0)
    section = Section("pva", "Images over PV Access to one viewer", given.json, "pva")
    section.notes = [f"2560x2160 uint16 bslz4 at 50 Hz; {runs} pairs of turns of {seconds:g} s. {LIFTED}"]
    pairs = section.attempt("PV Access", partial(measure, runs, seconds, given.wait)) or []
    rows = [
        row("PV Access", [pva for pva, _ in pairs], spread(ratios(pairs), 2)),
        row("bsread", [bsread for _, bsread in pairs], ""),
    ]
    what = "pass-through of compressed images over PV Access: CPU of both processes per delivered frame / bsread"
    section.put(
        [("", HEAD, rows if pairs else [])],
        [Aim(what, AIM, ratios(pairs), " x")],
        pairs=[{"pva": asdict(pva), "bsread": asdict(bsread)} for pva, bsread in pairs],
    )
    return section.end()


if __name__ == "__main__":
    sys.exit(main())

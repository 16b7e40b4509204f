"""Scalars only: 300 channels at 1 kHz to viewers that want every value of 50, beside a bare receive loop.

There is no image in the stream. A row is the values of one pulse; none may be lost. 50 channels are what the limits for
one viewer (64 names, 500 kB/s) leave room for.
"""

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial

from benchmarks.bare import BareTurn, of_bare_loop
from benchmarks.cpu import ingest_of
from benchmarks.crowd import LIFTED, LIMITS_LIFTED, WARM_UP_SECONDS, Group, Turn, crowd, watched
from benchmarks.report import Section, amount, parser, spread, undisturbed
from benchmarks.source import running_source
from tests.server import running_server

RATE = 1000.0
CHANNELS = 300
VIEWERS = (1, 10)
HWM = 512
WANTED = 50
EVERY = [f"SCALAR-{number:03d}" for number in range(WANTED)]
"""By name, because a viewer that wants all channels is sent at most 50 kB/s of them."""
HEAD = (
    "viewers",
    "rows/s to the bare loop",
    "rows/s received",
    "rows/s delivered to each",
    "lost before the server",
    "rows lost in the server",
    "ingest us per row",
    "web us per row",
    "bare loop us per message",
    "ingest / bare loop",
    "others, cores",
)


@dataclass
class Run:
    """One run of the server: rows a second that it received, and pulses lost on the way to it."""

    turn: Turn
    received: float
    lost: int

    @property
    def disturbance(self) -> float:
        """Cores used by others meanwhile."""
        return self.turn.disturbance

    @property
    def delivered(self) -> float:
        """Rows a second to each viewer."""
        (got,) = self.turn.groups
        return got.rows / got.viewers / self.turn.seconds

    def us(self, name: str) -> float:
        """Return the microseconds of processor time of a process for each row received."""
        return self.turn.usage.cores[name] / self.received * 1e6


def of_server(sender: int, port: int, viewers: int, seconds: float) -> Run:
    """Measure the server. Raise RuntimeError if it received nothing."""
    with running_server(port, "--mode", "sub", *LIMITS_LIFTED) as server:
        processes = {"sender": [sender], "ingest": [ingest_of(server)], "web": [server.pid]}
        with crowd(server.port, [Group(viewers, {"every": EVERY})], WARM_UP_SECONDS, seconds) as running:
            before = server.status()["source"]
            turn = watched(running, processes)
            after = server.status()["source"]
    if not after["rate"]:
        raise RuntimeError("the server received nothing")
    return Run(turn, after["rate"], after["lost"] - before["lost"])


def measure(viewers: int, runs: int, seconds: float, wait: float) -> list[tuple[Run, BareTurn]]:
    """Measure both in turns; which one is first alternates."""
    pairs = []
    with running_source(RATE, "--scalars", str(CHANNELS)) as (sender, port):
        once = partial(of_server, sender, port, viewers, seconds)
        bare = partial(of_bare_loop, sender, port, HWM, seconds)
        for run in range(runs):
            what = f"scalars to {viewers}, pair {run + 1} of {runs}"
            if run % 2:
                loop = undisturbed(wait, f"{what}, bare loop", bare)
                server = undisturbed(wait, f"{what}, server", once)
            else:
                server = undisturbed(wait, f"{what}, server", once)
                loop = undisturbed(wait, f"{what}, bare loop", bare)
            pairs.append((server, loop))
    return pairs


def row(viewers: int, pairs: Sequence[tuple[Run, BareTurn]]) -> list[str]:
    """Return the row for a number of viewers."""
    servers = [server for server, _ in pairs]
    return [
        str(viewers),
        spread([loop.rate for _, loop in pairs], 0),
        spread([server.received for server in servers], 0),
        spread([server.delivered for server in servers], 0),
        spread([float(server.lost) for server in servers], 0),
        spread([float(server.turn.groups[0].lost_rows) for server in servers], 0),
        spread([server.us("ingest") for server in servers], 0),
        spread([server.us("web") for server in servers], 0),
        spread([loop.us for _, loop in pairs], 0),
        spread([server.us("ingest") / loop.us for server, loop in pairs], 2),
        spread([server.disturbance for server in servers], 2),
    ]


def main() -> int:
    """Measure what the options say."""
    options = parser(__doc__, seconds=2, runs=5)
    options.add_argument("--viewers", action="append", type=int, metavar="N", help="may be repeated")
    given = options.parse_args()
    runs, seconds = amount(given.runs, given.quick, 1, 5), amount(given.seconds, given.quick, 2.0, 2.0)
    section = Section("scalars", "Scalars only", given.json, "scalars --viewers N")
    section.notes = [
        f"{CHANNELS} float64 channels at {RATE:g} Hz, of which {WANTED} are wanted, no image; "
        f"{runs} pairs of turns of {seconds:g} s. {LIFTED}"
    ]
    found: dict[int, list[tuple[Run, BareTurn]]] = {}
    for viewers in given.viewers or (VIEWERS[:1] if given.quick else VIEWERS):
        pairs = section.attempt(f"{viewers} viewers", partial(measure, viewers, runs, seconds, given.wait))
        if pairs is not None:
            found[viewers] = pairs
        figures = {
            str(viewers): [{"server": asdict(server), "bare_loop": asdict(loop)} for server, loop in pairs]
            for viewers, pairs in found.items()
        }
        section.put([("", HEAD, [row(viewers, pairs) for viewers, pairs in found.items()])], [], viewers=figures)
    return section.end()


if __name__ == "__main__":
    sys.exit(main())

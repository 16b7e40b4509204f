"""Exact pass-through of the largest stream to one viewer, as a ratio to the least that a receiver can do.

2560x2160 uint16 with bitshuffle_lz4 at 100 Hz from one PUB sender: CPU of both processes of the server for each frame
that reaches the viewer, and CPU of a bare receive loop for each message, in turns.
"""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial

from benchmarks.bare import BareTurn, of_bare_loop
from benchmarks.cpu import ingest_of
from benchmarks.crowd import LIFTED, LIMITS_LIFTED, WARM_UP_SECONDS, Group, Turn, crowd, watched
from benchmarks.report import Aim, Section, amount, parser, spread, undisturbed
from tests.server import running_server
from tests.simulator import running_simulator

STREAM = ("--scene", "camera", "--mode", "pub", "--size", "2560x2160", "--compression", "bitshuffle_lz4")
RATE = 100
HWM = 16
AIM = 3.0
VIEWER = Group(1, {"format": "exact"})
HEAD = (
    "case",
    "both processes / bare loop",
    "ingest us per frame",
    "web us",
    "bare loop us per message",
    "its page faults",
    "frames/s",
    "p50 ms",
    "p99 ms",
    "p50 from the stamp, ms",
    "others, cores",
)


def of_server(sender: int, port: int, seconds: float) -> Turn:
    """Measure the server with its one viewer."""
    with running_server(port, "--mode", "sub", *LIMITS_LIFTED) as server:
        processes = {"sender": [sender], "ingest": [ingest_of(server)], "web": [server.pid]}
        with crowd(server.port, [VIEWER], WARM_UP_SECONDS, seconds) as running:
            return watched(running, processes)


def measure(runs: int, seconds: float, wait: float) -> list[tuple[Turn, BareTurn]]:
    """Measure both in turns; which one is first alternates."""
    pairs = []
    with running_simulator(*STREAM, "--rate", str(RATE)) as (sender, port):
        once = partial(of_server, sender.pid, port, seconds)
        bare = partial(of_bare_loop, sender.pid, port, HWM, seconds)
        for run in range(runs):
            what = f"pass-through, pair {run + 1} of {runs}"
            if run % 2:
                loop = undisturbed(wait, f"{what}, bare loop", bare)
                server = undisturbed(wait, f"{what}, server", once)
            else:
                server = undisturbed(wait, f"{what}, server", once)
                loop = undisturbed(wait, f"{what}, bare loop", bare)
            pairs.append((server, loop))
    return pairs


def ratios(pairs: Sequence[tuple[Turn, BareTurn]]) -> list[float]:
    """Return the ratio of each pair."""
    return [server.us("ingest", "web") / loop.us for server, loop in pairs]


def row(pairs: Sequence[tuple[Turn, BareTurn]]) -> list[str]:
    """Return the row of the table."""
    servers = [server for server, _ in pairs]
    return [
        f"{RATE} Hz, 1 viewer",
        spread(ratios(pairs), 2),
        spread([server.us("ingest") for server in servers], 0),
        spread([server.us("web") for server in servers], 0),
        spread([loop.us for _, loop in pairs], 0),
        spread([loop.faults for _, loop in pairs], 0),
        spread([server.rate for server in servers]),
        spread([server.groups[0].p50 for server in servers]),
        spread([server.groups[0].p99 for server in servers]),
        spread([server.groups[0].stamp_p50 for server in servers]),
        spread([server.disturbance for server in servers], 2),
    ]


def main() -> int:
    """Measure what the options say."""
    given = parser(__doc__, seconds=3, runs=5).parse_args()
    runs, seconds = amount(given.runs, given.quick, 1, 5), amount(given.seconds, given.quick, 2.0, 3.0)
    section = Section("passthrough", "Exact pass-through to one viewer", given.json, "passthrough")
    section.notes = [f"2560x2160 uint16 bitshuffle_lz4; {runs} pairs of turns of {seconds:g} s. {LIFTED}"]
    pairs = section.attempt("pass-through", partial(measure, runs, seconds, given.wait)) or []
    what = (
        "exact pass-through of that stream to 1 viewer: CPU of both processes per delivered frame / bare receive loop"
    )
    section.put(
        [("", HEAD, [row(pairs)] if pairs else [])],
        [Aim(what, AIM, ratios(pairs), " x")],
        pairs=[{"server": asdict(server), "bare_loop": asdict(loop)} for server, loop in pairs],
    )
    return section.end()


if __name__ == "__main__":
    sys.exit(main())

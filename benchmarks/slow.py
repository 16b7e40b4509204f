"""The effect of slow viewers on fast ones, and the age of their own images.

Twenty viewers that read as fast as they can watch 300 KB at 100 Hz, in turns alone and beside one viewer that stopped
reading, one that reads 10 MB/s and one that reads 1 MB/s. The frame time of a slow viewer is the time for its bytes at
its speed; staleness is the age of an image, since its receipt by the server, when it is complete.
"""

import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial

from benchmarks.cpu import ingest_of
from benchmarks.crowd import LIFTED, LIMITS_LIFTED, STOPPED, WARM_UP_SECONDS, Got, Group, Turn, crowd, watched
from benchmarks.report import Aim, Section, amount, parser, spread, undisturbed
from benchmarks.source import running_source
from tests.server import running_server

RATE = 100.0
IMAGE = "600x500"
WANT = {"format": "raw", "every": False}
FAST = Group(20, WANT)
SPEEDS = {"10 MB/s": 10e6, "1 MB/s": 1e6}
SLOW = [Group(1, WANT, STOPPED), *(Group(1, WANT, speed) for speed in SPEEDS.values())]
WITHIN = 0.10
FRAME_TIMES = 2.0
HEAD = ("viewers", "images/s each", "least", "p50 ms", "p99 ms", "staleness in frame times")

Pair = tuple[Turn, Turn]


def measure(runs: int, seconds: float, wait: float) -> list[Pair]:
    """Return pairs of turns: the fast ones alone, and beside the slow ones."""
    pairs = []
    with running_source(RATE, "--image", IMAGE) as (sender, port):
        with running_server(port, "--mode", "sub", *LIMITS_LIFTED) as server:
            processes = {"sender": [sender], "ingest": [ingest_of(server)], "web": [server.pid]}

            def turn(groups: Sequence[Group]) -> Turn:
                with crowd(server.port, groups, WARM_UP_SECONDS, seconds) as running:
                    return watched(running, processes)

            for run in range(runs):
                what = f"slow viewers, pair {run + 1} of {runs}"
                alone = undisturbed(wait, f"{what}, without", partial(turn, [FAST]))
                beside = undisturbed(wait, f"{what}, with", partial(turn, [FAST, *SLOW]))
                pairs.append((alone, beside))
    return pairs


def frame_times(turns: Sequence[Turn], at: int, speed: float) -> list[float]:
    """Return the staleness of a slow viewer, the ``at``-th group, at the 99th percentile, in frame times."""
    return [
        got.p99 * 1e-3 / (got.bytes / got.frames / speed)
        for turn in turns
        if (got := turn.groups[at]).frames and got.p99 is not None
    ]


def rows(pairs: Sequence[Pair]) -> list[list[str]]:
    """Return the lines of the table."""
    beside = [turn for _, turn in pairs]
    lines = [
        _row("20 fast, alone", [turn.groups[0] for turn, _ in pairs], [turn.seconds for turn, _ in pairs], ""),
        _row("20 fast, beside the slow ones", [turn.groups[0] for turn in beside], [t.seconds for t in beside], ""),
    ]
    for at, (name, speed) in enumerate(SPEEDS.items(), start=2):
        times = spread(frame_times(beside, at, speed), 2)
        lines.append(_row(f"1 at {name}", [turn.groups[at] for turn in beside], [t.seconds for t in beside], times))
    lines.append(_row("1 that stopped", [turn.groups[1] for turn in beside], [t.seconds for t in beside], ""))
    return lines


def _row(name: str, groups: Sequence[Got], seconds: Sequence[float], times: str) -> list[str]:
    each = list(zip(groups, seconds, strict=True))
    return [
        name,
        spread([got.frames / got.viewers / took for got, took in each]),
        spread([got.least / took for got, took in each]),
        spread([got.p50 for got in groups]),
        spread([got.p99 for got in groups]),
        times,
    ]


def aims(pairs: Sequence[Pair]) -> list[Aim]:
    """Return what came of the aims."""
    rates = [
        beside.groups[0].frames / beside.seconds / (alone.groups[0].frames / alone.seconds) for alone, beside in pairs
    ]
    p99 = [
        beside.groups[0].p99 / alone.groups[0].p99
        for alone, beside in pairs
        if beside.groups[0].p99 is not None and alone.groups[0].p99
    ]
    beside = [turn for _, turn in pairs]
    return [
        Aim("rate of 20 fast viewers beside slow ones / alone", 1 - WITHIN, rates, " x", "at least"),
        Aim("p99 of 20 fast viewers beside slow ones / alone", 1 + WITHIN, p99, " x"),
        *(
            Aim(f"staleness of the viewer at {name}, p99", FRAME_TIMES, frame_times(beside, at, speed), " frame times")
            for at, (name, speed) in enumerate(SPEEDS.items(), start=2)
        ),
    ]


def main() -> int:
    """Measure what the options say."""
    given = parser(__doc__, seconds=5, runs=5).parse_args()
    runs, seconds = amount(given.runs, given.quick, 1, 5), amount(given.seconds, given.quick, 3.0, 5.0)
    section = Section("slow", "Slow viewers beside fast ones", given.json, "slow")
    section.notes = [f"300 KB at {RATE:g} Hz; {runs} pairs of turns of {seconds:g} s. {LIFTED}"]
    pairs = section.attempt("slow viewers", partial(measure, runs, seconds, given.wait)) or []
    if pairs:
        alone = statistics.median(turn.load_cores for turn, _ in pairs)
        section.notes.append(f"The program of the viewers used {alone:.2f} cores for the 20 fast ones.")
    section.put(
        [("", HEAD, rows(pairs) if pairs else [])],
        aims(pairs),
        pairs=[{"alone": asdict(alone), "beside": asdict(beside)} for alone, beside in pairs],
    )
    return section.end()


if __name__ == "__main__":
    sys.exit(main())

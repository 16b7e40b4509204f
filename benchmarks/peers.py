"""Two other servers that show the facility's stream beside this one, with 1 and 50 viewers.

The facility's stream is 640x480 float64 with its scalars at 10 Hz. Beside our preview, our exact image and our float32
there are a Flask server with MJPEG (8 bit, lossy) and foxglove-sdk with raw float32. In each turn one server is
started, watched and ended, and no other runs, because it would receive and encode the stream meanwhile. CPU is that of
all processes of a server for each image that reached a viewer.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from benchmarks.cpu import ingest_of
from benchmarks.crowd import (
    LIFTED,
    LIMITS_LIFTED,
    PREVIEW,
    WARM_UP_SECONDS,
    Group,
    Turn,
    crowd,
    open_many_files,
    peers_crowd,
    watched,
)
from benchmarks.report import FAULTS, Aim, Section, amount, parser, say, spread, undisturbed
from benchmarks.servers import Running, foxglove_server, naive_server
from tests.server import running_server
from tests.simulator import running_simulator

RATE = 10.0
STREAM = ("--rate", "10", "--mode", "pub")
PEERS_WARM_UP_SECONDS = 2.0
"""The facility's library connects when it likes."""
WANTS: Mapping[str, Mapping[str, Any]] = {
    "ours, preview": PREVIEW,
    "ours, exact": {"format": "exact"},
    "ours, float32": {"format": "float32"},
}
FLASK, FOXGLOVE = "Flask MJPEG", "foxglove raw float32"
PEERS: Mapping[str, tuple[Callable[[int], Running], str]] = {
    FLASK: (naive_server, "mjpeg_load"),
    FOXGLOVE: (foxglove_server, "foxglove_load"),
}
"""How each is started, and the program of its viewers."""
SIDES = (*WANTS, *PEERS)
CASES = {"1 viewer": 1, "50 viewers": 50}
QUICK = ("1 viewer",)
AIMS = (
    ("1 viewer", "ours, preview", FLASK, 1.3),
    ("50 viewers", "ours, preview", FLASK, 0.8),
    ("1 viewer", "ours, exact", FOXGLOVE, 1.4),
    ("1 viewer", "ours, float32", FOXGLOVE, 1.1),
)
"""Case, our side, the peer, and the most that the ratio of the processor times should be."""
AIM_P50 = 1.3


@dataclass
class Peers:
    """What came of one number of viewers: the turns of each side, run by run, and why a side has none."""

    turns: dict[str, list[Turn]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def pairs(self, ours: str, peer: str) -> list[tuple[Turn, Turn]]:
        """Return the turns of one of our sides and of a peer, run by run."""
        return list(zip(self.turns.get(ours, []), self.turns.get(peer, []), strict=False))

    def ratios(self, ours: str, peer: str) -> list[float]:
        """Return the processor time for each delivered image as a ratio to that of a peer, for each run."""
        return [cost(mine) / cost(theirs) for mine, theirs in self.pairs(ours, peer)]

    def p50_ratios(self, ours: str, peer: str) -> list[float]:
        """Return the median time from the stamp as a ratio to that of a peer, for each run."""
        times = [(mine.groups[0].stamp_p50, theirs.groups[0].stamp_p50) for mine, theirs in self.pairs(ours, peer)]
        return [mine / theirs for mine, theirs in times if mine is not None and theirs]


def cost(turn: Turn) -> float:
    """Return the microseconds of processor time of a whole server for each image that reached a viewer."""
    return turn.us(*(name for name in ("web", "ingest", "server") if name in turn.usage.cores))


def turn(name: str, source: tuple[int, int], viewers: int, seconds: float) -> Turn:
    """Run one server and its viewers. Raise RuntimeError if none of them got an image."""
    sender, port = source
    if name in WANTS:
        with running_server(port, "--mode", "sub", *LIMITS_LIFTED) as server:
            processes = {"sender": [sender], "ingest": [ingest_of(server)], "web": [server.pid]}
            with crowd(server.port, [Group(viewers, WANTS[name])], WARM_UP_SECONDS, seconds) as running:
                result = watched(running, processes)
    else:
        start, load = PEERS[name]
        with start(port) as (pid, own):
            with peers_crowd(load, own, viewers, PEERS_WARM_UP_SECONDS, seconds) as running:
                result = watched(running, {"sender": [sender], "server": [pid]})
    if not result.frames:
        raise RuntimeError("no image reached a viewer")
    return result


def measure(case: str, runs: int, seconds: float, wait: float) -> Peers:
    """Let all sides take turns; the order alternates. A side that fails is noted and left out from then on."""
    found = Peers()
    with running_simulator(*STREAM) as (sender, port):
        for run in range(runs):
            for name in SIDES if run % 2 == 0 else reversed(SIDES):
                if name in found.missing:
                    continue
                what = f"{case}, {name}, run {run + 1} of {runs}"
                once = partial(turn, name, (sender.pid, port), CASES[case], seconds)
                try:
                    found.turns.setdefault(name, []).append(undisturbed(wait, what, once))
                except FAULTS as problem:
                    found.missing[name] = " ".join(str(problem).split())[:200] or type(problem).__name__
                    say(f"{what} failed: {found.missing[name]}")
    return found


HEAD = (
    "case",
    "side",
    "CPU ms per delivered image",
    "web, ingest ms",
    "/ Flask MJPEG",
    "/ foxglove",
    "images/s each",
    "MB",
    "p50 from the stamp, ms",
    "p99",
    "load, cores",
    "others, cores",
)


def rows(case: str, found: Peers) -> list[list[str]]:
    """Return a row for each side; a side that has not run says what it misses."""
    result = []
    for name in SIDES:
        turns = found.turns.get(name, [])
        if not turns:
            why = found.missing.get(name)
            result.append([case, name, "not run" if why is None else f"not run: {why}", *[""] * (len(HEAD) - 3)])
            continue
        halves = ("web", "ingest") if name in WANTS else ()
        result.append(
            [
                case,
                name,
                spread([cost(one) / 1e3 for one in turns], 2),
                ", ".join(spread([one.us(half) / 1e3 for one in turns], 2) for half in halves),
                *("" if name == peer else spread(found.ratios(name, peer), 2) for peer in PEERS),
                spread([one.rate for one in turns]),
                f"{turns[0].frame_bytes / 1e6:.3g}",
                spread([one.groups[0].stamp_p50 for one in turns]),
                spread([one.groups[0].stamp_p99 for one in turns]),
                spread([one.load_cores for one in turns], 2),
                spread([one.disturbance for one in turns], 2),
            ]
        )
    return result


def aims(names: Iterable[str], found: Mapping[str, Peers]) -> list[Aim]:
    """Return the results for the aims of some cases."""
    result = []
    for case, mine, peer, limit in AIMS:
        if case in names:
            peers = found.get(case, Peers())
            what = f"facility's stream, {case}: {mine} / {peer}"
            result.append(Aim(f"{what}, CPU per delivered image", limit, peers.ratios(mine, peer), " x"))
            if peer == FLASK:
                ratios = peers.p50_ratios(mine, peer)
                result.append(Aim(f"{what}, p50 from the stamp", AIM_P50, ratios, " x"))
    return result


def main() -> int:
    """Measure what the options say."""
    options = parser(__doc__, seconds=4, runs=5)
    options.add_argument("--case", action="append", choices=CASES, help="only this one; may be repeated")
    given = options.parse_args()
    runs, seconds = amount(given.runs, given.quick, 1, 5), amount(given.seconds, given.quick, 2.0, 4.0)
    open_many_files()
    section = Section("peers", "The facility's stream shown by others", given.json, "peers --case CASE")
    section.notes = [
        f"640x480 float64 with scalars, {RATE:g} Hz; {runs} rounds of turns of {seconds:g} s, of one server at a time. "
        f"{LIFTED} A preview is for a picture of 1000 x 700 pixels."
    ]
    found: dict[str, Peers] = {}
    names = given.case or (QUICK if given.quick else tuple(CASES))
    for case in names:
        peers = section.attempt(case, partial(measure, case, runs, seconds, given.wait))
        if peers is not None:
            found[case] = peers
            section.failed += [f"{case}, {side}: {why}" for side, why in peers.missing.items() if side in WANTS]
        section.put(
            [("", HEAD, [row for name, done in found.items() for row in rows(name, done)])],
            aims(names, found),
            cases={name: asdict(done) for name, done in found.items()},
        )
    return section.end()


if __name__ == "__main__":
    sys.exit(main())

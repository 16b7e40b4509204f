"""The same viewers on this server, on the floors and on a naive server, in turns with the same source.

The floors are the least that a server can do, in C and on uvloop. This server also receives during the turns of the
others, so that all have the same load around them.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from benchmarks.compiled import NoCompiler
from benchmarks.cpu import ingest_of
from benchmarks.crowd import LIMITS_LIFTED, WARM_UP_SECONDS, Group, Turn, crowd, peers_crowd, watched
from benchmarks.report import FAULTS, say, spread, undisturbed
from benchmarks.servers import Running, c_server, naive_server, uvloop_server
from tests.server import running_server

C = "server in C"
UVLOOP = "server on uvloop"
FLOORS: Mapping[str, Callable[[int, float], Running]] = {C: c_server, UVLOOP: uvloop_server}
NAIVE = "naive Flask"
NAIVE_WARM_UP_SECONDS = 2.0
LOADED = 0.85
"""Cores of the load program from which on it may be the bottleneck."""


@dataclass
class Sides:
    """Compares one number of viewers at one source.

    ``source`` is process and port of the sender, ``rate`` its images a second; ``wants`` are our own sides by name. The
    floors send frames as long as those of the first of them. ``turns`` holds what was measured, in the order of time;
    ``missing`` says why a side has none.
    """

    what: str
    source: tuple[int, int]
    rate: float
    viewers: int
    wants: Mapping[str, Mapping[str, Any]]
    seconds: float
    wait: float
    turns: dict[str, list[Turn]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def compare(self, runs: int, with_c: bool, naive_runs: int, with_uvloop: bool = False) -> "Sides":
        """Measure everything.

        Raise what the first turn of our server raises; failures of others are noted as missing.
        """
        first = next(iter(self.wants))
        sender, port = self.source
        with ExitStack() as stack:
            server = stack.enter_context(running_server(port, "--mode", "sub", *LIMITS_LIFTED))
            around = {"sender": [sender], "ingest": [ingest_of(server)], "web": [server.pid]}
            makers = {
                name: partial(self._turn, server.port, Group(self.viewers, want), around)
                for name, want in self.wants.items()
            }
            self.turns[first] = [undisturbed(self.wait, f"{self.what}, {first}, run 1 of {runs}", makers[first])]
            length = round(self.turns[first][0].frame_bytes)
            for floor in (name for name, wanted in ((C, with_c), (UVLOOP, with_uvloop)) if wanted):
                try:
                    pid, own = stack.enter_context(FLOORS[floor](length, self.rate))
                except (NoCompiler, *FAULTS) as problem:
                    self.missing[floor] = str(problem)
                else:
                    makers[floor] = partial(self._turn, own, Group(self.viewers, {}), {**around, "server": [pid]})
            for run in range(runs):
                # The order alternates, so that no side always comes after a pause.
                for name in list(makers) if run % 2 == 0 else reversed(list(makers)):
                    if run or name != first:
                        self._try(name, f"run {run + 1} of {runs}", makers)
        for run in range(naive_runs):
            self._try(NAIVE, f"run {run + 1} of {naive_runs}", {NAIVE: self._naive_turn})
        return self

    def _try(self, name: str, which: str, makers: Mapping[str, Any]) -> None:
        if name in self.missing:
            return
        try:
            turn = undisturbed(self.wait, f"{self.what}, {name}, {which}", makers[name])
            if not turn.frames:
                raise RuntimeError("no image reached a viewer")
        except FAULTS as problem:
            self.missing[name] = " ".join(str(problem).split())[:200] or type(problem).__name__
            say(f"{self.what}, {name} failed: {self.missing[name]}")
        else:
            self.turns.setdefault(name, []).append(turn)

    def _turn(self, port: int, group: Group, processes: Mapping[str, Sequence[int]]) -> Turn:
        with crowd(port, [group], WARM_UP_SECONDS, self.seconds) as running:
            return watched(running, processes)

    def _naive_turn(self) -> Turn:
        sender, port = self.source
        with (
            naive_server(port) as (pid, own),
            peers_crowd("mjpeg_load", own, self.viewers, NAIVE_WARM_UP_SECONDS, self.seconds) as running,
        ):
            return watched(running, {"sender": [sender], "server": [pid]})

    def ratios(self, name: str, floor: str = C) -> list[float]:
        """Return CPU for each delivered image as a ratio to a floor, for each pair of turns.

        Of our own server it is that of the web process. The naive server has turns of its own, after all the pairs.
        """
        process = "web" if name in self.wants else "server"
        least = [turn.us("server") for turn in self.turns.get(floor, [])]
        turns = self.turns.get(name, [])
        if name == NAIVE and least:
            return [turn.us(process) / statistics.median(least) for turn in turns]
        return [turn.us(process) / us for turn, us in zip(turns, least, strict=False)]

    def p99_ratios(self, name: str) -> list[float]:
        """Return the 99th percentile of the times from receipt as a ratio to that of the server in C, for each pair."""
        pairs = zip(self.turns.get(name, []), self.turns.get(C, []), strict=False)
        times = [(ours.groups[0].p99, in_c.groups[0].p99) for ours, in_c in pairs]
        return [ours / in_c for ours, in_c in times if ours is not None and in_c]

    def rows(self, case: str) -> list[list[str]]:
        """Return a row for each side; a side without figures says why."""
        result = []
        for name in (*self.wants, *FLOORS, NAIVE):
            turns = self.turns.get(name, [])
            if turns:
                result.append([case, name, *self._cells(name, turns)])
            elif name in self.missing:
                result.append([case, name, self.missing[name], *[""] * (len(HEAD) - 3)])
        return result

    def _cells(self, name: str, turns: Sequence[Turn]) -> list[str]:
        ours = name in self.wants
        return [
            spread([turn.us("web" if ours else "server") for turn in turns], 1),
            "" if name == C else spread(self.ratios(name), 2),
            "" if name in FLOORS else spread(self.ratios(name, UVLOOP), 2),
            spread([turn.us("ingest") for turn in turns], 1) if ours else "",
            spread([turn.rate for turn in turns]),
            f"{turns[0].frame_bytes / 1e6:.3g}",
            spread([turn.mbit for turn in turns], 0),
            spread([turn.groups[0].p50 for turn in turns]),
            spread([turn.groups[0].p99 for turn in turns]),
            spread([turn.groups[0].stamp_p50 for turn in turns]),
            spread([turn.load_cores for turn in turns], 2)
            + (" (the load may be the limit)" if max(turn.load_cores for turn in turns) > LOADED else ""),
            spread([turn.disturbance for turn in turns], 2),
        ]

    def figures(self) -> dict[str, Any]:
        """Return everything, for the file."""
        return {
            "rate": self.rate,
            "viewers": self.viewers,
            "seconds": self.seconds,
            "sides": {name: [asdict(turn) for turn in turns] for name, turns in self.turns.items()},
            "missing": self.missing,
        }


HEAD = (
    "case",
    "side",
    "us per delivered image",
    "/ C",
    "/ uvloop",
    "ingest us",
    "images/s each",
    "MB",
    "Mbit/s",
    "p50 ms",
    "p99 ms",
    "p50 from the stamp, ms",
    "load, cores",
    "others, cores",
)

"""The same viewers on this server, on the server in C and on a naive one, in turns with the same source.

This server also receives during the turns of the others, so that all have the same load around them.
"""

import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from benchmarks.compiled import NoCompiler
from benchmarks.cpu import ingest_of
from benchmarks.crowd import LIMITS_LIFTED, ROOT, WARM_UP_SECONDS, Group, Turn, c_server, crowd, mjpeg_crowd, watched
from benchmarks.report import FAULTS, say, spread, undisturbed
from tests.server import running_server

C = "server in C"
NAIVE = "naive Flask"
NAIVE_WARM_UP_SECONDS = 2.0
LOADED = 0.85
"""Cores of the load program from which on it may be the bottleneck."""


@dataclass
class Sides:
    """Compares one number of viewers at one source.

    ``source`` is process and port of the sender, ``rate`` its images a second; ``wants`` are our own sides by name. The
    server in C sends frames as long as those of the first of them. ``turns`` holds what was measured, in the order of
    time; ``missing`` says why a side has none.
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

    def compare(self, runs: int, with_c: bool, naive_runs: int) -> "Sides":
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
            if with_c:
                try:
                    length = round(self.turns[first][0].frame_bytes)
                    pid, c_port = stack.enter_context(c_server(length, self.rate))
                except (NoCompiler, *FAULTS) as problem:
                    self.missing[C] = str(problem)
                else:
                    makers[C] = partial(self._turn, c_port, Group(self.viewers, {}), {**around, "server": [pid]})
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
            mjpeg_crowd(own, self.viewers, NAIVE_WARM_UP_SECONDS, self.seconds) as running,
        ):
            return watched(running, {"sender": [sender], "server": [pid]})

    def ratios(self, name: str) -> list[float]:
        """Return CPU for each delivered image as a ratio to the server in C, for each pair of turns.

        Of our own server it is that of the web process. The naive server has turns of its own, after all the pairs.
        """
        in_c = [turn.us("server") for turn in self.turns.get(C, [])]
        turns = self.turns.get(name, [])
        if name == NAIVE and in_c:
            return [turn.us("server") / statistics.median(in_c) for turn in turns]
        return [turn.us("web") / us for turn, us in zip(turns, in_c, strict=False)]

    def rows(self, case: str) -> list[list[str]]:
        """Return a row for each side; a side without figures says why."""
        result = []
        for name in (*self.wants, C, NAIVE):
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


@contextmanager
def naive_server(port: int) -> Iterator[tuple[int, int]]:
    """Run the naive server on the stream at ``port``; yield its process and its port."""
    command = [sys.executable, "-m", "benchmarks.flask_mjpeg", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            output = process.stdout
            if output is None or not (line := output.readline()):
                raise RuntimeError("the naive server did not start")
            yield process.pid, int(line)
        finally:
            process.kill()

"""The price of several web processes: processor time for each image delivered, against one web process.

Two servers receive the same stream. The same viewers watch one and then the other, in turns whose order alternates.
What is compared is the whole server: parent, web processes and ingest process. What several processes gain on a machine
with more cores is not measured here.
"""

import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from benchmarks.cpu import ingest_of
from benchmarks.crowd import LIFTED, LIMITS_LIFTED, WARM_UP_SECONDS, Group, Turn, crowd, open_many_files, watched
from benchmarks.report import Aim, Section, amount, parser, spread, undisturbed
from benchmarks.source import running_source
from tests.server import ServerProcess, running_server

WANT = {"format": "raw", "every": False}
LIMIT = 1.1


@dataclass(frozen=True)
class Case:
    """Images of ``size`` (columns x rows, a byte each), how often, to how many."""

    size: str
    rate: float
    viewers: int


CASES = {
    "40 KB, 25 Hz, 100 viewers": Case("200x200", 25, 100),
    "40 KB, 25 Hz, 400 viewers": Case("200x200", 25, 400),
    "40 KB, 25 Hz, 1000 viewers": Case("200x200", 25, 1000),
    "300 KB, 100 Hz, 50 viewers": Case("600x500", 100, 50),
}
QUICK = ("40 KB, 25 Hz, 100 viewers",)
HEAD = ("case", "web processes", "us per image", "web", "ingest", "/ one", "images/s each", "p99 ms", "viewers of each")


@dataclass
class Compared:
    """The turns of one case, by the number of web processes, and how many viewers each process had in the last one."""

    turns: dict[int, list[Turn]] = field(default_factory=lambda: {1: [], 2: []})
    shared: list[int] = field(default_factory=list)

    def ratios(self) -> list[float]:
        """Return the processor time of two processes for each image as a ratio to one, for each pair of turns."""
        return [
            two.us("web", "ingest") / one.us("web", "ingest")
            for one, two in zip(self.turns[1], self.turns[2], strict=True)
        ]

    def rows(self, case: str) -> list[list[str]]:
        """Return a row for each number of processes."""
        return [
            [
                case,
                str(number),
                spread([turn.us("web", "ingest") for turn in turns]),
                spread([turn.us("web") for turn in turns]),
                spread([turn.us("ingest") for turn in turns]),
                spread(self.ratios(), 2) if number == 2 else "",
                spread([turn.rate for turn in turns]),
                spread([turn.groups[0].p99 for turn in turns]),
                " + ".join(map(str, self.shared)) if number == 2 else str(turns[0].groups[0].viewers),
            ]
            for number, turns in self.turns.items()
        ]

    def figures(self) -> dict[str, Any]:
        """Return everything, for the file."""
        return {
            "turns": {str(number): [asdict(turn) for turn in turns] for number, turns in self.turns.items()},
            "shared": self.shared,
        }


def measure(name: str, runs: int, seconds: float, wait: float) -> Compared:
    """Measure one case."""
    case, compared = CASES[name], Compared()
    with ExitStack() as stack:
        _, port = stack.enter_context(running_source(case.rate, "--image", case.size))
        servers = {
            number: stack.enter_context(
                running_server(port, "--mode", "sub", *LIMITS_LIFTED, "--web-processes", str(number))
            )
            for number in compared.turns
        }
        processes = {number: _processes(server) for number, server in servers.items()}
        for run in range(runs):
            for number in (1, 2) if run % 2 == 0 else (2, 1):
                one_turn = partial(_turn, servers[number], case.viewers, seconds, processes[number], compared)
                what = f"{name}, {number} web processes, run {run + 1} of {runs}"
                compared.turns[number].append(undisturbed(wait, what, one_turn))
    return compared


def _processes(server: ServerProcess) -> dict[str, Sequence[int]]:
    """Return what counts as web process, the parent among it, and as ingest process."""
    ingest = ingest_of(server)
    web = [process["pid"] for process in server.status().get("web_processes", {"answered": []})["answered"]]
    return {"web": [server.pid, *web], "ingest": [ingest]}


def _turn(
    server: ServerProcess, viewers: int, seconds: float, processes: Mapping[str, Sequence[int]], compared: Compared
) -> Turn:
    def note() -> None:
        # On a busy machine there may be no answer in time; another turn has one.
        with suppress(AssertionError):
            answered = server.status().get("web_processes", {"answered": []})["answered"]
            if answered:
                compared.shared = [process["viewers"] for process in answered]

    # Beside the measurement, which begins at the same moment.
    noting = threading.Thread(target=note)
    with crowd(server.port, [Group(viewers, WANT)], WARM_UP_SECONDS, seconds) as running:
        turn = watched(running, processes, noting.start)
    noting.join()
    return turn


def main() -> int:
    """Measure what the options say."""
    options = parser(__doc__, seconds=2, runs=5)
    options.add_argument("--case", action="append", choices=CASES, help="only this one; may be repeated")
    given = options.parse_args()
    runs, seconds = amount(given.runs, given.quick, 1, 5), amount(given.seconds, given.quick, 1.5, 2.0)
    open_many_files()
    section = Section("processes", "Two web processes against one", given.json, "processes --case CASE")
    section.notes = [f"{runs} pairs of turns of {seconds:g} s. {LIFTED} What more cores give is not measured here."]
    found: dict[str, Compared] = {}
    names = given.case or (QUICK if given.quick else CASES)
    for name in names:
        compared = section.attempt(name, partial(measure, name, runs, seconds, given.wait))
        if compared is not None:
            found[name] = compared
        section.put(
            [("", HEAD, [row for case, one in found.items() for row in one.rows(case)])],
            [
                Aim(
                    f"CPU of the server per delivered frame, 2 web processes / 1: {case}",
                    LIMIT,
                    found[case].ratios() if case in found else [],
                    " x",
                )
                for case in names
            ],
            cases={case: one.figures() for case, one in found.items()},
        )
    return section.end()


if __name__ == "__main__":
    sys.exit(main())

"""The cost of one more viewer: processor time of the web process for each image delivered, and of two floors.

The floors are a server in C and, where there is an aim, one on uvloop; they only write, and hear acknowledgements.

Images of noise, sent unchanged (format raw), so each frame has the size that its case names. All viewers acknowledge
each frame. Server, viewers and sender share this machine; all limits of the server are lifted.
"""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from benchmarks.crowd import LIFTED, open_many_files
from benchmarks.report import Aim, Section, amount, parser
from benchmarks.sides import HEAD, Sides
from benchmarks.source import running_source

AT_THE_ENDS = 0.02
RAW = {"raw": {"format": "raw", "every": False}}


@dataclass(frozen=True)
class Case:
    """Images of ``size`` (columns x rows, a byte each), how often, to how many; the aims as ratios to the server in C.

    ``aim`` is that of the processor time, ``aim_p99`` that of the latency, of a case that must keep its rate as well.
    The naive server has a turn where it has a chance, at most a hundred viewers.
    """

    size: str
    rate: float
    viewers: int
    aim: float | None = None
    aim_p99: float | None = None
    naive: int = 0


CASES = {
    "40 KB, 25 Hz, 1 viewer": Case("200x200", 25, 1, naive=1),
    "40 KB, 25 Hz, 10 viewers": Case("200x200", 25, 10, naive=1),
    "40 KB, 25 Hz, 100 viewers": Case("200x200", 25, 100, naive=1),
    "40 KB, 25 Hz, 1000 viewers": Case("200x200", 25, 1000, 1.9, 6.0),
    "300 KB, 100 Hz, 50 viewers": Case("600x500", 100, 50, 1.3, naive=1),
    "2.4 MB, 25 Hz, 20 viewers": Case("2000x1200", 25, 20, 1.15, naive=1),
}
QUICK = ("40 KB, 25 Hz, 1000 viewers", "2.4 MB, 25 Hz, 20 viewers")


def measure(name: str, runs: int, seconds: float, wait: float, quick: bool) -> Sides:
    """Measure one case."""
    case = CASES[name]
    with running_source(case.rate, "--image", case.size) as source:
        sides = Sides(name, source, case.rate, case.viewers, RAW, seconds, wait)
        naive_runs = 0 if quick else case.naive
        return sides.compare(runs, with_c=True, naive_runs=naive_runs, with_uvloop=case.aim is not None)


def main() -> int:
    """Measure what the options say."""
    options = parser(__doc__, seconds=2, runs=5)
    options.add_argument("--case", action="append", choices=CASES, help="only this one; may be repeated")
    given = options.parse_args()
    runs, seconds = amount(given.runs, given.quick, 1, 5), amount(given.seconds, given.quick, 1.5, 2.0)
    open_many_files()
    section = Section("fanout", "Many viewers of frames of one size", given.json, "fanout --case CASE")
    section.notes = [f"{runs} pairs of turns of {seconds:g} s. {LIFTED}"]
    found: dict[str, Sides] = {}
    names = given.case or (QUICK if given.quick else CASES)
    for name in names:
        sides = section.attempt(name, partial(measure, name, runs, seconds, given.wait, given.quick))
        if sides is not None:
            found[name] = sides
        section.put(
            [("", HEAD, [row for case, sides in found.items() for row in sides.rows(case)])],
            aims(names, found),
            cases={case: sides.figures() for case, sides in found.items()},
        )
    return section.end()


def aims(names: Iterable[str], found: Mapping[str, Sides]) -> list[Aim]:
    """Return the results for the aims of some cases."""
    result = []
    for name in names:
        case, sides = CASES[name], found.get(name)
        if case.aim is not None:
            what = f"CPU of the web process per delivered frame / server in C: {name}"
            result.append(Aim(what, case.aim, [] if sides is None else sides.ratios("raw"), " x"))
        if case.aim_p99 is not None:
            turns = [] if sides is None else sides.turns["raw"]
            # Of 25 images, one may fall outside of a turn at its ends.
            what, least = f"images a second to each, {name}", case.rate * (1 - AT_THE_ENDS)
            result.append(Aim(what, least, [turn.rate for turn in turns], " /s", "at least", digits=1))
            what = f"p99 / server in C: {name}"
            result.append(Aim(what, case.aim_p99, [] if sides is None else sides.p99_ratios("raw"), " x"))
    return result


if __name__ == "__main__":
    sys.exit(main())

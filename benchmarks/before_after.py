"""The same measurements in two clones, one turn each alternately: what a change costs, on one machine in one run.

Each clone runs its own benchmarks with its own environment, so both need `make install` and the packages of the tests.
With ``--same-programs`` both run those of this clone, which a case needs that the other one does not have yet. The
order within a pair changes from pair to pair. The figures are those that a case is judged by; a difference counts if it
is larger than 5 % and larger than the spread between the turns (the interquartile range of the first clone).
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.report import say, spread, table

ROOT = Path(__file__).resolve().parents[1]
WITHIN = 0.05
LIMIT_SECONDS = 600.0
PRODUCT = "stream_online_viewer"
PROGRAMS = ("benchmarks", "tests", "scripts")

Figures = Mapping[str, float]


def _of_a_turn(turn: Mapping[str, Any]) -> Figures:
    """Return the figures of one turn of viewers: time of the processes for each image, latency, rate."""
    (group,) = turn["groups"]
    images = group["frames"]
    us = {name: cores * turn["usage"]["seconds"] / images * 1e6 for name, cores in turn["usage"]["cores"].items()}
    return {
        "web us per image": us["web"],
        "ingest us per image": us["ingest"],
        "both us per image": us["web"] + us["ingest"],
        "p50 ms": group["p50"],
        "p99 ms": group["p99"],
        "images/s": images / group["viewers"] / turn["seconds"],
    }


def _of_viewers(side: str) -> Callable[[Mapping[str, Any]], Figures]:
    """Return how to read the figures of viewers of one side."""
    return lambda case: _of_a_turn(case["sides"][side][0])


def _of_the_browser(case: Mapping[str, Any]) -> Figures:
    (stretch,) = case["alone"]
    cores = stretch["usage"]["cores"]
    return {
        "p50 ms": stretch["p50"],
        "p95 ms": stretch["p95"],
        "shown/s": stretch["shown_rate"],
        **{f"{name} cores": cores[name] for name in ("ingest", "web", "browser")},
    }


def _of_the_drain(case: Sequence[Mapping[str, Any]]) -> Figures:
    server = case[0]["server"]
    return {"ingest us per message": server["ingest_us"], "messages/s": server["rate"]}


def _of_the_passthrough(pairs: Sequence[Mapping[str, Any]]) -> Figures:
    return _of_a_turn(pairs[0]["server"])


@dataclass(frozen=True)
class Measurement:
    """A program of this folder with its options, its case if it has several, and a function that reads its figures."""

    program: str
    options: tuple[str, ...]
    case: str | None
    read: Callable[[Any], Figures]


MEASUREMENTS = {
    "latency": Measurement("latency", ("--alone",), "1280x1024, 25 Hz, exact", _of_the_browser),
    "preview": Measurement("latency", ("--alone",), "2560x2160, 50 Hz, preview", _of_the_browser),
    "large": Measurement("latency", ("--alone",), "2560x2160, 25 Hz, exact", _of_the_browser),
    "fanout-300KB": Measurement("fanout", (), "300 KB, 100 Hz, 50 viewers", _of_viewers("raw")),
    "fanout-40KB": Measurement("fanout", (), "40 KB, 25 Hz, 1000 viewers", _of_viewers("raw")),
    "fanout-2.4MB": Measurement("fanout", (), "2.4 MB, 25 Hz, 20 viewers", _of_viewers("raw")),
    "facility-preview-1": Measurement("viewers", (), "facility's, 10 Hz, 1 viewer", _of_viewers("preview")),
    "facility-preview-50": Measurement("viewers", (), "facility's, 10 Hz, 50 viewers", _of_viewers("preview")),
    "facility-exact-1": Measurement("viewers", (), "facility's, 10 Hz, 1 viewer", _of_viewers("exact")),
    "preview-67MP": Measurement("viewers", (), "67 megapixels, 2 Hz, 1 viewer", _of_viewers("preview")),
    "drain": Measurement("drain", (), "image", _of_the_drain),
    "passthrough": Measurement("passthrough", (), None, _of_the_passthrough),
}
MORE_IS_BETTER = ("images/s", "messages/s", "shown/s")


@contextmanager
def with_programs_of_this(clone: Path) -> Iterator[Path]:
    """Yield a folder that holds copies of this clone's programs, beside the product and the environment of a clone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for program in PROGRAMS:
            # Copies, because the programs look for the product beside themselves, behind all links.
            shutil.copytree(ROOT / program, folder / program, ignore=shutil.ignore_patterns("__pycache__", "results"))
        for link in (PRODUCT, ".venv", "frontend"):
            (folder / link).symlink_to(clone / link)
        yield folder


def turn(clone: Path, measurement: Measurement, seconds: float | None) -> Figures:
    """Measure once in a clone. Raises RuntimeError if its program fails or has measured nothing."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "figures.json")
        python = clone / ".venv" / "bin" / "python"
        command = [str(python), "-m", f"benchmarks.{measurement.program}"]
        command += [] if measurement.case is None else ["--case", measurement.case]
        command += [*measurement.options, "--runs", "1", "--json", str(path)]
        command += [] if seconds is None else ["--seconds", str(seconds)]
        done = subprocess.run(command, cwd=clone, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)
        if not path.exists():
            raise RuntimeError(f"{clone}: {done.stderr.strip()[-300:] or 'no figures'}")
        section = json.loads(path.read_text("utf-8"))[measurement.program]
        figures = section.get("pairs") if measurement.case is None else section["cases"].get(measurement.case)
        if not figures:
            raise RuntimeError(f"{clone}: {done.stderr.strip()[-300:] or 'the case has no figures'}")
        return measurement.read(figures)


def verdict(name: str, before: Sequence[float], after: Sequence[float]) -> list[str]:
    """Return the row of one figure: both medians with their spread, the ratio, and whether it counts as worse."""
    first, second = statistics.median(before), statistics.median(after)
    quarters = statistics.quantiles(before, n=4) if len(before) > 1 else [first, first, first]
    allowed = max(WITHIN * first, quarters[2] - quarters[0])
    worse = first - second if name in MORE_IS_BETTER else second - first
    ratio = f"{second / first:.2f}" if first else "-"
    return [name, spread(before, 3), spread(after, 3), ratio, "worse" if worse > allowed else "not worse"]


def compare(before: Path, after: Path, measurement: Measurement, turns: int, seconds: float | None) -> list[list[str]]:
    """Return a row for each figure of a measurement."""
    found: dict[Path, list[Figures]] = {before: [], after: []}
    for number in range(turns):
        pair = (before, after) if number % 2 == 0 else (after, before)
        for clone in pair:
            which = "before" if clone == before else "after"
            say(f"{measurement.program}, {measurement.case or 'all'}, turn {number + 1} of {turns}, {which}")
            found[clone].append(turn(clone, measurement, seconds))
    return [
        verdict(name, [figures[name] for figures in found[before]], [figures[name] for figures in found[after]])
        for name in found[before][0]
    ]


def main() -> int:
    """Compare as the options say; return 0 whatever the result."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0], allow_abbrev=False)
    options.add_argument("before", type=Path, help="the clone to compare with, ready for its tests")
    options.add_argument("--after", type=Path, default=ROOT, help="the other one (default: this one)")
    options.add_argument("--same-programs", action="store_true", help="measure both with the programs of this clone")
    options.add_argument("--only", action="append", choices=MEASUREMENTS, help="may be repeated")
    options.add_argument("--turns", type=int, default=5, metavar="N", help="of each clone (default: 5)")
    options.add_argument("--seconds", type=float, metavar="S", help="of each turn (default: the measurement's own)")
    given = options.parse_args()
    with ExitStack() as stack:
        before, after = given.before.resolve(), given.after.resolve()
        if given.same_programs:
            before, after = (stack.enter_context(with_programs_of_this(clone)) for clone in (before, after))
        for name in given.only or MEASUREMENTS:
            lines = compare(before, after, MEASUREMENTS[name], given.turns, given.seconds)
            print(f"\n{name}: {MEASUREMENTS[name].case or 'all'}")
            print(table(("figure", "before", "after", "ratio", ""), lines), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Tables for people, JSON for programs, and the options that all measurements have."""

import argparse
import json
import os
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from benchmarks import machine
from benchmarks.cpu import QUIET_CORES, wait_until_quiet

TRIES = 4
FAULTS = (AssertionError, OSError, RuntimeError, ValueError, KeyError, TimeoutError)
"""Exceptions of a failed measurement: of test helpers, processes and connections."""


class Disturbable(Protocol):
    """A run that knows how much it was disturbed."""

    @property
    def disturbance(self) -> float:
        """Cores used by others meanwhile."""


R = TypeVar("R", bound=Disturbable)
T = TypeVar("T")


def parser(
    description: str | None, *, seconds: float | None = None, runs: int | None = None
) -> argparse.ArgumentParser:
    """Return a parser with the options that all measurements have; ``seconds`` and ``runs`` are the defaults of two.

    ``--quick`` leaves those two None unless they are given; see :func:`amount`.
    """
    result = argparse.ArgumentParser(description=(description or "").partition("\n")[0], allow_abbrev=False)
    result.add_argument("--quick", action="store_true", help="fewer cases and short: to see that it works")
    result.add_argument("--json", type=Path, metavar="FILE", help="add the figures to this file")
    result.add_argument(
        "--wait",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="before each run wait until the machine is idle, at most so long; repeat a run that was disturbed",
    )
    if seconds is not None:
        result.add_argument("--seconds", type=float, metavar="S", help=f"of each run (default: {seconds:g})")
    if runs is not None:
        result.add_argument("--runs", type=int, metavar="N", help=f"of each case (default: {runs})")
    return result


def amount(given: T | None, quick: bool, short: T, full: T) -> T:
    """Return the given amount, else the one for a quick or a full run."""
    if given is not None:
        return given
    return short if quick else full


def undisturbed(seconds: float, what: str, measure: Callable[[], R]) -> R:
    """Measure; if ``seconds`` is not 0, wait for an idle machine and repeat a disturbed measurement.

    After several attempts the least disturbed one is returned. Each figure also tells how much it was disturbed.
    """
    say(what)
    best: R | None = None
    for _ in range(TRIES if seconds > 0 else 1):
        if seconds > 0 and not wait_until_quiet(seconds):
            say(f"not quiet after {seconds:g} s")
        run = measure()
        if best is None or run.disturbance < best.disturbance:
            best = run
        if run.disturbance <= QUIET_CORES:
            break
        say(f"others used {run.disturbance:.2f} cores")
    if best is None:
        raise ValueError("nothing was tried")
    return best


def say(text: str) -> None:
    """Print a line of progress, apart from the results."""
    print(text, file=sys.stderr, flush=True)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table that can be read as it is."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in (head, *rows)]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value below which ``percent`` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def spread(values: Sequence[float | None], digits: int = 1) -> str:
    """Return the median, and smallest and largest if there are several; a dash for no value."""
    there = [value for value in values if value is not None]
    if not there:
        return "-"
    median = f"{statistics.median(there):.{digits}f}"
    return median if len(there) < 2 else f"{median} ({min(there):.{digits}f}-{max(there):.{digits}f})"


def slope(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return (slope, value at 0) of the line with the least squares through points (x, y)."""
    x, y = (statistics.mean(point[at] for point in points) for at in (0, 1))
    square = sum((point[0] - x) ** 2 for point in points)
    if square == 0:
        raise ValueError("a line needs two different places")
    rise = sum((point[0] - x) * (point[1] - y) for point in points) / square
    return rise, y - rise * x


def rounded(content: Any, digits: int = 4) -> Any:
    """Return the same content with all its fractions rounded, for a JSON file that people read too."""
    if isinstance(content, float):
        return round(content, digits)
    if isinstance(content, dict):
        return {key: rounded(value, digits) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [rounded(value, digits) for value in content]
    return content


def save(path: Path | None, name: str, content: dict[str, Any]) -> None:
    """Write one measurement, with a description of the machine, into a JSON file; others in it stay.

    The file is replaced in one step, so a program that ends while writing leaves it unchanged.
    """
    if path is None:
        return
    results = json.loads(path.read_text("utf-8")) if path.exists() else {}
    results[name] = rounded({"machine": machine.describe(), **content})
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    fresh.replace(path)


@dataclass
class Aim:
    """The aim of a figure, and its value in each run."""

    what: str
    limit: float
    values: list[float]
    unit: str = ""
    sense: Literal["at most", "at least"] = "at most"
    digits: int = 2

    @property
    def verdict(self) -> str:
        """``met`` or ``missed`` if all runs say so, else ``undecided``; ``not measured`` without runs."""
        if not self.values:
            return "not measured"
        good = [value <= self.limit if self.sense == "at most" else value >= self.limit for value in self.values]
        return "met" if all(good) else "undecided" if any(good) else "missed"

    def row(self) -> list[str]:
        """Return the row of the table of aims."""
        sign = "<=" if self.sense == "at most" else ">="
        return [
            self.what,
            f"{sign} {self.limit:g}{self.unit}",
            f"{spread(self.values, self.digits)}{self.unit if self.values else ''}",
            self.verdict,
        ]


@dataclass
class Section:
    """What one program has measured: tables whose first column names the case, aims, all figures, and failures.

    It is saved after each case, so that a later failure does not lose anything.
    """

    name: str
    title: str
    path: Path | None
    command: str
    notes: list[str] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)
    aims: list[Aim] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def attempt(self, case: str, measure: Callable[[], T]) -> T | None:
        """Return the result of a measurement, None if it fails; the reason is stored in the section."""
        try:
            return measure()
        except FAULTS as error:
            reason = " ".join(str(error).split())[:300] or type(error).__name__
            say(f"{case} failed: {reason}")
            self.failed.append(f"{case}: {reason}")
            return None

    def put(
        self, tables: Sequence[tuple[str, Sequence[str], Sequence[Sequence[str]]]], aims: Sequence[Aim], **figures: Any
    ) -> None:
        """Set tables (title, head, rows), aims and figures as far as they are known, and save."""
        self.tables = [{"title": title, "head": list(head), "rows": rows} for title, head, rows in tables if rows]
        self.aims = list(aims)
        self.figures = figures
        save(
            self.path,
            self.name,
            {
                "title": self.title,
                "command": self.command,
                "notes": self.notes,
                "tables": self.tables,
                "aims": [asdict(aim) for aim in self.aims],
                "failed": self.failed,
                **figures,
            },
        )

    def end(self) -> int:
        """Print everything and return the exit code: 1 if anything failed."""
        print(f"\n{self.title}")
        for note in self.notes:
            print(note)
        for content in self.tables:
            print(f"\n{content['title']}" if content["title"] else "")
            print(table(content["head"], content["rows"]))
        if self.aims:
            print()
            print(table(AIMS_HEAD, [aim.row() for aim in self.aims]))
        for failure in self.failed:
            print(f"failed: {failure}")
        return 1 if self.failed else 0


AIMS_HEAD = ("aim", "limit", "median (spread)", "verdict")

"""Tables for people, JSON for programs, and the options that all measurements have."""

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from benchmarks import machine
from benchmarks.cpu import QUIET_CORES, wait_until_quiet

TRIES = 4


class Disturbable(Protocol):
    """A run that knows how much it was disturbed."""

    @property
    def disturbance(self) -> float:
        """Cores that others used meanwhile."""


R = TypeVar("R", bound=Disturbable)


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options that all measurements have."""
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
    return result


def undisturbed(seconds: float, what: str, measure: Callable[[], R]) -> R:
    """Return what is measured; if ``seconds`` is not 0, on a machine that was idle before, and meanwhile.

    After some tries the least disturbed one is taken. How much it was disturbed is told with each figure in any case.
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
    """Tell how far it is, apart from the results."""
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


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Return the median, and smallest and largest if there are several."""
    median = f"{statistics.median(values):.{digits}f}"
    return median if len(values) < 2 else f"{median} ({min(values):.{digits}f}-{max(values):.{digits}f})"


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
    """Put one measurement, with the machine that it was made on, into a JSON file; others in it stay."""
    if path is None:
        return
    results = json.loads(path.read_text("utf-8")) if path.exists() else {}
    results[name] = rounded({"machine": machine.describe(), **content})
    path.write_text(json.dumps(results, indent=1) + "\n", "utf-8")

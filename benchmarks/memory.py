"""Memory of the server over time, with twenty viewers coming and going.

At any time twenty viewers in four groups watch the facility's stream at 25 Hz; every few seconds one group leaves and
another comes. Resident memory of both processes is noted from time to time. The first quarter is warm-up.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from benchmarks.cpu import ingest_of
from benchmarks.crowd import LIFTED, LIMITS_LIFTED, PREVIEW, Crowd, Group, crowd
from benchmarks.report import Aim, Section, amount, parser, say, slope
from tests.processes import resident_mb
from tests.server import ServerProcess, running_server
from tests.simulator import running_simulator

STREAM = ("--rate", "25", "--mode", "pub")
WANTS: tuple[dict[str, Any], ...] = (
    {"format": "exact"},
    PREVIEW,
    {"format": "raw"},
    {"format": "exact", "every": False},
)
GROUP_VIEWERS = 5
STAY_SECONDS = 20.0
"""Seconds for which a group watches; groups are replaced at intervals of a quarter of it."""
MINUTES, QUICK_MINUTES = 2.0, 0.3
EVERY_SECONDS = 10.0
STEP_SECONDS = 0.2
FEWEST_SAMPLES = 8
GROWTH_PERCENT = 3.0
NAMES = ("web", "ingest")
HEAD = ("process", "MB in the second quarter", "MB in the last", "growth %", "slope MB per hour", "largest MB")


@dataclass
class Sample:
    """Seconds since the beginning, and resident memory in MB."""

    seconds: float
    web: float
    ingest: float

    def of(self, name: str) -> float:
        """Return the memory of one process."""
        return self.web if name == "web" else self.ingest


class Turnover:
    """Four groups of viewers; one of them is replaced whenever its time is over."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self._number = 0
        self._places: list[tuple[ExitStack, Crowd, float]] = []

    def __enter__(self) -> "Turnover":
        for number in range(len(WANTS)):
            self._places.append(self._enter(STAY_SECONDS * (number + 1) / len(WANTS)))
        return self

    def __exit__(self, *_: object) -> None:
        for place in self._places:
            place[0].close()

    def step(self) -> None:
        """Replace a group whose time is over. Raise RuntimeError if viewers have ended before."""
        for at, (stack, running, until) in enumerate(self._places):
            running.check()
            if time.monotonic() >= until:
                stack.close()
                self._places[at] = self._enter(STAY_SECONDS)

    def _enter(self, seconds: float) -> tuple[ExitStack, Crowd, float]:
        group = Group(GROUP_VIEWERS, WANTS[self._number % len(WANTS)])
        self._number += 1
        stack = ExitStack()
        running = stack.enter_context(crowd(self._server.port, [group], 0.0, 2 * STAY_SECONDS))
        return stack, running, time.monotonic() + seconds


def measure(minutes: float, every: float, note: Callable[[list[Sample]], None]) -> list[Sample]:
    """Return all samples; ``note`` is called after each. Raise RuntimeError if viewers end by themselves."""
    samples: list[Sample] = []
    with (
        running_simulator(*STREAM) as (_, port),
        running_server(port, "--mode", "sub", *LIMITS_LIFTED) as server,
        Turnover(server) as turnover,
    ):
        ingest = ingest_of(server)
        begin = time.monotonic()
        while (now := time.monotonic() - begin) < minutes * 60:
            turnover.step()
            if not samples or now >= samples[-1].seconds + every:
                samples.append(Sample(now, resident_mb(server.pid), resident_mb(ingest)))
                say(f"memory, {now:.0f} of {minutes * 60:.0f} s: {samples[-1].web:.1f}, {samples[-1].ingest:.1f} MB")
                note(samples)
            time.sleep(STEP_SECONDS)
    return samples


class Sampled(Protocol):
    """Figures at a time, in seconds since the beginning."""

    @property
    def seconds(self) -> float:
        """The time."""

    def of(self, name: str) -> float:
        """Return one figure."""


def quarters(samples: Sequence[Sampled], name: str) -> tuple[float, float]:
    """Return the median of a figure in the second and in the last quarter of the time."""
    end = samples[-1].seconds
    second = [sample.of(name) for sample in samples if end / 4 <= sample.seconds < end / 2]
    last = [sample.of(name) for sample in samples if sample.seconds >= end * 3 / 4]
    return statistics.median(second), statistics.median(last)


def growth(samples: Sequence[Sampled], name: str) -> float:
    """Return by how many percent a figure is larger in the last quarter than in the second."""
    before, after = quarters(samples, name)
    return (after / before - 1) * 100 if before else 0.0


def row(samples: Sequence[Sample], name: str) -> list[str]:
    """Return the row of a process."""
    before, after = quarters(samples, name)
    warm = [(sample.seconds / 3600, sample.of(name)) for sample in samples if sample.seconds >= samples[-1].seconds / 4]
    return [
        name,
        f"{before:.1f}",
        f"{after:.1f}",
        f"{growth(samples, name):.1f}",
        f"{slope(warm)[0]:.1f}",
        f"{max(sample.of(name) for sample in samples):.1f}",
    ]


def main() -> int:
    """Measure what the options say."""
    options = parser(__doc__)
    options.add_argument("--minutes", type=float, metavar="M", help=f"altogether (default: {MINUTES:g})")
    options.add_argument(
        "--every", type=float, metavar="S", help=f"seconds between samples (default: {EVERY_SECONDS:g})"
    )
    given = options.parse_args()
    minutes = amount(given.minutes, given.quick, QUICK_MINUTES, MINUTES)
    every = amount(given.every, given.quick, 1.0, EVERY_SECONDS)
    section = Section("memory", "Memory with viewers coming and going", given.json, f"memory --minutes {minutes:g}")
    section.notes = [
        f"20 viewers of the facility's stream at 25 Hz for {minutes:g} minutes; every {STAY_SECONDS / len(WANTS):g} s "
        f"five go and five others come. A sample every {every:g} s. {LIFTED}"
    ]

    def put(samples: Sequence[Sample]) -> None:
        enough = len(samples) >= FEWEST_SAMPLES
        what = f"server memory over {minutes:g} minutes with 20 viewers coming and going: growth after the warm-up"
        section.put(
            [("", HEAD, [row(samples, name) for name in NAMES] if enough else [])],
            [Aim(what, GROWTH_PERCENT, [growth(samples, name) for name in NAMES] if enough else [], " %", digits=1)],
            samples=[asdict(sample) for sample in samples],
        )

    put(section.attempt("memory", lambda: measure(minutes, every, put)) or [])
    return section.end()


if __name__ == "__main__":
    sys.exit(main())

"""What the analysis costs the picture: the same stream in Chromium without tools and with them, turn by turn.

Tools are projections of the whole image with their fits, and regions of 600x500 pixels whose numbers are seen. Each
turn loads the page anew. Simulator, server and browser share the machine.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from benchmarks.cpu import Usage, ingest_of, threads_named
from benchmarks.crowd import LIFTED, LIMITS_LIFTED
from benchmarks.latency import PAGE_SERVER, WARM_UP_SECONDS, WINDOW, Stretch, alone, measure_stretch
from benchmarks.missing import unless_missing
from benchmarks.page_server import REPORTS_VARIABLE
from benchmarks.report import Aim, Section, amount, parser, say, spread, undisturbed
from tests.browsers import find_chromium, plain_chromium
from tests.server import ServerProcess, running_server
from tests.simulator import running_simulator
from tests.support import wait_until

REGION = 600, 500
WORKER_THREADS = "DedicatedWorker"
"""As Chromium names the threads of workers. The first one is the one that draws."""


@dataclass(frozen=True)
class Case:
    """Size and rate of a compressed camera, what is open, and the aims beside the same without: shown, and p50."""

    size: tuple[int, int]
    rate: int
    regions: int
    shown: float
    p50: float | None = None

    @property
    def stream(self) -> tuple[str, ...]:
        """Options of the simulator."""
        width, height = self.size
        scene = "--scene", "camera", "--compression", "bitshuffle_lz4"
        return *scene, "--size", f"{width}x{height}", "--rate", str(self.rate)

    @property
    def tools(self) -> str:
        """What opens the tools, as a query and a part of the fragment."""
        width, height = self.size
        places = (
            (
                number * (width - REGION[0]) // max(self.regions, 1),
                number * (height - REGION[1]) // max(self.regions, 1),
            )
            for number in range(self.regions)
        )
        rois = "".join(f"&roi=rect:r{x}:{x},{y},{REGION[0]},{REGION[1]}" for x, y in places)
        return f"?open=analysis#format=exact&profiles=1{rois}"


CASES = {
    "1280x1024, 50 Hz, 1 region": Case((1280, 1024), 50, 1, 0.95, 1.15),
    "1280x1024, 50 Hz, 20 regions": Case((1280, 1024), 50, 20, 0.9),
    "2560x2160, 25 Hz, 1 region": Case((2560, 2160), 25, 1, 0.9),
}
QUICK = ("1280x1024, 50 Hz, 1 region",)


@dataclass
class Turn:
    """A stretch of time, and what the page's workers took of it."""

    stretch: Stretch
    picture_ms: float
    """Processor time of the worker that draws for each picture that was shown."""
    analysis_cores: float
    """Cores that other workers used."""

    @property
    def disturbance(self) -> float:
        """Cores used by others meanwhile."""
        return self.stretch.disturbance


@dataclass
class Pair:
    """One turn without tools and one with them."""

    without: Turn
    tools: Turn

    @property
    def shown(self) -> float:
        """Pictures shown with tools, as a part of those shown without."""
        return self.tools.stretch.shown_rate / self.without.stretch.shown_rate

    @property
    def p50(self) -> float:
        """Median of the times from send to draw with tools, in those without."""
        return self.tools.stretch.p50 / self.without.stretch.p50

    @property
    def picture_ms(self) -> float:
        """Processor time of the drawing worker for a picture with tools, in that without."""
        return self.tools.picture_ms / self.without.picture_ms


def measure(chromium: str, name: str, runs: int, seconds: float, wait: float) -> list[Pair]:
    """Start sender and server, and measure pairs; each other one begins with the tools."""
    case = CASES[name]
    with ExitStack() as stack:
        reports = Path(stack.enter_context(tempfile.TemporaryDirectory()), "reports")
        reports.touch()
        sender, port = stack.enter_context(running_simulator(*case.stream, "--mode", "pub"))
        environment = {REPORTS_VARIABLE: str(reports)}
        server = stack.enter_context(running_server(port, *LIMITS_LIFTED, script=PAGE_SERVER, environment=environment))
        pids = {"sender": [sender.pid], "ingest": [], "web": [server.pid]}
        pairs = []
        for run in range(runs):
            what = f"analysis, {name}, run {run + 1} of {runs}"
            turns = {
                tools: undisturbed(
                    wait,
                    f"{what}, {'with' if tools else 'without'} tools",
                    partial(_turn, chromium, server, reports, pids, case.tools if tools else "#format=exact", seconds),
                )
                for tools in ((False, True) if run % 2 == 0 else (True, False))
            }
            pairs.append(Pair(turns[False], turns[True]))
        return pairs


def _turn(
    chromium: str, server: ServerProcess, reports: Path, pids: dict[str, list[int]], what: str, seconds: float
) -> Turn:
    reports.write_bytes(b"")
    with plain_chromium(chromium, f"{server.url()}{what}", f"--window-size={WINDOW}") as browser:
        wait_until(lambda: reports.stat().st_size > 0, 60.0, "the page reports")
        pids["ingest"] = [ingest_of(server)]
        time.sleep(WARM_UP_SECONDS)
        taken: list[float] = []

        def during(processes: Mapping[str, Sequence[int]], begin: Callable[[], None]) -> Usage:
            before = threads_named(browser.pid, WORKER_THREADS)
            usage = alone(seconds, processes, begin)
            after = threads_named(browser.pid, WORKER_THREADS)
            taken[:] = [ran - before.get(thread, 0.0) for thread, ran in after.items()]
            return usage

        stretch = measure_stretch(server, reports, browser.pid, pids, during)
        drawing, *others = taken
        length = stretch.usage.seconds
        return Turn(stretch, drawing / (stretch.shown_rate * length) * 1000, sum(others) / length)


HEAD = (
    "case",
    "tools",
    "shown/s",
    "p50 ms",
    "p95 ms",
    "decode ms",
    "results/s",
    "one takes ms",
    "CPU browser",
    "drawing worker ms/picture",
    "other workers, cores",
    "shown / without",
    "p50 / without",
    "worker / without",
    "disturbed by, cores",
)


def rows(name: str, pairs: Sequence[Pair]) -> list[list[str]]:
    """Return the rows of a case: without tools, and with them."""
    ratios = (
        spread([pair.shown for pair in pairs], 2),
        spread([pair.p50 for pair in pairs], 2),
        spread([pair.picture_ms for pair in pairs], 2),
    )
    return [
        _row(name, "none", [pair.without for pair in pairs], ("-", "-", "-")),
        _row(name, "open", [pair.tools for pair in pairs], ratios),
    ]


def _row(name: str, tools: str, turns: Sequence[Turn], ratios: tuple[str, str, str]) -> list[str]:
    stretches = [turn.stretch for turn in turns]
    return [
        name,
        tools,
        spread([stretch.shown_rate for stretch in stretches]),
        spread([stretch.p50 for stretch in stretches]),
        spread([stretch.p95 for stretch in stretches]),
        f"{statistics.median(stretch.legs['decode'] for stretch in stretches):.1f}",
        spread([stretch.analyses for stretch in stretches]),
        spread([stretch.analysis_ms for stretch in stretches]),
        spread([stretch.usage.cores["browser"] for stretch in stretches], 2),
        spread([turn.picture_ms for turn in turns], 1),
        spread([turn.analysis_cores for turn in turns], 2),
        *ratios,
        spread([turn.disturbance for turn in turns], 2),
    ]


def main() -> int:
    """Measure what the options say."""
    options = parser(__doc__, seconds=5, runs=5)
    options.add_argument("--case", action="append", choices=CASES, help="only this one; may be repeated")
    given = options.parse_args()
    runs, seconds = amount(given.runs, given.quick, 1, 5), amount(given.seconds, given.quick, 3.0, 5.0)
    section = Section("analysis", "Pictures in Chromium with tools and without", given.json, "analysis --case CASE")
    chromium = find_chromium(say)
    found: dict[str, list[Pair]] = {}
    for name in given.case or (QUICK if given.quick else CASES):
        pairs = section.attempt(name, partial(measure, chromium, name, runs, seconds, given.wait))
        if pairs is not None:
            found[name] = pairs
        section.notes = [f"{runs} pairs of turns of {seconds:g} s. {LIFTED}"]
        aims = []
        for case, measured in found.items():
            shown, p50 = CASES[case].shown, CASES[case].p50
            what = f"Chromium, {case} beside the same without tools"
            aims.append(Aim(f"{what}: shown", shown, [pair.shown for pair in measured], " x", "at least", digits=2))
            if p50 is not None:
                aims.append(Aim(f"{what}: p50", p50, [pair.p50 for pair in measured], " x", digits=2))
        section.put(
            [("", HEAD, [row for case, measured in found.items() for row in rows(case, measured)])],
            aims,
            warm_up_seconds=WARM_UP_SECONDS,
            cases={case: [asdict(pair) for pair in measured] for case, measured in found.items()},
        )
    return section.end()


if __name__ == "__main__":
    sys.exit(unless_missing(main))

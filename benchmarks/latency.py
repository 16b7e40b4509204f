"""From the send of an image to its draw in a browser, alone and beside fifty other viewers of the same stream.

The browser is a Chromium without test driver (a driver makes it copy every image), whose page posts its own numbers.
Sender, server and browser run on this machine, so the source time and the browser's clock are one clock. "Drawn" is
taken in the animation-frame callback after the draw; the display shows it later. Each case starts everything once;
then stretches of time without and with the fifty others take turns.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.cpu import Usage, Watch, family, ingest_of
from benchmarks.crowd import LIFTED, LIMITS_LIFTED, PREVIEW, Group, Turn, crowd, open_many_files, watched
from benchmarks.missing import unless_missing
from benchmarks.page_server import REPORTS_VARIABLE
from benchmarks.report import Aim, Section, amount, parser, percentile, say, spread, undisturbed
from tests.browsers import find_chromium, plain_chromium
from tests.server import ServerProcess, running_server
from tests.simulator import running_simulator
from tests.support import wait_until

WINDOW = "1440,900"
WARM_UP_SECONDS = 5.0
REPORT_SECONDS = 1.3
"""The page posts once a second."""
OTHERS = 50
OTHERS_WARM_UP_SECONDS = 1.0
UNAIMED_RUNS = 3
"""Runs of a case without an aim, which only shows how formats differ."""
LEGS = ("server", "decode", "draw")
WITHIN = 0.2
PAGE_SERVER = Path(__file__).resolve().parent / "page_server.py"


@dataclass(frozen=True)
class Case:
    """Options of the simulator, the format that the page asks for, and the aims: images/s, p50, p95 in ms."""

    stream: tuple[str, ...]
    format: str
    rate: float | None = None
    p50: float | None = None
    p95: float | None = None

    @property
    def aimed(self) -> bool:
        """Whether there is an aim; such a case is also measured beside other viewers."""
        return self.rate is not None


def _camera(size: str, rate: int) -> tuple[str, ...]:
    return "--scene", "camera", "--compression", "bitshuffle_lz4", "--size", size, "--rate", str(rate)


# Of a picture drawn in each of 25 or 50 periods, one may fall outside of a stretch at its ends.
CASES: dict[str, Case] = {
    "1280x1024, 25 Hz, exact": Case(_camera("1280x1024", 25), "exact", 24.5, 12, 25),
    "1280x1024, 100 Hz, exact": Case(_camera("1280x1024", 100), "exact", 55, 25),
    "facility's, at its fastest, exact": Case(("-d", "0"), "exact", 55, 25),
    "2560x2160, 25 Hz, exact": Case(_camera("2560x2160", 25), "exact", 24.5, 30),
    "2560x2160, 100 Hz, exact": Case(_camera("2560x2160", 100), "exact", 35),
    "2560x2160, 50 Hz, preview": Case(_camera("2560x2160", 50), "preview", 45, 25),
    "facility's, 25 Hz, raw": Case(("--rate", "25"), "raw"),
    "facility's, 25 Hz, exact": Case(("--rate", "25"), "exact"),
    "facility's, 25 Hz, float32": Case(("--rate", "25"), "float32"),
    "facility's, 25 Hz, preview": Case(("--rate", "25"), "preview"),
}
QUICK = ("1280x1024, 100 Hz, exact", "2560x2160, 50 Hz, preview")


@dataclass
class Stretch:
    """One stretch of time: times in ms, rates in images a second, CPU in cores; what the others received, if any."""

    sent_rate: float
    shown_rate: float
    p50: float
    p95: float
    legs: dict[str, float]
    frame_bytes: float
    usage: Usage
    others_rate: float | None
    analyses: float = 0.0
    """Results of the analysis a second."""
    analysis_ms: float | None = None
    """What one of them takes."""

    @property
    def disturbance(self) -> float:
        """Cores used by others meanwhile."""
        return self.usage.disturbance


@dataclass
class Measured:
    """All stretches of a case, and what the page reports of its browser."""

    alone: list[Stretch]
    beside: list[Stretch]
    browser: dict[str, Any]


def measure(chromium: str, name: str, runs: int, seconds: float, wait: float, others: int) -> Measured:
    """Start everything, discard the warm-up, and measure stretches without and with others in turns."""
    case = CASES[name]
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        reports = Path(folder, "reports")
        reports.touch()
        sender, port = stack.enter_context(running_simulator(*case.stream, "--mode", "pub"))
        environment = {REPORTS_VARIABLE: str(reports)}
        server = stack.enter_context(running_server(port, *LIMITS_LIFTED, script=PAGE_SERVER, environment=environment))
        url = f"{server.url()}#format={case.format}"
        browser = stack.enter_context(plain_chromium(chromium, url, f"--window-size={WINDOW}"))
        wait_until(lambda: reports.stat().st_size > 0, 30.0, "the page reports")
        time.sleep(WARM_UP_SECONDS)
        pids = {"sender": [sender.pid], "ingest": [ingest_of(server)], "web": [server.pid]}
        measured = Measured([], [], {})
        runs = runs if case.aimed else min(runs, UNAIMED_RUNS)
        for run in range(runs):
            what = f"latency, {name}, run {run + 1} of {runs}"
            once = partial(measure_stretch, server, reports, browser.pid, pids)
            measured.alone.append(undisturbed(wait, f"{what}, alone", partial(once, partial(alone, seconds))))
            if others and case.aimed:
                crowded = partial(_beside, server.port, others, case.format, seconds)
                measured.beside.append(undisturbed(wait, f"{what}, beside {others}", partial(once, crowded)))
        last = list(read_reports(reports))[-1]
        measured.browser = {key: last[key] for key in ("agent", "webgl", "drawnBy", "choice", "size", "clockMs")}
    return measured


Watched = Callable[[Mapping[str, Sequence[int]], Callable[[], None]], Turn | Usage]


def alone(seconds: float, processes: Mapping[str, Sequence[int]], begin: Callable[[], None]) -> Usage:
    """Let a time pass, and return what was used in it."""
    watch = Watch({name: partial(list, pids) for name, pids in processes.items()})
    begin()
    time.sleep(seconds)
    return watch.end()


def _beside(
    port: int, others: int, form: str, seconds: float, processes: Mapping[str, Sequence[int]], begin: Callable[[], None]
) -> Turn:
    want = PREVIEW if form == "preview" else {"format": form}
    with crowd(port, [Group(others, want)], OTHERS_WARM_UP_SECONDS, seconds) as running:
        return watched(running, processes, begin)


def measure_stretch(
    server: ServerProcess, reports: Path, browser: int, pids: Mapping[str, Sequence[int]], during: Watched
) -> Stretch:
    """Return what the page reports of the time that ``during`` takes. Raises RuntimeError if it has drawn nothing."""
    begun: list[tuple[float, int]] = []

    def begin() -> None:
        begun.append((time.time() * 1000, server.status()["source"]["messages"]))

    result = during({**pids, "browser": family(browser)}, begin)
    end = time.time() * 1000
    (since, before) = begun[0]
    messages = server.status()["source"]["messages"] - before
    usage = result.usage if isinstance(result, Turn) else result
    time.sleep(REPORT_SECONDS)
    rows = [row for content in read_reports(reports) for row in content["rows"] if since <= row[1] < end]
    if not rows:
        raise RuntimeError("the page has drawn nothing")
    latencies = [drawn - sent for sent, drawn, *_ in rows]
    took = [ms for content in read_reports(reports) for at, ms in content["analyses"] if since <= at < end]
    return Stretch(
        sent_rate=messages / usage.seconds,
        shown_rate=len(rows) / (end - since) * 1000,
        p50=statistics.median(latencies),
        p95=percentile(latencies, 95),
        legs={leg: statistics.median(row[2 + at] for row in rows) for at, leg in enumerate(LEGS)},
        frame_bytes=statistics.median(row[5] for row in rows),
        usage=usage,
        others_rate=result.rate if isinstance(result, Turn) else None,
        analyses=len(took) / (end - since) * 1000,
        analysis_ms=statistics.median(took) if took else None,
    )


def read_reports(path: Path) -> Iterator[dict[str, Any]]:
    """Yield what the page has posted."""
    # The text behind the last line end is still being written.
    for line in path.read_bytes().split(b"\n")[:-1]:
        yield json.loads(line)


HEAD = (
    "case",
    "others",
    "sent/s",
    "shown/s",
    "p50 ms",
    "p95 ms",
    "server, decode, draw ms",
    "MB",
    "CPU ingest",
    "web",
    "browser",
    "sender",
    "others get/s",
    "disturbed by, cores",
)


def rows(name: str, measured: Measured) -> list[list[str]]:
    """Return the rows of a case: alone, and beside others."""
    return [
        _row(name, str(number), stretches)
        for number, stretches in (("none", measured.alone), (str(OTHERS), measured.beside))
        if stretches
    ]


def _row(name: str, others: str, stretches: Sequence[Stretch]) -> list[str]:
    cores = [stretch.usage.cores for stretch in stretches]
    return [
        name,
        others,
        spread([stretch.sent_rate for stretch in stretches], 0),
        spread([stretch.shown_rate for stretch in stretches]),
        spread([stretch.p50 for stretch in stretches]),
        spread([stretch.p95 for stretch in stretches]),
        ", ".join(f"{statistics.median(stretch.legs[leg] for stretch in stretches):.1f}" for leg in LEGS),
        f"{stretches[0].frame_bytes / 1e6:.3g}",
        *(spread([core[group] for core in cores], 2) for group in ("ingest", "web", "browser", "sender")),
        spread([stretch.others_rate for stretch in stretches]),
        spread([stretch.disturbance for stretch in stretches], 2),
    ]


def aims(names: Iterable[str], found: Mapping[str, Measured], others: int) -> list[Aim]:
    """Return the results for the aims of some cases; those beside others only if there are any."""
    result = []
    for name in names:
        case = CASES[name]
        if case.rate is None:
            continue
        measured = found.get(name, Measured([], [], {}))
        rates = [stretch.shown_rate for stretch in measured.alone]
        result.append(Aim(f"Chromium, {name}: shown", case.rate, rates, " /s", "at least", digits=1))
        for what, limit in (("p50", case.p50), ("p95", case.p95)):
            if limit is not None:
                values = [getattr(stretch, what) for stretch in measured.alone]
                result.append(Aim(f"Chromium, {name}: {what} from send to drawn", limit, values, " ms", digits=1))
        if others:
            pairs = list(zip(measured.alone, measured.beside, strict=False))
            ratios = [crowded.shown_rate / free.shown_rate for free, crowded in pairs]
            what = f"Chromium, {name}, beside {others} others"
            result.append(Aim(f"{what}: shown / alone", 1 - WITHIN, ratios, " x", "at least"))
            ratios = [crowded.p50 / free.p50 for free, crowded in pairs]
            result.append(Aim(f"{what}: p50 / alone", 1 + WITHIN, ratios, " x"))
    return result


def main() -> int:
    """Measure what the options say."""
    options = parser(__doc__, seconds=3, runs=5)
    options.add_argument("--case", action="append", choices=CASES, help="only this one; may be repeated")
    options.add_argument("--alone", action="store_true", help="without the fifty others")
    given = options.parse_args()
    runs, seconds = amount(given.runs, given.quick, 1, 5), amount(given.seconds, given.quick, 3.0, 3.0)
    section = Section("latency", "From the sender's send to drawn in Chromium", given.json, "latency --case CASE")
    chromium = find_chromium(say)
    open_many_files()
    found: dict[str, Measured] = {}
    names = given.case or (QUICK if given.quick else CASES)
    others = 0 if given.alone or given.quick else OTHERS
    for name in names:
        measured = section.attempt(name, partial(measure, chromium, name, runs, seconds, given.wait, others))
        if measured is not None:
            found[name] = measured
        section.notes = [f"{runs} stretches of {seconds:g} s each. {LIFTED}", *_about(found)]
        section.put(
            [("", HEAD, [row for name, measured in found.items() for row in rows(name, measured)])],
            aims(names, found, others),
            warm_up_seconds=WARM_UP_SECONDS,
            cases={name: asdict(measured) for name, measured in found.items()},
        )
    return section.end()


def _about(found: Mapping[str, Measured]) -> list[str]:
    """Return what the pages report of themselves."""
    if not found:
        return []
    browser = next(iter(found.values())).browser
    seen = "; ".join(f"{name}: {m.browser['choice']} by {m.browser['drawnBy']}" for name, m in found.items())
    return [f"{browser['agent']}; WebGL: {browser['webgl']}; page {browser['size']}.", f"What was drawn: {seen}."]


if __name__ == "__main__":
    sys.exit(unless_missing(main))

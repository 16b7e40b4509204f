"""From the navigation to the first picture, and the bytes that the page loads for it.

The browser is a Chromium without test driver that is running already, as with somebody who types the address; each new
browser loads the page with an empty cache first and then again from its cache. Browser, server and sender run on this
machine, so their wall clocks are one clock. What the page waits for the source's next image, which is the camera's
time and not the page's, runs from the moment when the server knows what this viewer wants to the receipt of the image
that was drawn first; it is told apart and subtracted.
"""

import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.cpu import Usage, Watch, family
from benchmarks.missing import unless_missing
from benchmarks.page_server import REPORTS_VARIABLE
from benchmarks.report import Aim, Section, amount, parser, percentile, say, spread, undisturbed
from tests.browsers import find_chromium, plain_chromium
from tests.server import running_server
from tests.simulator import running_simulator
from tests.support import wait_until

WINDOW = "1400,900"
AIM_MS = 300.0
LOAD_SECONDS = 15.0
"""More than a load and everything before it take."""
PAGE_SERVER = Path(__file__).resolve().parent / "first_picture_server.py"

CAMERA = ("--scene", "camera", "--compression", "bitshuffle_lz4")
CASES: dict[str, tuple[str, ...]] = {
    "camera 640x480, 100 Hz": (*CAMERA, "--rate", "100", "--size", "640x480"),
    "facility's stream, 25 Hz": ("--rate", "25"),
    "camera 2560x2160, 25 Hz": (*CAMERA, "--rate", "25", "--size", "2560x2160"),
}
QUICK = ("camera 640x480, 100 Hz",)

STEPS = {
    "html": ("navigation", "html"),
    "script": ("html", "script"),
    "page": ("script", "built"),
    "socket": ("built", "connected"),
    "want": ("connected", "wanted"),
    "frame": ("asked", "arrived"),
    "drawn": ("arrived", "drawn"),
}
"""Name of each step, and the moments that it lies between; ``asked`` is after the wait for the source."""


@dataclass
class Load:
    """One load of the page; ``at`` holds moments and ``steps`` durations, both in ms after the navigation."""

    total: float
    wait: float
    steps: dict[str, float]
    at: dict[str, float]
    painted: float | None
    decode: float
    draw: float
    bytes_loaded: int
    files: list[dict[str, Any]]


@dataclass
class Run:
    """One browser: a load with an empty cache, then loads from its cache."""

    cold: Load
    warm: list[Load]
    usage: Usage
    browser: dict[str, Any] = field(default_factory=dict)

    @property
    def disturbance(self) -> float:
        """Cores used by others meanwhile."""
        return self.usage.disturbance


def measure(chromium: str, name: str, loads: int) -> Run:
    """Start everything for one case, and load the page so many times in one new browser."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        reports = Path(folder, "reports")
        reports.touch()
        sender, port = stack.enter_context(running_simulator(*CASES[name]))
        server = stack.enter_context(
            running_server(port, script=PAGE_SERVER, environment={REPORTS_VARIABLE: str(reports)})
        )
        server.wait_for_status(lambda status: status["source"]["messages"] > 0, 30.0, "the server receives the stream")
        start = server.url("benchmark/start")
        browser = stack.enter_context(plain_chromium(chromium, start, f"--window-size={WINDOW}"))
        watch = Watch(
            {
                "sender": lambda: [sender.pid],
                "server": lambda: family(server.pid),
                "browser": lambda: family(browser.pid),
            }
        )

        def pages() -> list[dict[str, Any]]:
            return [line for line in _lines(reports) if "navigation" in line]

        wait_until(lambda: len(pages()) >= loads, loads * LOAD_SECONDS, f"{loads} loads are reported")
        usage = watch.end()
        lines = list(_lines(reports))
    events = [line for line in lines if "event" in line]
    told = [line for line in lines if "navigation" in line][:loads]
    found = [_load(page, events) for page in told]
    last = told[-1]
    return Run(found[0], found[1:], usage, {what: last[what] for what in ("agent", "size", "drawnBy")})


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_bytes().split(b"\n")[:-1]:
        yield json.loads(line)


def _load(page: dict[str, Any], events: Sequence[dict[str, Any]]) -> Load:
    """Combine what the page and the server report of one load."""
    moments = {name: page[name] for name in ("navigation", "html", "script", "built", "worker", "arrived", "drawn")}
    for name in ("connected", "wanted"):
        moments[name] = min(event["at"] for event in events if event["event"] == name and event["at"] > page["html"])
    wait = max(0.0, page["receipt"] - moments["wanted"])
    moments["asked"] = moments["wanted"] + wait
    painted = [at for name, at in page["painted"] if name == "first-contentful-paint"]
    return Load(
        total=page["drawn"] - page["navigation"] - wait,
        wait=wait,
        steps={name: moments[end] - moments[begin] for name, (begin, end) in STEPS.items()},
        at={name: moment - page["navigation"] for name, moment in moments.items()},
        painted=painted[0] if painted else None,
        decode=page["decodeMs"],
        draw=page["drawMs"],
        bytes_loaded=sum(file["transferSize"] for file in page["loads"]),
        files=page["loads"],
    )


HEAD = ("stream, cache", "first picture ms", "p95", "waited ms", ", ".join(STEPS), "kB loaded", "others, cores")


def kinds(runs: Sequence[Run]) -> dict[str, list[Load]]:
    """Return the loads by the state of the browser's cache."""
    return {"empty": [run.cold for run in runs], "filled": [load for run in runs for load in run.warm]}


def rows(name: str, runs: Sequence[Run]) -> list[list[str]]:
    """Return the rows of the table for one stream."""
    result = []
    for kind, loads in kinds(runs).items():
        total = [load.total for load in loads]
        steps = [f"{statistics.median(load.steps[step] for load in loads):.0f}" for step in STEPS]
        row = [f"{name}, {kind}", spread(total, 0), f"{percentile(total, 95):.0f}"]
        row += [spread([load.wait for load in loads], 0), ", ".join(steps)]
        row.append(f"{statistics.median(load.bytes_loaded for load in loads) / 1000:.1f}")
        result.append([*row, spread([run.disturbance for run in runs], 2)])
    return result


def aims(found: dict[str, list[Run]]) -> list[Aim]:
    """Return the results for the aims."""
    return [
        Aim(f"first picture, {name}, cache {kind}", AIM_MS, [load.total for load in loads], " ms", digits=0)
        for name, runs in found.items()
        for kind, loads in kinds(runs).items()
    ]


def main() -> int:
    """Measure what the options say."""
    options = parser(__doc__, runs=5)
    options.add_argument("--case", action="append", choices=CASES, help="only this one; may be repeated")
    options.add_argument("--loads", type=int, metavar="N", help="of the page in each new browser (default: 5)")
    given = options.parse_args()
    runs, loads = amount(given.runs, given.quick, 2, 5), amount(given.loads, given.quick, 3, 5)
    if loads < 2:
        options.error("--loads must be 2 or more: the first is with an empty cache, the others are not")
    chromium = find_chromium(say)
    section = Section("first_picture", "From the navigation to the first picture", given.json, "first_picture")
    section.notes = [
        f"{runs} new browsers for each stream, {loads} loads in each; the wait for the source is subtracted."
    ]
    found: dict[str, list[Run]] = {}
    for name in given.case or (QUICK if given.quick else CASES):
        for number in range(runs):
            what = f"{name}, browser {number + 1} of {runs}"
            one = section.attempt(what, partial(undisturbed, given.wait, what, partial(measure, chromium, name, loads)))
            if one is not None:
                found.setdefault(name, []).append(one)
        section.put(
            [("", HEAD, [row for case, done in found.items() for row in rows(case, done)])],
            aims(found),
            cases={case: [asdict(run) for run in done] for case, done in found.items()},
        )
    return section.end()


if __name__ == "__main__":
    sys.exit(unless_missing(main))

"""From the send of an image to its draw in a browser: latency, images a second, and what it costs.

The browser is a Chromium without test driver (a driver makes it copy every image), whose page posts its own numbers.
Sender, server and browser run on this machine, so the source time and the browser's clock are one clock. "Drawn" is
taken in the animation-frame callback after the draw; the display shows it later.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.cpu import Usage, Watch, family, ingest_of
from benchmarks.page_server import REPORTS_VARIABLE
from benchmarks.report import parser, percentile, save, say, spread, table, undisturbed
from tests.browsers import find_chromium, plain_chromium
from tests.server import running_server
from tests.simulator import running_simulator
from tests.support import wait_until

WINDOW = "1400,900"
WARM_UP_SECONDS = 6.0
REPORT_SECONDS = 1.5
"""The page posts once a second."""
LEGS = ("server", "decode", "draw")
PAGE_SERVER = Path(__file__).resolve().parent / "page_server.py"

CAMERA = ("--scene", "camera", "--compression", "bitshuffle_lz4", "--rate", "25", "--size")
CASES: dict[str, tuple[str, ...]] = {
    "facility's stream, at its fastest": ("-d", "0"),
    "facility's stream, 125 Hz": ("--rate", "125"),
    "facility's stream, 25 Hz": ("--rate", "25"),
    "camera 1280x1024, 25 Hz": (*CAMERA, "1280x1024"),
    "camera 2560x2160, 25 Hz": (*CAMERA, "2560x2160"),
}
QUICK = ("facility's stream, at its fastest", "camera 2560x2160, 25 Hz")


@dataclass
class Run:
    """One run of one case; times in ms, rates in images a second, CPU in cores."""

    sent_rate: float
    shown_rate: float
    p50: float
    p95: float
    smallest: float
    legs: dict[str, float]
    frame_bytes: float
    usage: Usage
    browser: dict[str, Any] = field(default_factory=dict)

    @property
    def disturbance(self) -> float:
        """Cores that others used meanwhile."""
        return self.usage.disturbance


def measure(chromium: str, stream: Sequence[str], seconds: float) -> Run:
    """Start everything, throw the warm-up away, and measure for so long."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        reports = Path(folder, "reports")
        reports.touch()
        sender, port = stack.enter_context(running_simulator(*stream))
        environment = {REPORTS_VARIABLE: str(reports)}
        server = stack.enter_context(running_server(port, script=PAGE_SERVER, environment=environment))
        browser = stack.enter_context(plain_chromium(chromium, server.url(), f"--window-size={WINDOW}"))
        wait_until(lambda: reports.stat().st_size > 0, 30.0, "the page reports")
        time.sleep(WARM_UP_SECONDS)
        ingest = ingest_of(server)
        watch = Watch(
            {
                "sender": lambda: [sender.pid],
                "ingest": lambda: [ingest],
                "web": lambda: [server.pid],
                "browser": lambda: family(browser.pid),
            }
        )
        before, begin = server.status()["source"], time.time() * 1000
        time.sleep(seconds)
        end, usage, after = time.time() * 1000, watch.end(), server.status()["source"]
        time.sleep(REPORT_SECONDS)
        contents = list(_reports(reports))
    rows = [row for content in contents for row in content["rows"] if begin <= row[1] < end]
    latencies = [drawn - sent for sent, drawn, *_ in rows]
    legs = {
        name: statistics.median(row[2 + at] for row in rows) for at, name in enumerate(("server", "decode", "draw"))
    }
    described = {name: contents[-1][name] for name in ("agent", "webgl", "drawnBy", "size", "clockMs")}
    return Run(
        sent_rate=(after["messages"] - before["messages"]) / usage.seconds,
        shown_rate=len(rows) / usage.seconds,
        p50=statistics.median(latencies),
        p95=percentile(latencies, 95),
        smallest=min(latencies),
        legs=legs,
        frame_bytes=statistics.median(row[5] for row in rows),
        usage=usage,
        browser=described,
    )


def _reports(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_bytes().splitlines():
        yield json.loads(line)


def show(results: dict[str, list[Run]]) -> str:
    """Return the results as a table."""
    head = ["stream", "sent/s", "shown/s", "p50 ms", "p95 ms", "server, decode, draw ms"]
    head += ["CPU ingest", "web", "sender", "browser", "others"]
    rows = []
    for name, runs in results.items():
        cores = [run.usage.cores for run in runs]
        row = [name, spread([run.sent_rate for run in runs]), spread([run.shown_rate for run in runs])]
        row += [spread([run.p50 for run in runs]), spread([run.p95 for run in runs])]
        row.append(", ".join(f"{statistics.median(run.legs[leg] for run in runs):.1f}" for leg in runs[0].legs))
        row += [spread([core[group] for core in cores], 2) for group in ("ingest", "web", "sender", "browser")]
        row.append(spread([run.disturbance for run in runs], 2))
        rows.append(row)
    return table(head, rows)


def main() -> int:
    """Measure what the options say."""
    options = parser(__doc__)
    options.add_argument("--case", action="append", choices=CASES, help="only this one; may be repeated")
    options.add_argument("--seconds", type=float, default=15.0, help="of each run (default: 15)")
    options.add_argument("--runs", type=int, default=3, help="of each case (default: 3)")
    given = options.parse_args()
    names = given.case or (QUICK if given.quick else CASES)
    runs, seconds = (1, 10.0) if given.quick else (given.runs, given.seconds)
    chromium = find_chromium(say)
    results: dict[str, list[Run]] = {name: [] for name in names}
    for number in range(runs):
        for name in names:
            what = f"{name}, run {number + 1} of {runs}"
            results[name].append(undisturbed(given.wait, what, partial(measure, chromium, CASES[name], seconds)))
    browser = next(iter(results.values()))[0].browser
    print(f"{browser['agent']}\nWebGL: {browser['webgl']}; window {browser['size']}")
    print("drawn by", {name: runs[0].browser["drawnBy"] for name, runs in results.items()})
    print(show(results))
    content = {
        name: {"stream": " ".join(CASES[name]), "runs": [asdict(run) for run in runs]} for name, runs in results.items()
    }
    save(given.json, "latency", {"seconds": seconds, "warm_up_seconds": WARM_UP_SECONDS, "cases": content})
    return 0


if __name__ == "__main__":
    sys.exit(main())

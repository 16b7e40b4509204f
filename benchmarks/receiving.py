"""What it costs a browser to receive frames: by WebSocket, and from one long answer to a fetch into its own buffer.

A Chromium without test driver receives the same frames both ways in a worker, in turns; nothing is decoded or drawn.
The fetch is read with a reader that fills a given buffer (BYOB).
"""

import json
import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.cpu import Usage, Watch, family
from benchmarks.missing import unless_missing
from benchmarks.report import Aim, Section, amount, parser, percentile, say, spread
from tests.browsers import find_chromium, plain_chromium

SERVER = Path(__file__).resolve().parent / "receiving_server.py"
WAYS = ("websocket", "fetch")
START_SECONDS, TURN_SECONDS = 30.0, 10.0
"""More than the start of the browser, and what a turn takes besides its own time."""
CASES: dict[str, tuple[int, float]] = {
    "65 KB, 25 Hz": (65_000, 25.0),
    "1.3 MB, 50 Hz": (1_300_000, 50.0),
    "2.4 MB, 25 Hz": (2_400_000, 25.0),
    "10 MB, 25 Hz": (10_000_000, 25.0),
}
QUICK = ("1.3 MB, 50 Hz",)


@dataclass(frozen=True)
class Found:
    """One turn: frames a second, ages in ms, and cores."""

    way: str
    rate: float
    p50: float
    p95: float
    megabytes: float
    usage: Usage

    @property
    def cost(self) -> float:
        """Processor time of all of the browser's processes for each MB, in ms."""
        return 1000 * self.usage.cores["browser"] * self.usage.seconds / self.megabytes


def measure(chromium: str, name: str, runs: int, seconds: float) -> list[Found]:
    """Take the turns of one case in one browser: both ways after each other, each other pair in the other order."""
    size, rate = CASES[name]
    ways = [way for run in range(runs) for way in (WAYS if run % 2 == 0 else reversed(WAYS))]
    plan = [{"way": way, "bytes": size, "rate": rate, "seconds": seconds} for way in ways]
    with subprocess.Popen([sys.executable, SERVER, json.dumps(plan)], stdout=subprocess.PIPE, text=True) as server:
        limit = threading.Timer(START_SECONDS + len(ways) * (seconds + TURN_SECONDS), server.kill)
        limit.start()
        try:
            lines = _lines(server)
            url = f"http://127.0.0.1:{next(lines)['port']}/"
            with plain_chromium(chromium, url) as browser:
                return [_turn(name, way, server.pid, browser.pid, lines) for way in ways]
        finally:
            limit.cancel()
            server.kill()


def _lines(server: "subprocess.Popen[str]") -> Iterator[dict[str, Any]]:
    if server.stdout is None:
        raise RuntimeError("the server's output is not read")
    for line in server.stdout:
        yield json.loads(line)
    raise RuntimeError("the server has ended")


def _turn(name: str, way: str, server: int, browser: int, lines: Iterator[dict[str, Any]]) -> Found:
    if next(lines)["begun"]["way"] != way:
        raise RuntimeError("the page takes other turns")
    watch = Watch({"browser": lambda: family(browser), "server": lambda: [server]})
    found = next(lines)["found"]
    usage = watch.end()
    if found["fault"] is not None or not found["frames"]:
        raise RuntimeError(found["fault"] or f"{name}, {way}: no frame came")
    ages = [age for _, age in found["frames"]]
    return Found(
        way=way,
        rate=len(ages) / usage.seconds,
        p50=statistics.median(ages),
        p95=percentile(ages, 95),
        megabytes=sum(size for size, _ in found["frames"]) / 1e6,
        usage=usage,
    )


HEAD = ("case, way", "frames/s", "p50 ms", "p95 ms", "browser, ms/MB", "server, cores", "others, cores")


def rows(name: str, found: list[Found]) -> list[list[str]]:
    """Return the rows of one case, one for each way."""
    result = []
    for way in WAYS:
        turns = [turn for turn in found if turn.way == way]
        figures = [[turn.rate for turn in turns], [turn.p50 for turn in turns], [turn.p95 for turn in turns]]
        more = [[turn.cost for turn in turns], [turn.usage.cores["server"] for turn in turns]]
        cells = [spread(values) for values in figures] + [spread(values, 2) for values in more]
        result.append([f"{name}, {way}", *cells, spread([turn.usage.disturbance for turn in turns], 2)])
    return result


def ratios(name: str, found: list[Found]) -> Aim:
    """Return the cost of the fetch by that of the WebSocket, for each pair; below 1 the fetch is cheaper."""
    pairs = zip(*([turn.cost for turn in found if turn.way == way] for way in WAYS), strict=True)
    return Aim(f"{name}: browser's processor time, fetch / WebSocket", 1.0, [fetch / socket for socket, fetch in pairs])


def main() -> int:
    """Measure what the options say."""
    options = parser(__doc__, seconds=5, runs=5)
    options.add_argument("--case", action="append", choices=CASES, help="only this one; may be repeated")
    given = options.parse_args()
    runs, seconds = amount(given.runs, given.quick, 2, 5), amount(given.seconds, given.quick, 3.0, 5.0)
    chromium = find_chromium(say)
    section = Section("receiving", "Receiving in the browser: WebSocket and one long fetch", given.json, "receiving")
    section.notes = [f"{runs} turns of {seconds:g} s of each way, in one browser."]
    found: dict[str, list[Found]] = {}
    for name in given.case or (QUICK if given.quick else CASES):
        say(f"receiving, {name}")
        turns = section.attempt(name, partial(measure, chromium, name, runs, seconds))
        if turns is not None:
            found[name] = turns
        section.put(
            [("", HEAD, [row for case, turns in found.items() for row in rows(case, turns)])],
            [ratios(case, turns) for case, turns in found.items()],
            cases={case: [asdict(turn) for turn in turns] for case, turns in found.items()},
        )
    return section.end()


if __name__ == "__main__":
    sys.exit(unless_missing(main))

"""How the cost grows with channels, viewers and pixels: a line for each, with its slope by least squares.

Several stretches of time at each of several sizes; each stretch is a point. Channels: CPU of both processes for each
message of scalars, with a viewer that wants all of them, which may name 64. Viewers: CPU of the web process for each
frame of the source, 40 KB at 25 Hz. Pixels: CPU of both processes for each delivered image of the camera, uint16 with
bitshuffle_lz4 at 10 Hz, exact and as preview.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.cpu import ingest_of
from benchmarks.crowd import LIFTED, LIMITS_LIFTED, PREVIEW, WARM_UP_SECONDS, Group, Turn, crowd, watched
from benchmarks.report import Section, amount, parser, slope, spread, undisturbed
from benchmarks.source import running_source
from tests.server import running_server
from tests.simulator import running_simulator

Point = tuple[float, float]
BOTH = ("ingest", "web")


@dataclass(frozen=True)
class Line:
    """What grows: ``points`` returns for a size as many (x, y) as there are runs; ``unit`` is that of the slope."""

    sizes: tuple[Any, ...]
    points: Callable[[Any, int, float, float], list[Point]]
    unit: str
    x: str
    y: str
    digits: int = 2


@contextmanager
def _server(port: int, sender: int) -> Iterator[tuple[int, Mapping[str, Sequence[int]]]]:
    with running_server(port, "--mode", "sub", *LIMITS_LIFTED) as server:
        yield server.port, {"sender": [sender], "ingest": [ingest_of(server)], "web": [server.pid]}


def _turns(
    what: str,
    port: int,
    groups: Sequence[Group],
    processes: Mapping[str, Sequence[int]],
    runs: int,
    seconds: float,
    wait: float,
) -> list[Turn]:
    def once() -> Turn:
        with crowd(port, groups, WARM_UP_SECONDS, seconds) as running:
            return watched(running, processes)

    return [undisturbed(wait, f"{what}, run {run + 1} of {runs}", once) for run in range(runs)]


def channels(count: int, runs: int, seconds: float, wait: float) -> list[Point]:
    """Return (channels, us of both processes per message)."""
    rate = 100.0
    names = [f"SCALAR-{number:03d}" for number in range(count)]
    with running_source(rate, "--scalars", str(count)) as (sender, port), _server(port, sender) as (own, processes):
        turns = _turns(f"{count} channels", own, [Group(1, {"every": names})], processes, runs, seconds, wait)
    return [
        (float(count), sum(turn.usage.cores[name] for name in BOTH) * turn.seconds / rows * 1e6)
        for turn in turns
        if (rows := turn.groups[0].rows)
    ]


def viewers(count: int, runs: int, seconds: float, wait: float) -> list[Point]:
    """Return (viewers, us of the web process per frame of the source)."""
    rate = 25.0
    group = Group(count, {"format": "raw", "every": False})
    with running_source(rate, "--image", "200x200") as (sender, port), _server(port, sender) as (own, processes):
        turns = _turns(f"{count} viewers", own, [group], processes, runs, seconds, wait)
    return [(float(count), turn.us("web") * count) for turn in turns]


def pixels(want: Mapping[str, Any], size: str, runs: int, seconds: float, wait: float) -> list[Point]:
    """Return (megapixels, ms of both processes per delivered image)."""
    stream = ("--scene", "camera", "--mode", "pub", "--size", size, "--compression", "bitshuffle_lz4", "--rate", "10")
    columns, rows = map(int, size.split("x"))
    with running_simulator(*stream) as (sender, port), _server(port, sender.pid) as (own, processes):
        turns = _turns(f"{size} {want['format']}", own, [Group(1, want)], processes, runs, seconds, wait)
    return [(columns * rows * 1e-6, turn.us(*BOTH) * 1e-3) for turn in turns]


SIZES = ("640x480", "1280x1024", "2048x1536", "2560x2160")
LINES = {
    "channels": Line((1, 20, 40, 64), channels, "us per channel", "channels", "us per message"),
    "viewers": Line((1, 20, 50, 100), viewers, "us per viewer", "viewers", "web us per frame"),
    "pixels, exact": Line(
        SIZES, partial(pixels, {"format": "exact"}), "ms per megapixel", "megapixels", "ms per image"
    ),
    "pixels, preview": Line(SIZES, partial(pixels, PREVIEW), "ms per megapixel", "megapixels", "ms per image"),
}
HEAD = ("case", "slope", "at 0", "unit of the slope", "measured at", "median there")


def row(name: str, points: Sequence[Point]) -> list[str]:
    """Return the line of the table."""
    line = LINES[name]
    rise, start = slope(points)
    places = sorted({x for x, _ in points})
    at = ", ".join(f"{x:.3g}" for x in places)
    medians = ", ".join(spread([y for x, y in points if x == place], 1) for place in places)
    return [
        name,
        f"{rise:.{line.digits}f}",
        f"{start:.{line.digits}f}",
        line.unit,
        f"{at} {line.x}",
        f"{medians} {line.y}",
    ]


def main() -> int:
    """Measure what the options say."""
    options = parser(__doc__, seconds=2, runs=2)
    options.add_argument("--case", action="append", choices=LINES, help="only this one; may be repeated")
    given = options.parse_args()
    runs, seconds = amount(given.runs, given.quick, 1, 2), amount(given.seconds, given.quick, 1.5, 2.0)
    section = Section("growth", "What grows with what", given.json, "growth --case CASE")
    section.notes = [f"{runs} stretches of {seconds:g} s at each size. {LIFTED}"]
    found: dict[str, list[Point]] = {}
    for name in given.case or LINES:
        line = LINES[name]
        points = []
        for size in line.sizes:
            what = f"{name}, {size}"
            points += section.attempt(what, partial(line.points, size, runs, seconds, given.wait)) or []
        if len({x for x, _ in points}) > 1:
            found[name] = points
        section.put([("", HEAD, [row(name, points) for name, points in found.items()])], [], points=found)
    return section.end()


if __name__ == "__main__":
    sys.exit(main())

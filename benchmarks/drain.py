"""What it costs to keep a source drained, as a ratio to the least that a receiver can do.

The server and a bare ``recv_multipart(copy=False)`` loop take turns on one PUB sender of 2560x2160 uint16 with
bitshuffle_lz4 at 100 Hz: without a viewer, with data headers that alternate or change with every message, and with a
viewer that gets all scalars and no image. The figure is processor time per message, of all threads, ZeroMQ's included.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial

from benchmarks.bare import BareTurn, of_bare_loop
from benchmarks.cpu import Watch, cpu_seconds, ingest_of
from benchmarks.crowd import LIMITS_LIFTED, Group, crowd
from benchmarks.report import Aim, Section, amount, parser, spread, undisturbed
from benchmarks.source import running_source
from tests.server import ServerProcess, running_server
from tests.support import wait_until

RATE = 100.0
IMAGE = ("--image", "2560x2160", "--dtype", "uint16", "--compression", "bitshuffle_lz4")
WARM_UP_SECONDS = 1.5
HWM = 16
"""The server's queue limit for messages of this size."""
AIMED, AIM = "image", 1.15
AIM_TEXT = "drain, 2560x2160 uint16 bslz4 at 100 Hz, no viewer: CPU of ingest / bare receive loop"
UNSEEN = Group(1, {"hidden": True, "every": True})
"""A viewer with a strip chart in a hidden window: every scalar is decoded, no image is sent."""


@dataclass(frozen=True)
class Case:
    """What is sent, and who watches it."""

    options: tuple[str, ...]
    viewers: tuple[Group, ...] = ()


CASES = {
    "image": Case(IMAGE),
    "30 scalars, header alternates": Case((*IMAGE, "--scalars", "30", "--headers", "alternate")),
    "30 scalars, header changes": Case((*IMAGE, "--scalars", "30", "--headers", "change")),
    "30 scalars, decoded": Case((*IMAGE, "--scalars", "30"), (UNSEEN,)),
}
QUICK = ("image",)


@dataclass
class Turn:
    """One turn of the server: microseconds of processor time per message, messages a second, cores used by others."""

    ingest_us: float
    web_us: float
    rate: float
    disturbance: float


def of_server(sender: int, port: int, viewers: Sequence[Group], seconds: float) -> Turn:
    """Measure the server; ``sender`` is the process that sends on ``port``."""
    with running_server(port, "--mode", "sub", *LIMITS_LIFTED) as server, _watched(server, viewers, seconds) as others:
        ingest = ingest_of(server)
        time.sleep(WARM_UP_SECONDS)
        count, used, since = _sample(server, ingest)
        web = cpu_seconds(server.pid)
        watch = Watch({"server": lambda: [sender, ingest, server.pid, *others]})
        web_since = time.monotonic()
        time.sleep(seconds)
        # Before the final requests, which an idle web process would not get.
        web, web_took = cpu_seconds(server.pid) - web, time.monotonic() - web_since
        disturbance = watch.end().disturbance
        count_after, used_after, end = _sample(server, ingest)
    received = count_after - count
    rate = received / (end - since)
    return Turn((used_after - used) / received * 1e6, web / web_took / rate * 1e6, rate, disturbance)


@contextmanager
def _watched(server: ServerProcess, viewers: Sequence[Group], seconds: float) -> Iterator[list[int]]:
    if not viewers:
        yield []
        return
    with crowd(server.port, viewers, WARM_UP_SECONDS, seconds + 60.0) as running:
        yield [running.pid]


def _sample(server: ServerProcess, ingest: int) -> tuple[int, float, float]:
    """Return messages, processor time of the ingest process, and the time, just after a report."""

    def messages() -> int:
        count: int = server.status()["source"]["messages"]
        return count

    before = messages()
    count = wait_until(lambda: (now := messages()) != before and now, 5.0, "messages come", poll=0.002)
    return count, cpu_seconds(ingest), time.monotonic()


def measure(case: Case, runs: int, seconds: float, wait: float, name: str) -> list[tuple[Turn, BareTurn]]:
    """Measure both in turns; which one is first alternates."""
    pairs = []
    with running_source(RATE, *case.options) as (sender, port):
        once = partial(of_server, sender, port, case.viewers, seconds)
        bare = partial(of_bare_loop, sender, port, HWM, seconds)
        for run in range(runs):
            what = f"drain, {name}, pair {run + 1} of {runs}"
            if run % 2:
                loop = undisturbed(wait, f"{what}, bare loop", bare)
                server = undisturbed(wait, f"{what}, server", once)
            else:
                server = undisturbed(wait, f"{what}, server", once)
                loop = undisturbed(wait, f"{what}, bare loop", bare)
            pairs.append((server, loop))
    return pairs


def main() -> int:
    """Measure what the options say."""
    options = parser(__doc__, seconds=2, runs=5)
    options.add_argument("--case", action="append", choices=CASES, help="only this one; may be repeated")
    given = options.parse_args()
    runs, seconds = amount(given.runs, given.quick, 2, 5), amount(given.seconds, given.quick, 2.0, 2.0)
    section = Section("drain", "Draining: server and bare receive loop in turns", given.json, "drain --case CASE")
    section.notes = [f"2560x2160 uint16 bitshuffle_lz4 at {RATE:g} Hz; {runs} pairs of turns of {seconds:g} s."]
    found: dict[str, list[tuple[Turn, BareTurn]]] = {}
    names = given.case or (QUICK if given.quick else CASES)
    for name in names:
        pairs = section.attempt(name, partial(measure, CASES[name], runs, seconds, given.wait, name))
        if pairs is not None:
            found[name] = pairs
        aims = [Aim(AIM_TEXT, AIM, ratios(found.get(AIMED, [])), " x")] if AIMED in names else []
        figures = {
            name: [{"server": asdict(server), "bare_loop": asdict(loop)} for server, loop in pairs]
            for name, pairs in found.items()
        }
        section.put([("", HEAD, [row(name, pairs) for name, pairs in found.items()])], aims, cases=figures)
    return section.end()


HEAD = (
    "case",
    "ingest / bare loop",
    "ingest us per message",
    "bare loop us",
    "its page faults",
    "web us",
    "messages/s",
    "others, cores",
)


def ratios(pairs: Sequence[tuple[Turn, BareTurn]]) -> list[float]:
    """Return the ratio of each pair, without the web process."""
    return [server.ingest_us / loop.us for server, loop in pairs]


def row(name: str, pairs: Sequence[tuple[Turn, BareTurn]]) -> list[str]:
    """Return the row of a case."""
    return [
        name,
        spread(ratios(pairs), 2),
        spread([server.ingest_us for server, _ in pairs], 0),
        spread([loop.us for _, loop in pairs], 0),
        spread([loop.faults for _, loop in pairs], 0),
        spread([server.web_us for server, _ in pairs], 0),
        spread([server.rate for server, _ in pairs]),
        spread([server.disturbance for server, _ in pairs], 2),
    ]


if __name__ == "__main__":
    sys.exit(main())

"""The effect of viewers that send messages without end on those that only watch.

Twenty viewers watch 300 KB at 25 Hz, in turns alone and beside twenty that send as much as they may, or far more. The
senders also use processor time of this machine, so in a third turn the same senders talk to another server without
viewers.
"""

import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial

from benchmarks.cpu import ingest_of
from benchmarks.crowd import LIFTED, LIMITS_LIFTED, WARM_UP_SECONDS, Group, Turn, crowd, watched
from benchmarks.report import Aim, Section, amount, parser, spread, undisturbed
from benchmarks.source import running_source
from tests.server import running_server

RATE = 25.0
IMAGE = "600x500"
FAST = Group(20, {"format": "raw", "every": False})
TALKERS = 20
KINDS = ("within", "beyond")
WITHIN = 0.10
HEAD = ("20 viewers", "images/s each", "p50 ms", "p99 ms", "web, cores", "ingest, cores")

Turns = dict[str, Turn]


@contextmanager
def talking(port: int, kind: str, seconds: float) -> Iterator[None]:
    """Run the senders during a block, and not much longer than ``seconds``."""
    command = [sys.executable, "-m", "benchmarks.talkers", str(port), kind, str(TALKERS), str(4 * seconds + 30)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101
        process.stdout.readline()
        try:
            yield
        finally:
            process.kill()


def measure(runs: int, seconds: float, wait: float) -> list[Turns]:
    """Return the turns of each run: alone, and for each kind with senders at this server and at another."""
    result = []
    with (
        running_source(RATE, "--image", IMAGE) as (sender, port),
        running_server(port, "--mode", "sub", *LIMITS_LIFTED) as server,
        running_server(port, "--mode", "sub", *LIMITS_LIFTED) as other,
    ):
        processes = {"sender": [sender], "ingest": [ingest_of(server)], "web": [server.pid]}

        def turn() -> Turn:
            with crowd(server.port, [FAST], WARM_UP_SECONDS, seconds) as running:
                return watched(running, processes)

        for run in range(runs):
            what = f"talkers, run {run + 1} of {runs}"
            turns = {"alone": undisturbed(wait, f"{what}, without", turn)}
            for kind in KINDS:
                for place, target in (("elsewhere", other.port), ("here", server.port)):
                    with talking(target, kind, seconds):
                        # The senders use the processor, so an idle machine cannot be waited for.
                        turns[f"{kind}, {place}"] = turn()
            result.append(turns)
    return result


def rows(runs: list[Turns]) -> list[list[str]]:
    """Return the table."""
    return [
        [
            name,
            spread([turns[name].rate for turns in runs]),
            spread([turns[name].groups[0].p50 for turns in runs]),
            spread([turns[name].groups[0].p99 for turns in runs]),
            spread([turns[name].usage.cores["web"] for turns in runs]),
            spread([turns[name].usage.cores["ingest"] for turns in runs]),
        ]
        for name in runs[0]
    ]


def aims(runs: list[Turns]) -> list[Aim]:
    """Return what came of the aims."""

    def ratios(kind: str) -> list[float]:
        pairs = [(turns[f"{kind}, here"].groups[0].p99, turns[f"{kind}, elsewhere"].groups[0].p99) for turns in runs]
        return [here / elsewhere for here, elsewhere in pairs if here is not None and elsewhere]

    return [
        Aim(f"p99 beside 20 who say what is {kind} the limits / the same elsewhere", 1 + WITHIN, ratios(kind), " x")
        for kind in KINDS
    ]


def main() -> int:
    """Measure what the options say."""
    given = parser(__doc__, seconds=5, runs=5).parse_args()
    runs, seconds = amount(given.runs, given.quick, 1, 5), amount(given.seconds, given.quick, 3.0, 5.0)
    section = Section("words", "Viewers that talk without end", given.json, "words")
    section.notes = [f"300 KB at {RATE:g} Hz; {runs} runs of turns of {seconds:g} s. {LIFTED}"]
    found = section.attempt("talkers", partial(measure, runs, seconds, given.wait)) or []
    if found:
        cores = statistics.median(turns["alone"].load_cores for turns in found)
        section.notes.append(f"The program of the viewers used {cores:.2f} cores.")
    section.put(
        [("", HEAD, rows(found) if found else [])],
        aims(found) if found else [],
        runs=[{name: asdict(turn) for name, turn in turns.items()} for turns in found],
    )
    return section.end()


if __name__ == "__main__":
    sys.exit(main())

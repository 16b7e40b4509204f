"""What it costs to keep a source drained while nobody watches, as a ratio to the least that a receiver can do.

The server and a bare ``recv_multipart(copy=False)`` loop take turns on one PUB sender: 2560x2160 uint16 with
bitshuffle_lz4 at 100 Hz. The figure is processor time per message, of all threads, ZeroMQ's included.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial

from benchmarks.cpu import Watch, cpu_seconds, ingest_of
from benchmarks.report import parser, save, spread, table, undisturbed
from tests.server import ServerProcess, running_server
from tests.simulator import running_simulator
from tests.support import wait_until

STREAM = ("--scene", "camera", "--mode", "pub", "--size", "2560x2160", "--compression", "bitshuffle_lz4")
RATE = 100.0
WARM_UP_SECONDS = 3.0
HWM = 16
"""What the server's queue limit comes to with messages of this size."""
AIM = 1.15


@dataclass
class Turn:
    """One turn: microseconds of processor time per message, messages a second, and cores that others used.

    The receiver is the ingest process or the bare loop, which has no web process.
    """

    receiver_us: float
    web_us: float
    rate: float
    others: float

    @property
    def disturbance(self) -> float:
        """Cores that others used meanwhile."""
        return self.others


def of_server(sender: int, port: int, seconds: float) -> Turn:
    """Measure the server without a viewer; ``sender`` is the process that sends on ``port``."""
    with running_server(port, "--mode", "sub") as server:
        ingest = ingest_of(server)
        time.sleep(WARM_UP_SECONDS)
        count, used, since = _sample(server, ingest)
        web = cpu_seconds(server.pid)
        watch = Watch({"server": lambda: [sender, ingest, server.pid]})
        web_since = time.monotonic()
        time.sleep(seconds)
        # Before the questions at the end, which are no part of an idle web process.
        web, web_took = cpu_seconds(server.pid) - web, time.monotonic() - web_since
        usage = watch.end()
        count_after, used_after, end = _sample(server, ingest)
    rate = (count_after - count) / (end - since)
    return Turn(
        (used_after - used) / (count_after - count) * 1e6,
        web / web_took / rate * 1e6,
        rate,
        usage.disturbance,
    )


def _sample(server: ServerProcess, ingest: int) -> tuple[int, float, float]:
    """Return messages, processor time of ingest, and the time, when the ingest has just reported."""

    def messages() -> int:
        count: int = server.status()["source"]["messages"]
        return count

    before = messages()
    count = wait_until(lambda: (now := messages()) != before and now, 5.0, "messages come", poll=0.002)
    return count, cpu_seconds(ingest), time.monotonic()


def of_bare_loop(sender: int, port: int, seconds: float) -> Turn:
    """Measure the loop."""
    command = [sys.executable, "-m", "benchmarks.bare_loop", str(port), str(HWM)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as loop:
        try:
            ask = _asker(loop)
            time.sleep(WARM_UP_SECONDS)
            count, used = ask()
            since = time.monotonic()
            watch = Watch({"loop": lambda: [sender, loop.pid]})
            time.sleep(seconds)
            count_after, used_after = ask()
            rate = (count_after - count) / (time.monotonic() - since)
            usage = watch.end()
        finally:
            loop.kill()
    return Turn((used_after - used) / (count_after - count) * 1e6, 0.0, rate, usage.disturbance)


def _asker(loop: "subprocess.Popen[str]") -> Callable[[], tuple[int, float]]:
    stdin, stdout = loop.stdin, loop.stdout
    if stdin is None or stdout is None:
        raise RuntimeError("the loop has no pipes")

    def ask() -> tuple[int, float]:
        stdin.write("?\n")
        stdin.flush()
        count, used = stdout.readline().split()
        return int(count), float(used)

    return ask


def show(pairs: Sequence[tuple[Turn, Turn]]) -> str:
    """Return the pairs (server, bare loop) as a table, and the ratios under it."""
    head = ["pair", "ingest us", "web us", "bare us", "ratio", "messages/s", "others"]
    rows = []
    for number, (server, loop) in enumerate(pairs, start=1):
        row = [str(number), f"{server.receiver_us:.0f}", f"{server.web_us:.0f}", f"{loop.receiver_us:.0f}"]
        row += [f"{server.receiver_us / loop.receiver_us:.3f}", f"{server.rate:.1f}, {loop.rate:.1f}"]
        rows.append([*row, f"{server.others:.2f}, {loop.others:.2f}"])
    alone, together = _ratios(pairs)
    summary = f"ingest / bare loop: {spread(alone, 3)}, aim {AIM}; both processes / bare loop: {spread(together, 3)}"
    return f"{table(head, rows)}\n{summary}"


def _ratios(pairs: Sequence[tuple[Turn, Turn]]) -> tuple[list[float], list[float]]:
    """Return the ratio of each pair, without the web process and with it."""
    alone = [server.receiver_us / loop.receiver_us for server, loop in pairs]
    together = [(server.receiver_us + server.web_us) / loop.receiver_us for server, loop in pairs]
    return alone, together


def main() -> int:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--seconds", type=float, default=10.0, help="of each turn (default: 10)")
    options.add_argument("--runs", type=int, default=7, help="pairs of turns (default: 7)")
    given = options.parse_args()
    runs, seconds = (5, 3.0) if given.quick else (given.runs, given.seconds)
    pairs: list[tuple[Turn, Turn]] = []
    with running_simulator(*STREAM, "--rate", str(RATE)) as (sender, port):
        for run in range(runs):
            server = undisturbed(
                given.wait, f"pair {run + 1} of {runs}, server", partial(of_server, sender.pid, port, seconds)
            )
            loop = undisturbed(
                given.wait, f"pair {run + 1} of {runs}, bare loop", partial(of_bare_loop, sender.pid, port, seconds)
            )
            pairs.append((server, loop))
    print(show(pairs))
    alone, together = _ratios(pairs)
    content = {
        "stream": " ".join([*STREAM, "--rate", str(RATE)]),
        "hwm": HWM,
        "seconds": seconds,
        "ratio": statistics.median(alone),
        "ratio_with_web": statistics.median(together),
        "aim": AIM,
        "turns": [{"server": asdict(server), "bare_loop": asdict(loop)} for server, loop in pairs],
    }
    save(given.json, "drain", content)
    return 0


if __name__ == "__main__":
    sys.exit(main())

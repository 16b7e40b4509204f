"""What it costs to keep a source drained while nobody watches, as a ratio to the least that a receiver can do.

The server and a bare ``recv_multipart(copy=False)`` loop take turns on one PUB sender: 2560x2160 uint16 with
bitshuffle_lz4 at 100 Hz. The figure is processor time per message, of all threads, ZeroMQ's included.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from benchmarks.cpu import Watch, cpu_seconds, ingest_of
from benchmarks.report import parser, save, say, settle, spread, table
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
    """One turn: microseconds of processor time per message, messages a second, and cores that others used."""

    ingest_us: float
    web_us: float
    rate: float
    others: float


def of_server(port: int, seconds: float) -> Turn:
    """Measure the server without a viewer."""
    with running_server(port, "--mode", "sub") as server:
        ingest = ingest_of(server)
        time.sleep(WARM_UP_SECONDS)
        count, used, since = _sample(server, ingest)
        web = cpu_seconds(server.pid)
        watch = Watch({"server": lambda: [ingest, server.pid]})
        web_since = time.monotonic()
        time.sleep(seconds)
        # Before the questions at the end, which are no part of an idle web process.
        web, web_took = cpu_seconds(server.pid) - web, time.monotonic() - web_since
        usage = watch.end()
        count_after, used_after, end = _sample(server, ingest)
    rate = (count_after - count) / (end - since)
    return Turn((used_after - used) / (count_after - count) * 1e6, web / web_took / rate * 1e6, rate, usage.others)


def _sample(server: ServerProcess, ingest: int) -> tuple[int, float, float]:
    """Return messages, processor time of ingest, and the time, when the ingest has just reported."""

    def messages() -> int:
        count: int = server.status()["source"]["messages"]
        return count

    before = messages()
    count = wait_until(lambda: (now := messages()) != before and now, 5.0, "messages come", poll=0.002)
    return count, cpu_seconds(ingest), time.monotonic()


def of_bare_loop(port: int, seconds: float) -> Turn:
    """Measure the loop."""
    command = [sys.executable, "-m", "benchmarks.bare_loop", str(port), str(HWM)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as loop:
        try:
            ask = _asker(loop)
            time.sleep(WARM_UP_SECONDS)
            count, used = ask()
            since = time.monotonic()
            watch = Watch({"loop": lambda: [loop.pid]})
            time.sleep(seconds)
            count_after, used_after = ask()
            rate = (count_after - count) / (time.monotonic() - since)
            usage = watch.end()
        finally:
            loop.kill()
    return Turn((used_after - used) / (count_after - count) * 1e6, 0.0, rate, usage.others)


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


def main() -> int:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--seconds", type=float, default=10.0, help="of each turn (default: 10)")
    options.add_argument("--runs", type=int, default=7, help="pairs of turns (default: 7)")
    given = options.parse_args()
    runs, seconds = (5, 3.0) if given.quick else (given.runs, given.seconds)
    servers: list[Turn] = []
    loops: list[Turn] = []
    with running_simulator(*STREAM, "--rate", str(RATE)) as (_, port):
        for run in range(runs):
            settle(given.wait)
            say(f"pair {run + 1} of {runs}")
            servers.append(of_server(port, seconds))
            loops.append(of_bare_loop(port, seconds))
    rows = []
    for run, (server, loop) in enumerate(zip(servers, loops, strict=True)):
        row = [str(run + 1), f"{server.ingest_us:.0f}", f"{server.web_us:.0f}", f"{loop.ingest_us:.0f}"]
        row += [f"{server.ingest_us / loop.ingest_us:.3f}", f"{server.rate:.1f}, {loop.rate:.1f}"]
        rows.append([*row, f"{server.others:.2f}, {loop.others:.2f}"])
    pairs = list(zip(servers, loops, strict=True))
    ratios = [server.ingest_us / loop.ingest_us for server, loop in pairs]
    together = [(server.ingest_us + server.web_us) / loop.ingest_us for server, loop in pairs]
    print(table(["pair", "ingest us", "web us", "bare us", "ratio", "messages/s", "others"], rows))
    print(f"ingest / bare loop: {spread(ratios, 3)}, aim {AIM}; both processes / bare loop: {spread(together, 3)}")
    summary = {"ratio": statistics.median(ratios), "ratio_with_web": statistics.median(together), "aim": AIM}
    turns = [{"server": asdict(server), "bare_loop": asdict(loop)} for server, loop in pairs]
    stream = " ".join([*STREAM, "--rate", str(RATE)])
    save(given.json, "drain", {"stream": stream, "hwm": HWM, "seconds": seconds, **summary, "turns": turns})
    return 0


if __name__ == "__main__":
    sys.exit(main())

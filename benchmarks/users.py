"""How many viewers one server carries: images a second to each, processor time, Mbit/s and latency.

The viewers are clients of the protocol in one lean process (load.py), not browsers: they stand for browsers on other
machines. Their process takes its share of this machine, so it is shown beside the server's. All limits are lifted.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.cpu import Usage, Watch, ingest_of
from benchmarks.report import parser, save, spread, table, undisturbed
from tests.server import ServerProcess, running_server
from tests.simulator import SimulatorProcess, running_simulator

ROOT = Path(__file__).resolve().parents[1]
WARM_UP_SECONDS = 3.0
LIMITS_LIFTED = ("--max-rate", "10000", "--total-mbit", "0")
CAMERA = ("--scene", "camera", "--size", "2560x2160", "--compression", "bitshuffle_lz4")
STREAMS: dict[str, tuple[str, ...]] = {
    "facility's stream, 10 Hz": ("--rate", "10"),
    "facility's stream, at its fastest": ("-d", "0"),
    "camera 2560x2160, 10 Hz": (*CAMERA, "--rate", "10"),
}
VIEWERS = (1, 10, 50)
QUICK_STREAMS = ("facility's stream, at its fastest", "camera 2560x2160, 10 Hz")
QUICK_VIEWERS = (1, 10)


@dataclass
class Run:
    """One run; rates in images a second to each viewer, CPU in cores, times in ms from send to complete receipt."""

    sent_rate: float
    mean: float
    smallest: float
    mbit: float
    frame_bytes: float
    p50: float | None
    p95: float | None
    usage: Usage

    @property
    def disturbance(self) -> float:
        """Cores that others used meanwhile."""
        return self.usage.disturbance


def measure(stream: Sequence[str], viewers: int, form: str, seconds: float, discard: bool) -> Run:
    """Start everything, and let so many viewers watch for so long."""
    with running_simulator(*stream) as (sender, port), running_server(port, *LIMITS_LIFTED) as server:
        return _watched(sender, server, viewers, form, seconds, discard)


def _watched(
    sender: SimulatorProcess, server: ServerProcess, viewers: int, form: str, seconds: float, discard: bool
) -> Run:
    arguments = [str(server.port), str(viewers), form, str(WARM_UP_SECONDS), str(seconds)]
    command = [sys.executable, "-m", "benchmarks.load", *arguments, *(["discard"] if discard else [])]
    ingest = ingest_of(server)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as load:
        try:
            output = load.stdout
            if output is None or output.readline() != "begin\n":
                raise RuntimeError("the viewers did not begin")
            watch = Watch(
                {
                    "sender": lambda: [sender.pid],
                    "ingest": lambda: [ingest],
                    "web": lambda: [server.pid],
                    "viewers": lambda: [load.pid],
                }
            )
            before = server.status()["source"]["messages"]
            text = output.readline()
            usage = watch.end()
            sent = server.status()["source"]["messages"] - before
            result: dict[str, Any] = json.loads(text)
        finally:
            load.kill()
    return Run(
        sent_rate=sent / usage.seconds,
        mean=statistics.mean(result["rates"]),
        smallest=min(result["rates"]),
        mbit=result["mbit"],
        frame_bytes=result["frame_bytes"],
        p50=result["p50"],
        p95=result["p95"],
        usage=usage,
    )


def show(results: dict[tuple[str, int], list[Run]]) -> str:
    """Return the results as a table."""
    head = ["stream", "viewers", "sent/s", "mean/s", "least/s", "Mbit/s", "p50 ms", "p95 ms"]
    head += ["CPU ingest", "web", "viewers", "sender", "others"]
    rows = []
    for (name, viewers), runs in results.items():
        row = [name, str(viewers), spread([run.sent_rate for run in runs])]
        row += [spread([run.mean for run in runs]), spread([run.smallest for run in runs])]
        row.append(spread([run.mbit for run in runs], 0))
        row += [spread([run.p50 for run in runs if run.p50 is not None])]
        row += [spread([run.p95 for run in runs if run.p95 is not None])]
        cores = [run.usage.cores for run in runs]
        row += [spread([core[group] for core in cores], 2) for group in ("ingest", "web", "viewers", "sender")]
        row.append(spread([run.disturbance for run in runs], 2))
        rows.append(row)
    return table(head, rows)


def main() -> int:
    """Measure what the options say."""
    options = parser(__doc__)
    options.add_argument("--stream", action="append", choices=STREAMS, help="only this one; may be repeated")
    options.add_argument("--viewers", action="append", type=int, metavar="N", help="may be repeated")
    options.add_argument("--format", choices=("bslz4", "raw", "auto"), default="bslz4", help="default: bslz4")
    options.add_argument("--discard", action="store_true", help="viewers do not copy what they receive; see load.py")
    options.add_argument("--seconds", type=float, default=10.0, help="of each run (default: 10)")
    options.add_argument("--runs", type=int, default=3, help="of each case (default: 3)")
    given = options.parse_args()
    streams = given.stream or (QUICK_STREAMS if given.quick else STREAMS)
    numbers = given.viewers or (QUICK_VIEWERS if given.quick else VIEWERS)
    runs, seconds = (1, 4.0) if given.quick else (given.runs, given.seconds)
    results: dict[tuple[str, int], list[Run]] = {case: [] for case in product(streams, numbers)}
    for run in range(runs):
        for name, number in results:
            once = partial(measure, STREAMS[name], number, given.format, seconds, given.discard)
            what = f"{name}, {number} viewers, run {run + 1} of {runs}"
            results[name, number].append(undisturbed(given.wait, what, once))
    reading = "thrown away by the kernel" if given.discard else "copied by the viewers"
    print(f"format {given.format}, {reading}, limits lifted: {' '.join(LIMITS_LIFTED)}")
    print(show(results))
    cases = [
        {"stream": " ".join(STREAMS[name]), "viewers": number, "runs": [asdict(run) for run in found]}
        for (name, number), found in results.items()
    ]
    section = f"users {given.format}{' discard' if given.discard else ''}"
    save(given.json, section, {"seconds": seconds, "warm_up_seconds": WARM_UP_SECONDS, "cases": cases})
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What a viewer at the end of a slow or long link gets: images a second, their age, scalars, and what the window does.

The link is a proxy (tests/slow_link.py), the viewer a client of the protocol that acknowledges as a page on a display
of 60 Hz does. The window of the product is compared with windows that never change. The server takes the viewer for one
on another machine.
"""

import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from benchmarks.cpu import Usage, Watch, ingest_of
from benchmarks.links_server import RULE
from benchmarks.report import parser, percentile, save, say, table, undisturbed
from tests.link_viewer import Seen, watch
from tests.server import ServerProcess
from tests.simulator import SimulatorProcess, running_simulator
from tests.slow_link import slow_link

SERVER = Path(__file__).with_name("links_server.py")
WARM_UP_SECONDS = 2.0
LONGEST_IMAGE_SECONDS = 3.0
CAMERA = ("--scene", "camera", "--mode", "pub")


@dataclass(frozen=True)
class Stream:
    """What is sent, what the viewer asks for, and the approximate size of an image then."""

    options: tuple[str, ...]
    form: str
    bytes: int = 0
    """0: the format adapts itself."""


STREAMS = {
    "65 kB, 100 Hz": Stream((*CAMERA, "--size", "180x180", "--rate", "100"), "raw", 65_000),
    "22 kB, 25 Hz": Stream((*CAMERA, "--size", "100x100", "--rate", "25"), "raw", 22_000),
    "1 MB, 25 Hz": Stream(
        (*CAMERA, "--size", "1280x1024", "--rate", "25", "--compression", "bitshuffle_lz4"), "bslz4", 1_000_000
    ),
    "4 MB, 25 Hz": Stream(
        (*CAMERA, "--size", "2560x2160", "--rate", "25", "--compression", "bitshuffle_lz4"), "bslz4", 4_200_000
    ),
    "facility's stream, 25 Hz, auto": Stream(("--rate", "25", "--mode", "pub"), "auto"),
    "2560x2160, 25 Hz, auto": Stream(
        (*CAMERA, "--size", "2560x2160", "--rate", "25", "--compression", "bitshuffle_lz4"), "auto"
    ),
}
LINKS = {
    "0 ms": (0.0, 0.0),
    "5 ms": (5.0, 0.0),
    "20 ms": (20.0, 0.0),
    "100 ms": (100.0, 0.0),
    "1 ms, 1 Gbit/s": (1.0, 1000.0),
    "20 ms, 50 Mbit/s": (20.0, 50.0),
    "40 ms, 2 Mbit/s": (40.0, 2.0),
}
"""Round trip in ms, Mbit/s in each direction (0: no limit)."""
WINDOWS = (RULE, "1", "2", "3", "4")
QUICK = [
    ("65 kB, 100 Hz", "20 ms, 50 Mbit/s"),
    ("22 kB, 25 Hz", "40 ms, 2 Mbit/s"),
    ("facility's stream, 25 Hz, auto", "40 ms, 2 Mbit/s"),
]


@dataclass
class Run:
    """One run; ages in ms: of a pulse at the arrival of its image, and of the newest scalars at theirs."""

    rate: float
    age_p50: float
    age_p95: float
    mbit: float
    image_bytes: float
    window: float
    rtt_ms: float | None
    scalars_p50: float
    scalars_max: float
    rows: int
    missing_rows: int
    longest_silence: float
    shown_as: str
    usage: Usage

    @property
    def disturbance(self) -> float:
        """Cores used by others meanwhile."""
        return self.usage.disturbance

    @property
    def stale(self) -> float:
        """The age, p95, in periods between images."""
        return self.age_p95 * self.rate / 1e3


@contextmanager
def running(stream: Stream, window: str) -> Iterator[tuple[SimulatorProcess, ServerProcess]]:
    """Run a sender and a server that has this window."""
    with running_simulator(*stream.options) as (sender, port):
        server = ServerProcess(window, f"tcp://127.0.0.1:{port}", "--port", "0", script=SERVER)
        try:
            server.wait_until_serving()
            yield sender, server
        finally:
            server.end()
            server.close_output()


def measure(
    sender: SimulatorProcess, server: ServerProcess, stream: Stream, link: tuple[float, float], seconds: float
) -> Run:
    """Measure through a link."""
    rtt, mbit = link
    ingest = ingest_of(server)
    warm_up = WARM_UP_SECONDS + (0.0 if stream.bytes else 10.0)
    with slow_link(server.port, rtt=rtt, down=mbit) as proxy:
        processes = {"web": server.pid, "ingest": ingest, "sender": sender.pid, "link": proxy.pid}
        usage = Watch({name: partial(list, (pid,)) for name, pid in processes.items()})
        seen = watch(proxy.url("live", "ws"), seconds, warm_up, format=stream.form, picture=[1200, 900])
        return _summary(seen, usage.end())


def _summary(seen: Seen, usage: Usage) -> Run:
    images = seen.images
    if len(images) < 2 or not seen.scalar_ages:
        raise RuntimeError(f"only {len(images)} images and {seen.rows} rows came")
    ages = [image.age * 1e3 for image in images]
    scalars = [age * 1e3 for age in seen.scalar_ages]
    rtts = [you["rtt_ms"] for you in seen.you if you["rtt_ms"] is not None]
    return Run(
        rate=(len(images) - 1) / (images[-1].at - images[0].at),
        age_p50=percentile(ages, 50),
        age_p95=percentile(ages, 95),
        mbit=sum(image.size for image in images) * 8e-6 / seen.seconds,
        image_bytes=statistics.median(image.size for image in images),
        window=statistics.mean(you["window"] for you in seen.you) if seen.you else 0.0,
        rtt_ms=statistics.median(rtts) if rtts else None,
        scalars_p50=percentile(scalars, 50),
        scalars_max=max(scalars),
        rows=seen.rows,
        missing_rows=seen.missing_rows + seen.lost_rows,
        longest_silence=max(seen.gaps),
        shown_as=statistics.mode(seen.shown_as),
        usage=usage,
    )


def cases(names: Sequence[str], links: Sequence[str], quick: bool) -> Iterator[tuple[str, str, str]]:
    """Yield (stream, window, link) of what is measured, in an order in which one server serves several links."""
    for name in names:
        stream = STREAMS[name]
        for window in WINDOWS if stream.bytes else (RULE,):
            for link in links:
                _, mbit = LINKS[link]
                too_long = mbit and stream.bytes * 8e-6 / mbit > LONGEST_IMAGE_SECONDS
                if not too_long and (not quick or (name, link) in QUICK):
                    yield name, window, link


def show(results: dict[tuple[str, str, str], Run]) -> str:
    """Return the results as a table."""
    head = ["images", "link", "window", "on average", "images/s", "age p50 ms", "p95", "p95 in frame times"]
    head += [
        "Mbit/s",
        "kB",
        "as",
        "rtt measured",
        "scalars p50 ms",
        "max",
        "missing",
        "silence s",
        "CPU link",
        "others",
    ]
    rows = []
    for name, link, window in sorted(
        results, key=lambda case: (list(STREAMS).index(case[0]), list(LINKS).index(case[1]))
    ):
        run = results[name, link, window]
        row = [name, link, window, f"{run.window:.1f}", f"{run.rate:.1f}", f"{run.age_p50:.0f}", f"{run.age_p95:.0f}"]
        row += [f"{run.stale:.1f}", f"{run.mbit:.1f}", f"{run.image_bytes / 1e3:.0f}", run.shown_as]
        row += ["-" if run.rtt_ms is None else f"{run.rtt_ms:.1f}", f"{run.scalars_p50:.0f}", f"{run.scalars_max:.0f}"]
        row += [str(run.missing_rows), f"{run.longest_silence:.2f}", f"{run.usage.cores['link']:.2f}"]
        row.append(f"{run.disturbance:.2f}")
        rows.append(row)
    return table(head, rows)


def main() -> int:
    """Measure what the options say."""
    options = parser(__doc__)
    options.add_argument("--stream", action="append", choices=STREAMS, help="only this one; may be repeated")
    options.add_argument("--link", action="append", choices=LINKS, help="only this one; may be repeated")
    options.add_argument("--window", action="append", choices=WINDOWS, help="only this one; may be repeated")
    options.add_argument("--seconds", type=float, default=6.0, help="of each run (default: 6)")
    given = options.parse_args()
    wanted = [
        case
        for case in cases(given.stream or list(STREAMS), given.link or list(LINKS), given.quick)
        if given.window is None or case[1] in given.window
    ]
    results: dict[tuple[str, str, str], Run] = {}
    for name, window in dict.fromkeys((name, window) for name, window, _ in wanted):
        stream = STREAMS[name]
        with running(stream, window) as (sender, server):
            for link in (link for *server_of, link in wanted if server_of == [name, window]):
                once = partial(measure, sender, server, stream, LINKS[link], given.seconds)
                try:
                    results[name, link, window] = undisturbed(given.wait, f"{name}, {link}, window {window}", once)
                except RuntimeError as error:
                    say(f"left out: {error}")
    print(show(results))
    content = [
        {"stream": name, "link": link, "window": window} | asdict(run) for (name, link, window), run in results.items()
    ]
    save(given.json, "links", {"seconds": given.seconds, "cases": content})
    return 0


if __name__ == "__main__":
    sys.exit(main())

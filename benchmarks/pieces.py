"""What a viewer of exact images waits for on a link on which an image takes nine seconds, with pieces and without.

The facility's stream over 2 Mbit/s and a round trip of 40 ms, through a proxy (tests/slow_link.py); the server takes
the viewer for one on another machine. A client that does not ask for pieces gets whole messages, as all did before
there were pieces; both kinds take turns. Nothing here needs an idle machine, because the link is what is slow.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from benchmarks.cpu import Usage, Watch, ingest_of
from benchmarks.links_server import RULE
from benchmarks.report import Aim, Section, amount, parser, spread, undisturbed
from tests.live_client import LiveClient
from tests.server import ServerProcess
from tests.simulator import running_simulator
from tests.slow_link import slow_link

SERVER = Path(__file__).with_name("links_server.py")
RTT_MS, MBIT = 40.0, 2.0
STREAM = ("--rate", "25", "--mode", "pub")
SIDES = {"pieces": True, "whole messages": False}
IMAGE_SECONDS = 60.0
"""More than an image takes on this link."""
UNDER_WAY_SECONDS = 1.0
"""Of an image, before something else is wished."""
AIM_SECONDS = 1.0


@dataclass
class Run:
    """One viewer: seconds of an exact image, and of what it waited for while one was under way.

    ``rows`` is the largest age of the newest row at an arrival of rows, since the time of the source; ``pause`` the
    time until the status confirms a pause, ``wish`` until the first preview that was wished for is there.
    """

    image: float
    rows: float
    pause: float
    wish: float
    usage: Usage

    @property
    def disturbance(self) -> float:
        """Cores used by others meanwhile."""
        return self.usage.disturbance


def measure(pieces: bool) -> Run:
    """Start everything and measure once."""
    with running_simulator(*STREAM) as (sender, port):
        server = ServerProcess(RULE, f"tcp://127.0.0.1:{port}", "--port", "0", script=SERVER)
        try:
            server.wait_until_serving()
            pids = {"sender": sender.pid, "web": server.pid, "ingest": ingest_of(server)}
            with slow_link(server.port, rtt=RTT_MS, down=MBIT) as link:
                watch = Watch({name: partial(list, (pid,)) for name, pid in {**pids, "link": link.pid}.items()})
                url = link.url("live", "ws")
                with LiveClient(url, format="exact", picture=[1200, 900], pieces=pieces) as viewer:
                    viewer.next_frame(IMAGE_SECONDS)
                    image, rows = _rows_beside_an_image(viewer)
                    pause, wish = _pause_and_wish(viewer)
                return Run(image, rows, pause, wish, watch.end())
        finally:
            server.end()
            server.close_output()


def _rows_beside_an_image(viewer: LiveClient) -> tuple[float, float]:
    """Return the seconds of the next image, and the largest age of rows until it is there."""
    count, begin, oldest = len(viewer.frames), time.monotonic(), 0.0
    while len(viewer.frames) == count:
        if viewer.receive(IMAGE_SECONDS) == "scalars" and (stamp := viewer.rows[-1].source_time) is not None:
            oldest = max(oldest, time.time() - stamp * 1e-9)
    return time.monotonic() - begin, oldest


def _pause_and_wish(viewer: LiveClient) -> tuple[float, float]:
    """Return the seconds until a pause is confirmed, and those until a preview comes that was wished for instead."""
    # What has come so far is older than the image that is now on its way.
    time.sleep(UNDER_WAY_SECONDS)
    begin, count = time.monotonic(), len(viewer.frames)
    viewer.want(paused=True)
    while viewer.next_status(IMAGE_SECONDS)["you"]["why"] != "pause":
        pass
    pause = time.monotonic() - begin
    while len(viewer.frames) == count:
        viewer.receive(IMAGE_SECONDS)
    viewer.want(paused=False)
    time.sleep(UNDER_WAY_SECONDS)
    begin = time.monotonic()
    viewer.want(format="preview")
    while viewer.frames[-1].image_block["format"] != "jpeg":
        viewer.receive(IMAGE_SECONDS)
    return pause, time.monotonic() - begin


HEAD = ("sent as", "an image, s", "oldest rows, s", "a pause confirmed, s", "a preview there, s", "others, cores")


def row(name: str, runs: Sequence[Run]) -> list[str]:
    """Return the row of one side."""
    columns = [[getattr(run, key) for run in runs] for key in ("image", "rows", "pause", "wish", "disturbance")]
    return [name, *(spread(column, 2) for column in columns)]


def main() -> int:
    """Measure what the options say."""
    given = parser(__doc__, runs=5).parse_args()
    runs = amount(given.runs, given.quick, 1, 5)
    section = Section("pieces", "An exact image that takes long, and what else is wanted", given.json, "pieces")
    section.notes = [f"The facility's stream over {MBIT:g} Mbit/s, {RTT_MS:g} ms; {runs} turns of one viewer each."]
    found: dict[str, list[Run]] = {name: [] for name in SIDES}
    for run in range(runs):
        for name in SIDES if run % 2 == 0 else reversed(SIDES):
            what = f"{name}, run {run + 1} of {runs}"
            one = section.attempt(what, partial(undisturbed, given.wait, what, partial(measure, SIDES[name])))
            found[name] += [] if one is None else [one]
        section.put(
            [("", HEAD, [row(name, done) for name, done in found.items() if done])],
            [
                Aim(f"exact on {MBIT:g} Mbit/s, {RTT_MS:g} ms, with pieces: {what}", AIM_SECONDS, values, " s")
                for what, values in (
                    ("oldest rows", [run.rows for run in found["pieces"]]),
                    ("a pause confirmed", [run.pause for run in found["pieces"]]),
                    ("a preview there", [run.wish for run in found["pieces"]]),
                )
            ],
            sides={name: [asdict(run) for run in done] for name, done in found.items()},
        )
    return section.end()


if __name__ == "__main__":
    sys.exit(main())

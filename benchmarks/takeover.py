"""How long no image comes when the ingest that leads goes: from the signal to the first image of the next epoch.

    python -m benchmarks.takeover --signals TERM KILL STOP --times 5

A simulated camera, a NATS server, a web server with one viewer, and two ingests, of which a new one stands by each
time. The bucket of the lease is the one that the first ingest makes, so its values stay for 1.5 s.
"""

import argparse
import os
import signal
import statistics
import time
from contextlib import ExitStack

from tests.bus import plain_bus, running_ingest, running_web
from tests.live_client import LiveClient
from tests.simulator import running_simulator

RATE = "100"
SETTLE_SECONDS = 1.0
SIGNALS = {"TERM": signal.SIGTERM, "KILL": signal.SIGKILL, "STOP": signal.SIGSTOP}
LONGEST_SECONDS = 30.0


def gaps(number: int, times: int) -> list[float]:
    """Return the seconds of several takeovers after a signal."""
    found = []
    with ExitStack() as stack:
        bus = stack.enter_context(plain_bus())
        _, port = stack.enter_context(running_simulator("--rate", RATE, "--size", "320x240"))
        leading = stack.enter_context(running_ingest(port, bus.url))
        leading.wait_for_status(lambda status: status["role"] == "leads", 10, "it leads")
        web = stack.enter_context(running_web(bus.url))
        viewer = stack.enter_context(LiveClient(web.url("live", "ws"), format="raw"))
        for _ in range(times):
            waiting = stack.enter_context(running_ingest(port, bus.url))
            web.wait_for_status(lambda status: len(status["bus"]["standbys"]) == 1, 10, "one stands by")
            viewer.collect(SETTLE_SECONDS)
            epoch = viewer.next_frame().epoch
            begun = time.monotonic()
            leading.send_signal(number)
            while viewer.frames[-1].epoch == epoch:
                viewer.receive(LONGEST_SECONDS)
            found.append(viewer.frames[-1].arrived - begun)
            viewer.frames.clear()
            viewer.rows.clear()
            leading.kill()
            leading.wait()
            leading = waiting
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--signals", nargs="+", choices=SIGNALS, default=list(SIGNALS))
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    for name in options.signals:
        found = gaps(SIGNALS[name], options.times)
        each = " ".join(f"{gap:.2f}" for gap in found)
        print(f"SIG{name}: median {statistics.median(found):.2f} s ({each}), load {os.getloadavg()[0]:.1f}", flush=True)


if __name__ == "__main__":
    main()

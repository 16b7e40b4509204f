"""What the bus costs: web servers beside a bare subscriber of the same subject, in the same run.

    python -m benchmarks.bus --servers 1 2 4

A simulated camera, an ingest and web servers with one viewer each, all on this machine. Latency is from the time in the
message, which the camera writes just before it sends, to the arrival at whoever measures. The bare subscriber reads the
frames from the NATS server and does nothing with them; ``nats-py`` does the same with that client. ``--listeners`` are
further ones, all in one process, of which only is told what they lost:

    python -m benchmarks.bus --servers 1 --listeners 20 --seconds 60
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nats
import uvloop

from stream_online_viewer.link.nats.client import NatsClient
from stream_online_viewer.link.nats.wire import MOST_PAYLOAD, Message
from stream_online_viewer.protocol.bus_address import parse_bus
from tests.bus import NAME, running_bus, running_ingest, running_web
from tests.bus_listeners import Listener, listen
from tests.live_client import LiveClient
from tests.processes import children, resident_mb
from tests.simulator import running_simulator

ROOT = Path(__file__).resolve().parents[1]
SUBJECT = f"sov.{NAME.replace('/', '.')}.frame.*"
SOURCE_TIME_AT = 56 + 24
WARM_UP_SECONDS = 2.0
TICKS = os.sysconf("SC_CLK_TCK")


class Meter:
    """Counts frames and their latencies."""

    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.begun = time.monotonic()
        self.cpu = time.process_time()

    def add(self, source_time_ns: int) -> None:
        """Take a frame that has arrived now."""
        self.latencies.append((time.time_ns() - source_time_ns) * 1e-6)

    def result(self) -> dict[str, float]:
        """Return frames a second, latencies in ms and processor in percent of a core."""
        found = sorted(self.latencies)
        seconds = time.monotonic() - self.begun
        return {
            "rate": len(found) / seconds,
            "p50": found[len(found) // 2],
            "p99": found[int(len(found) * 0.99)],
            "max": found[-1],
            "cpu": 100 * (time.process_time() - self.cpu) / seconds,
        }


def viewer(url: str, seconds: float) -> dict[str, float]:
    """Watch as a viewer does."""
    with LiveClient(url, format="raw", every=False) as client:
        client.collect(WARM_UP_SECONDS)
        client.frames.clear()
        meter = Meter()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            frame = client.next_frame()
            meter.add(frame.source_time or 0)
            client.frames.clear()
        return meter.result()


def bare(url: str, seconds: float, of_others: bool) -> dict[str, float]:
    """Subscribe and do nothing; ``of_others``: with nats-py."""

    async def run() -> dict[str, float]:
        meter: list[Meter] = []

        def take(payload: Any) -> None:
            if meter:
                meter[0].add(int.from_bytes(payload[SOURCE_TIME_AT : SOURCE_TIME_AT + 8], "little"))

        if of_others:
            other = await nats.connect(url)

            async def callback(message: Any) -> None:
                take(message.data)

            await other.subscribe(SUBJECT, cb=callback, pending_bytes_limit=MOST_PAYLOAD)
        else:
            client = NatsClient(parse_bus(url), "bare")

            def handler(message: Message) -> None:
                take(message.payload)

            client.subscribe(SUBJECT, handler, MOST_PAYLOAD)
            task = asyncio.create_task(client.run())
        await asyncio.sleep(WARM_UP_SECONDS)
        meter.append(Meter())
        await asyncio.sleep(seconds)
        found = meter[0].result()
        if of_others:
            await other.close()
        else:
            task.cancel()
        return found

    return asyncio.run(run()) if of_others else uvloop.run(run())


def listeners(url: str, seconds: float, count: int) -> dict[str, float]:
    """Let many subscribers hear; return frames a second of the one that heard least, and what all lost together."""
    heard_at_first: list[int] = []
    begun = time.monotonic()

    def done(found: list[Listener]) -> bool:
        passed = time.monotonic() - begun
        if passed > WARM_UP_SECONDS and not heard_at_first:
            heard_at_first.extend(one.frames for one in found)
        return passed > WARM_UP_SECONDS + seconds

    found = uvloop.run(listen(url, SUBJECT, count, done))
    rates = [(one.frames - first) / seconds for one, first in zip(found, heard_at_first, strict=True)]
    return {
        "rate": min(rates),
        "lost": sum(one.lost for one in found),
        "connects": max(one.connects for one in found),
        "cpu": 100 * time.process_time() / (time.monotonic() - begun),
    }


def processor(pid: int) -> float:
    """Return the seconds of processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def run(servers: int, options: argparse.Namespace) -> dict[str, Any]:
    """Measure with so many web servers."""
    with ExitStack() as stack:
        bus = stack.enter_context(running_bus())
        camera = ("--scene", "camera", "--size", options.size, "--rate", str(options.rate), "--mode", "pub")
        _, port = stack.enter_context(running_simulator(*camera))
        ingest = stack.enter_context(running_ingest(port, bus.url))
        webs = [stack.enter_context(running_web(bus.url, "--max-rate", "1000")) for _ in range(servers)]
        seconds = str(options.seconds)
        commands = {f"viewer {n}": ("viewer", web.url("live", "ws"), seconds) for n, web in enumerate(webs, 1)}
        commands |= {"bare": ("bare", bus.url, seconds)}
        if options.others:
            commands |= {"nats-py": ("others", bus.url, seconds)}
        if options.listeners:
            commands |= {f"{options.listeners} more": (f"listeners {options.listeners}", bus.url, seconds)}
        probes = {
            name: subprocess.Popen(
                [sys.executable, "-m", "benchmarks.bus", "--probe", *command],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                text=True,
            )
            for name, command in commands.items()
        }
        (child,) = children(ingest.pid)
        pids = {"nats-server": bus.pid, "publisher": ingest.pid, "ingest process": child}
        pids |= {f"web server {n}": web.pid for n, web in enumerate(webs, 1)}
        time.sleep(2 * WARM_UP_SECONDS)
        frames = [web.status()["bus"]["frames"] for web in webs]
        memory = {name: [resident_mb(pid)] for name, pid in pids.items()}
        before, begun = {name: processor(pid) for name, pid in pids.items()}, time.monotonic()
        time.sleep(max(1.0, options.seconds - 4.0))
        passed = time.monotonic() - begun
        cpu = {name: round(100 * (processor(pid) - before[name]) / passed, 1) for name, pid in pids.items()}
        rates = [
            round((web.status()["bus"]["frames"] - count) / (time.monotonic() - begun), 1)
            for web, count in zip(webs, frames, strict=True)
        ]
        for name, pid in pids.items():
            memory[name].append(resident_mb(pid))
        found = {name: json.loads(probe.communicate()[0]) for name, probe in probes.items()}
        status = webs[0].status()["bus"]
    return {
        "servers": servers, "load": os.getloadavg()[0], "cpu": cpu, "memory": memory, "found": found, "rates": rates,
        "lost": status["lost"], "clock_error_us": status["clock_error_us"],
    }  # fmt: skip


def probe(kind: str, url: str, seconds: float) -> dict[str, float]:
    """Measure as one of those who take frames."""
    if kind == "viewer":
        return viewer(url, seconds)
    if kind.startswith("listeners"):
        return listeners(url, seconds, int(kind.split()[1]))
    return bare(url, seconds, kind == "others")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--servers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--size", default="447x447", help="pixels of two bytes (default: 400 KB)")
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--others", action="store_true", help="nats-py besides")
    parser.add_argument("--listeners", type=int, default=0, help="subscribers besides (default: none)")
    parser.add_argument("--probe", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.probe:
        kind, url, seconds = options.probe
        print(json.dumps(probe(kind, url, float(seconds))))
        return
    for servers in options.servers:
        measured = run(servers, options)
        print(f"\n{servers} web servers, {options.size} at {options.rate:g} Hz, load {measured['load']:.1f}")
        for name, one in measured["found"].items():
            print(f"  {name:14}" + "  ".join(f"{key} {value:7.2f}" for key, value in one.items()))
        print("  frames a second that the web servers received:", *measured["rates"])
        print("  processor, %:", ", ".join(f"{name} {value:g}" for name, value in measured["cpu"].items()))
        clock = measured["clock_error_us"]
        grown = ", ".join(f"{name} {first:.0f} - {last:.0f}" for name, (first, last) in measured["memory"].items())
        print(f"  memory at begin and end, MB: {grown}")
        print(f"  lost {measured['lost']}, clock within {clock:.0f} us")


if __name__ == "__main__":
    main()

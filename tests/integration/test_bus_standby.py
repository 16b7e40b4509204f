"""Two ingest programs on one bus: one reads the source, the other stands by and takes over."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import nats
import pytest

from stream_online_viewer.link.nats.client import NatsClient
from stream_online_viewer.protocol.bus_address import parse_bus
from stream_online_viewer.publisher import lease
from tests.bus import Bus, running_bus, running_ingest, running_web
from tests.counting_push import CountingPush
from tests.integration.test_fan_out import live
from tests.live_client import LiveClient
from tests.processes import children, is_running
from tests.server import ServerProcess
from tests.support import deadline, wait_until


@pytest.fixture(scope="module")
def bus() -> Iterator[Bus]:
    """One for all tests; each leaves it without an ingest."""
    with running_bus() as bus:
        yield bus


@pytest.fixture
def source() -> Iterator[CountingPush]:
    """A PUSH source that knows how many are connected to it."""
    with CountingPush() as source:
        yield source


@contextmanager
def pair(source: CountingPush, bus: Bus, name: str) -> Iterator[tuple[ServerProcess, ServerProcess, LiveClient]]:
    """Run one that leads, one that stands by, and a viewer."""
    with ExitStack() as stack:
        first = stack.enter_context(running_ingest(source.port, bus.url, name=name))
        first.wait_for_status(lambda status: status["role"] == "leads", 10, "it leads")
        second = stack.enter_context(running_ingest(source.port, bus.url, name=name))
        web = stack.enter_context(running_web(bus.url, name=name))
        viewer = stack.enter_context(live(web))
        viewer.next_frame()
        web.wait_for_status(lambda status: len(status["bus"]["standbys"]) == 1, 10, "one stands by")
        assert second.status()["role"] == "stands by"
        yield first, second, viewer


def takeover(viewer: LiveClient, epoch: int) -> float:
    """Return when the first frame of a later epoch came, monotonic seconds."""
    while viewer.frames[-1].epoch == epoch:
        viewer.receive(deadline(15))
    epochs = [frame.epoch for frame in viewer.frames]
    assert epochs == sorted(epochs)
    for _ in range(5):
        viewer.next_frame()
    assert viewer.frames[-1].epoch == viewer.frames[-5].epoch > epoch
    return next(frame.arrived for frame in viewer.frames if frame.epoch > epoch)


def catch_up(viewer: LiveClient) -> int:
    """Take what has come, and return the epoch of the next frame."""
    viewer.collect(0.05)
    return viewer.next_frame().epoch


@pytest.mark.alone
@pytest.mark.parametrize(
    ("number", "seconds"), [(signal.SIGKILL, 2.0), (signal.SIGTERM, 0.5)], ids=["killed", "ended in order"]
)
def test_the_standby_takes_over(source: CountingPush, bus: Bus, number: int, seconds: float) -> None:
    """It reads the source soon after the first is gone, in a larger epoch; never are two connected."""
    with pair(source, bus, f"test/end-{number}") as (first, second, viewer):
        (waiting,) = children(second.pid)
        # What receives is loaded already: nothing but the connection is left to do.
        assert "/zmq/" in Path(f"/proc/{waiting}/maps").read_text()
        epoch = catch_up(viewer)
        source.most = source.connected
        begun = time.monotonic()
        first.send_signal(number)
        gap = takeover(viewer, epoch) - begun
        assert gap < deadline(seconds)
        assert source.most == 1
        first.wait(deadline(10))
        assert second.status()["lease"]["held"]
        assert second.get("readyz")[0] == 200


@pytest.mark.alone
def test_a_frozen_program_stops_reading_by_itself(source: CountingPush, bus: Bus) -> None:
    """Its process has leave for a moment only, and ends when that runs out; the standby comes later."""
    with pair(source, bus, "test/frozen") as (first, second, viewer):
        epoch = catch_up(viewer)
        (process,) = children(first.pid)
        source.most = source.connected
        begun = time.monotonic()
        first.send_signal(signal.SIGSTOP)
        gap = takeover(viewer, epoch) - begun
        assert gap < deadline(2.5)
        assert source.most == 1 and not is_running(process)
        first.send_signal(signal.SIGCONT)
        first.wait_for_status(lambda status: status["role"] == "stands by", 10, "the first stands by")
        assert second.status()["lease"]["held"]
        latest = viewer.frames[-1].epoch
        for _ in range(10):
            assert viewer.next_frame().epoch == latest


def test_who_is_told_that_the_lease_is_free_does_not_wait(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two looks lies an hour here. Somebody else's client holds the lease, and gives it back."""
    monkeypatch.setattr(lease, "LOOK_SECONDS", 3600.0)

    async def run() -> None:
        other = await nats.connect(bus.url)
        bucket = await other.jetstream().key_value(lease.BUCKET)
        client = NatsClient(parse_bus(bus.url), "test")
        waiting = lease.Lease(client, "test.told", "waiting")
        tasks = [asyncio.create_task(client.run()), asyncio.create_task(waiting.run())]

        async def look_until(condition: Callable[[], bool]) -> None:
            async with asyncio.timeout(deadline(10)):
                while not condition():
                    await bucket.put("test.told", b"other")
                    waiting.look()
                    await asyncio.sleep(0.02)

        # Nobody takes anything from a server that was not seen before.
        await look_until(lambda: waiting.holder == "other")
        await bucket.delete("test.told")
        waiting.look()
        async with asyncio.timeout(deadline(10)):
            while not waiting.held:
                await asyncio.sleep(0.005)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await other.close()

    asyncio.run(run())


def test_a_frozen_host_reads_nothing_more_when_it_wakes(source: CountingPush, bus: Bus) -> None:
    """Program and process are frozen together: what the frozen queue swallows is bounded, and counted as lost."""
    with pair(source, bus, "test/host") as (first, second, viewer):
        epoch = catch_up(viewer)
        (process,) = children(first.pid)
        for pid in (first.pid, process):
            os.kill(pid, signal.SIGSTOP)
        takeover(viewer, epoch)
        assert second.status()["lease"]["held"]
        for pid in (process, first.pid):
            os.kill(pid, signal.SIGCONT)
        wait_until(lambda: not is_running(process), 10, "the frozen process has ended")
        wait_until(lambda: source.connected == 1, 10, "only one is connected")
        latest = viewer.frames[-1].epoch
        for _ in range(10):
            assert viewer.next_frame().epoch == latest
        assert second.status()["source"]["lost"] > 0


def test_a_killed_ingest_process_is_replaced_on_the_spot(source: CountingPush, bus: Bus) -> None:
    """Its program holds the lease on; the epoch grows."""
    with pair(source, bus, "test/child") as (first, second, viewer):
        epoch = catch_up(viewer)
        (process,) = children(first.pid)
        source.most = source.connected
        os.kill(process, signal.SIGKILL)
        takeover(viewer, epoch)
        assert source.most == 1
        assert first.status()["lease"]["taken"] == 1 and second.status()["role"] == "stands by"
        assert first.status()["ingest"]["restarts"] == 1

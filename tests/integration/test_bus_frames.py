"""Frames on a bus: twenty subscribers that lose none, and frames of an earlier time that nobody is shown."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

import nats
import numpy as np
import pytest

from stream_online_viewer.link.nats.frames import HEAD_BYTES, Kind, unpack
from tests.bus import LIMITS, NAME, Bus, running_bus, running_ingest, running_web
from tests.bus_listeners import Listener, listen
from tests.integration.test_fan_out import live
from tests.live_client import LiveClient
from tests.processes import children, resident_mb
from tests.raw_source import RawSource, channel
from tests.server import ServerProcess
from tests.simulator import running_simulator
from tests.support import deadline

SUBJECT = f"sov.{NAME.replace('/', '.')}"
SUBSCRIBERS = 20
FRAMES = 240
GROWN_MB = 15.0
GAP = 1_000_000


@dataclass
class OneWeb:
    """A bus with an ingest and a web server."""

    bus: Bus
    ingest: ServerProcess
    web: ServerProcess


@pytest.fixture(scope="module")
def one() -> Iterator[OneWeb]:
    """Images of 38 KB at 25 Hz, and a bus that is patient with a busy machine."""
    with ExitStack() as stack:
        bus = stack.enter_context(running_bus(LIMITS.replace('"1s"', '"20s"')))
        _, port = stack.enter_context(running_simulator("--rate", "25", "--size", "160x120", "--dtype", "uint16"))
        ingest = stack.enter_context(running_ingest(port, bus.url))
        yield OneWeb(bus, ingest, stack.enter_context(running_web(bus.url)))


async def beside(viewer: LiveClient, what: "asyncio.Future[None] | asyncio.Task[None]") -> None:
    """Let a viewer take what comes until something is done."""
    while not what.done():
        await asyncio.to_thread(viewer.collect, 0.05)
    what.result()


def test_frames_of_an_earlier_time_are_not_shown(one: OneWeb) -> None:
    """Another client sends again what was sent before, as it was and in an older epoch, and one that tells of a gap."""

    async def send_again() -> None:
        connection = await nats.connect(one.bus.url)
        reports = await connection.subscribe(f"{SUBJECT}.meta")
        frames = await connection.subscribe(f"{SUBJECT}.frame.*")
        report = await reports.next_msg(timeout=deadline(5))
        while json.loads(report.data)["kind"] != "report":
            report = await reports.next_msg(timeout=deadline(5))
        frame = await frames.next_msg(timeout=deadline(5))
        await frames.next_msg(timeout=deadline(5))
        older = json.loads(report.data)
        older["epoch"] -= 1
        older["report"]["connection"]["text"] = "from an earlier time"
        await connection.publish(f"{SUBJECT}.meta", json.dumps(older).encode())
        head, body = unpack(frame.data, Kind.FRAME)
        old_body = (head.epoch - 1).to_bytes(4, "little") + bytes(body[4:])
        await connection.publish(frame.subject, frame.data)
        await connection.publish(frame.subject, replace(head, epoch=head.epoch - 1).pack() + old_body)
        # Everything before has been looked at when this is counted.
        gap = replace(head, number=head.number + GAP)
        await connection.publish(frame.subject, gap.pack() + frame.data[HEAD_BYTES:])
        await connection.flush()
        await connection.close()

    with live(one.web, format="raw") as viewer:
        for _ in range(3):
            viewer.next_frame()
        lost = one.web.status()["bus"]["lost"]

        async def run() -> None:
            await beside(viewer, asyncio.create_task(send_again()))

        asyncio.run(run())
        found = one.web.wait_for_status(lambda status: status["bus"]["lost"] > lost, 10, "the gap is counted")["bus"]
        assert 0.99 * GAP < found["lost"] - lost <= GAP
        assert found["refused"]["older epoch"] == 1 and found["refused"]["another epoch"] == 1
        for _ in range(5):
            viewer.next_frame()
    assert len({frame.epoch for frame in viewer.frames}) == 1
    sequences = [frame.sequence for frame in viewer.frames]
    assert sequences == sorted(set(sequences))
    assert not any("earlier" in status["source"]["text"] for status in viewer.statuses)


def test_twenty_subscribers_lose_nothing_and_no_memory_grows(one: OneWeb) -> None:
    """From the first third on; a viewer watches too, and the frames are published once for all."""
    (child,) = children(one.ingest.pid)
    pids = {"NATS server": one.bus.pid, "publisher": one.ingest.pid, "ingest": child, "web server": one.web.pid}
    memory: list[dict[str, float]] = []

    def done(listeners: list[Listener]) -> bool:
        fewest = min(listener.frames for listener in listeners)
        if fewest >= FRAMES * (1 + 2 * len(memory)) / 3:
            memory.append({name: resident_mb(pid) for name, pid in pids.items()})
        return len(memory) == 2

    with live(one.web, format="raw") as viewer:
        viewer.next_frame()
        before = one.web.status()["bus"]

        async def run() -> list[Listener]:
            listening = asyncio.create_task(listen(one.bus.url, f"{SUBJECT}.frame.*", SUBSCRIBERS, done))
            end = time.monotonic() + deadline(60)
            while not listening.done():
                assert time.monotonic() < end
                await asyncio.to_thread(viewer.collect, 0.05)
                viewer.frames.clear()
            return listening.result()

        heard = asyncio.run(run())
        after = one.web.status()["bus"]
    assert [listener.lost for listener in heard] == [0] * SUBSCRIBERS
    assert [listener.connects for listener in heard] == [1] * SUBSCRIBERS
    assert after["lost"] == before["lost"] and after["connects"] == 1
    assert one.ingest.status()["ingest"]["published"] < after["frames"] + 25 * deadline(2)
    for name, mb in memory[1].items():
        assert mb < memory[0][name] + GROWN_MB, memory


def test_names_with_any_characters(one: OneWeb) -> None:
    """Names of channels are no subjects: they may be such as mean something to the bus; an image is chosen by one."""
    picture, other = 'Bild *.>/\u00fc "x"\r\nPUB a 0\r\n', "_INBOX.>"
    numbers = ("$SYS.>", "a b\t.*", "\u0000", "{}")
    name = "a-b_9/-_0"
    with (
        RawSource() as source,
        running_ingest(source.port, one.bus.url, name=name) as ingest,
        running_web(one.bus.url, name=name) as web,
        live(web, format="raw", image=picture, every=[numbers[0]]) as viewer,
    ):
        sent = (
            channel(other, np.zeros((3, 4), np.uint8)),
            channel(picture, np.arange(48, dtype=np.uint16).reshape(6, 8)),
            *(channel(number, np.array(place, np.int32)) for place, number in enumerate(numbers)),
        )
        frame = source.send_until_shown(viewer, *sent)
        assert np.array_equal(frame.pixels, np.arange(48).reshape(6, 8))
        assert frame.row is not None and [frame.row.values[number] for number in numbers] == [0, 1, 2, 3]
        while not viewer.rows:
            source.send(*sent)
            viewer.collect(0.02)
        assert viewer.rows[0].values == {numbers[0]: 0}
        for half in (ingest, web):
            assert not half.status()["bus"]["refused"]

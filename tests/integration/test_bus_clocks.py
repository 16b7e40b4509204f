"""Nothing that was received before a viewer came, whatever the clock of its web server shows and does."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from stream_online_viewer.link.base import WebEnd
from stream_online_viewer.link.messages import FrameInfo, InterestChange, Pull
from stream_online_viewer.link.nats.client import NatsClient
from stream_online_viewer.link.nats.member import Member
from stream_online_viewer.link.nats.messages import Report, WebServer, Whole
from stream_online_viewer.protocol.bus_address import parse_bus, parse_name
from stream_online_viewer.protocol.frame import frame_identity
from stream_online_viewer.protocol.rendition import Rendition
from tests.bus import NAME, running_bus, running_ingest
from tests.link_peer import Noted
from tests.simulator import running_simulator
from tests.support import deadline

HOUR = 3600 * 10**9
SLACK_NS = 50_000_000


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A bus with an ingest of images at 50 Hz."""
    with (
        running_bus() as bus,
        running_simulator("--rate", "50", "--size", "64x48") as (_, port),
        running_ingest(port, bus.url),
    ):
        yield bus.url


@dataclass
class Host:
    """The web server around a member, on a host with clocks of its own."""

    ahead: int = 0
    """What its monotonic clock shows more than this machine's, ns."""
    wall_ahead: int = 0
    link: WebEnd | None = None
    noted: Noted = field(default_factory=Noted)
    down: list[str] = field(default_factory=list)

    def clock(self) -> int:
        return time.monotonic_ns() + self.ahead

    def wall(self) -> int:
        return time.time_ns() + self.wall_ahead

    def bus_up(self, report: Report, link: WebEnd) -> None:
        self.link = link

    def bus_down(self, text: str) -> None:
        self.link = None
        self.down.append(text)

    def bus_whole(self, whole: Whole) -> None:
        pass

    def bus_server(self) -> WebServer:
        return WebServer("test", 1, "1", 1, 1, 0.0, 0.0)


@asynccontextmanager
async def member_of(url: str, host: Host) -> AsyncIterator[Member]:
    """Be a web server of that host."""
    client = NatsClient(parse_bus(url), "test")
    member = Member(client, parse_name(NAME), host, lambda: host.noted, 50.0, host.clock, host.wall)
    task = asyncio.create_task(member.run())
    try:
        await until(lambda: host.link is not None and member.offset.at(host.clock()) is not None, "the clocks")
        yield member
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition."""
    end = time.monotonic() + deadline(10)
    while not condition():
        assert time.monotonic() < end, what
        await asyncio.sleep(0.005)


async def next_frame(host: Host, lane: int, after: int) -> tuple[FrameInfo, bytes]:
    """Pull the next frame of a lane that was received after a time of the host's clock."""
    assert host.link is not None
    count = len(host.noted.frames)
    host.link.send_pull(Pull(lane, after))
    await until(lambda: len(host.noted.frames) > count, "a frame")
    return host.noted.frames[-1]


async def watch(host: Host, frames: int) -> None:
    """Be several viewers, one after the other, of a lane that another one watches all the time."""
    assert host.link is not None
    host.link.send_interest(InterestChange(((1, Rendition(None, encoding="raw")),)))
    for _ in range(frames):
        came, came_wall = host.clock(), time.time_ns()
        info, body = await next_frame(host, 1, came)
        identity = frame_identity(body)
        # The camera's clock is this machine's, and what was sent before had been received before.
        assert identity.source_time is not None
        assert identity.source_time >= came_wall - deadline(1) * SLACK_NS
        assert came < info.received <= host.clock()
        # The page compares this with the clock of its own server.
        age = host.clock() - info.received
        assert abs(host.wall() - age - identity.receipt_time) < deadline(1) * SLACK_NS
    host.link.send_interest(InterestChange(ended=(1,)))


@pytest.mark.parametrize("ahead", [-HOUR, 0, HOUR])
def test_a_web_server_whose_clocks_are_an_hour_off(url: str, ahead: int) -> None:
    """Receipt and age come out right on its clocks, as far as the round trips tell."""

    async def run() -> None:
        host = Host(ahead, -ahead)
        async with member_of(url, host) as member:
            await watch(host, 30)
            offset = member.offset.at(host.clock())
            # The clocks of both are those of one machine.
            assert offset is not None and abs(offset.ns + ahead) <= offset.error_ns
            assert member.offset.steps == 0 and not member.refused

    asyncio.run(run())


@pytest.mark.parametrize("step", [-HOUR, -2 * 10**9, 2 * 10**9, HOUR])
def test_the_clock_of_a_web_server_steps(url: str, step: int) -> None:
    """While frames come: none that is too old is taken for a new one, and soon they come again."""

    async def run() -> None:
        host = Host(HOUR)
        async with member_of(url, host) as member:
            assert host.link is not None
            host.link.send_interest(InterestChange(((2, Rendition(None, encoding="raw")),)))
            await next_frame(host, 2, host.clock())
            host.ahead += step
            stepped, stepped_wall = host.clock(), time.time_ns()
            host.noted.frames.clear()
            info, body = await next_frame(host, 2, stepped)
            source_time = frame_identity(body).source_time
            assert source_time is not None and source_time >= stepped_wall - deadline(1) * SLACK_NS
            assert stepped < info.received <= host.clock()
            await watch(host, 10)
            assert member.offset.steps == 1

    asyncio.run(run())

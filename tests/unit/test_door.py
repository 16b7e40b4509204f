"""Where connections come in: what the log says when there is no place for them."""

import asyncio
import socket

import pytest

from stream_online_viewer.web.door import Door, into_protocol
from stream_online_viewer.web.edge import Edge
from stream_online_viewer.web.hosts import Hosts
from stream_online_viewer.web.limits import limits_of
from stream_online_viewer.web.peers import Proxies
from stream_online_viewer.web.places import Places
from tests.support import deadline


class Leaves(asyncio.Protocol):
    """A connection that ends at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.abort()


def test_refusals_have_one_line_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """The first at once, then one when a minute has passed, with the number of those since; whatever comes between."""
    now = [100.0]
    edge = Edge(Places(1), limits_of(1), Hosts(), Proxies(), clock=lambda: now[0])
    edge.places.enter("192.0.2.1")

    async def come_at(*times: float) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            door = Door(edge, [listener], into_protocol(lambda place: Leaves()))
            for time in times:
                now[0], before = 100.0 + time, edge.places.refused
                with socket.create_connection(listener.getsockname()):
                    while edge.places.refused == before:
                        await asyncio.sleep(0.001)
            door.close()
            await door.wait_closed()

    asyncio.run(asyncio.wait_for(come_at(0, 1, 31, 59.9, 60.1, 61), deadline(10)))
    lines = [record.getMessage() for record in caplog.records if "connections are refused" in record.getMessage()]
    text = "connections are refused: 1 of 1 places for connections are taken, 1 of them by 192.0.2.1; {} since the last"
    assert [line.removesuffix(" such line") for line in lines] == [text.format(1), text.format(4)]

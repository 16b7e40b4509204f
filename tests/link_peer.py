"""A web process without viewers: sends over a link what it wants, and stores what it receives."""

import asyncio
import os
from collections.abc import Callable
from typing import Any

from stream_online_viewer.link.base import IngestEnd, WebEnd
from stream_online_viewer.link.cameras import CameraAnswer
from stream_online_viewer.link.control import control_sockets
from stream_online_viewer.link.handing import hand_link, receive_link
from stream_online_viewer.link.ingest_end import SocketIngestEnd
from stream_online_viewer.link.messages import ChannelNames, FrameInfo, RowsInfo
from stream_online_viewer.link.report import IngestReport
from stream_online_viewer.link.slot_reader import SlotReader
from stream_online_viewer.link.slots import SLOTS
from stream_online_viewer.link.web_end import connect, link_sockets
from stream_online_viewer.protocol.frame import Buffer
from tests.memory_link import MemoryIngestEnd, MemoryWebEnd
from tests.support import wait_until


class Noted:
    """Everything received over a link, see :class:`stream_online_viewer.link.base.WebEvents`."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.reports: list[IngestReport] = []
        self.cameras: list[CameraAnswer] = []
        self.rows: list[tuple[RowsInfo, bytes]] = []
        self.frames: list[tuple[FrameInfo, bytes]] = []
        self.nothing_newer: list[int] = []
        self.full: list[bool] = []
        self.lost = False

    def link_names(self, names: ChannelNames) -> None:
        self.names.update(names.channels)

    def link_report(self, report: IngestReport) -> None:
        self.reports.append(report)

    def link_cameras(self, answer: CameraAnswer) -> None:
        self.cameras.append(answer)

    def link_rows(self, info: RowsInfo, body: Buffer) -> None:
        self.rows.append((info, bytes(body)))

    def link_frame(self, info: FrameInfo, body: Buffer) -> None:
        self.frames.append((info, bytes(body)))

    def link_nothing_newer(self, lane: int) -> None:
        self.nothing_newer.append(lane)

    def link_full(self, full: bool) -> None:
        self.full.append(full)

    def link_lost(self) -> None:
        self.lost = True


class Keeping(Noted):
    """What a web process gets whose viewers read nothing: it keeps every frame where it lies."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[Buffer] = []

    def link_frame(self, info: FrameInfo, body: Buffer) -> None:
        super().link_frame(info, body)
        self.bodies.append(body)


class LinkPeer:
    """Both ends of a link: ``ingest`` for the ingest process, ``web`` for the test, in its own thread only."""

    def __init__(self, ingest: IngestEnd, web: WebEnd, noted: Noted, pump: Callable[[], None]) -> None:
        self.ingest = ingest
        self.web = web
        self.noted = noted
        self.pump = pump
        """Stores what has been received since the last call."""

    def until(self, condition: Callable[[Noted], Any], seconds: float, what: str) -> None:
        """Wait until the condition holds for what was received."""

        def look() -> Any:
            self.pump()
            return condition(self.noted)

        wait_until(look, seconds, what)


def memory_peer(loop: asyncio.AbstractEventLoop) -> LinkPeer:
    """Return a peer on a link in memory."""
    noted, ingest = Noted(), MemoryIngestEnd()
    web = MemoryWebEnd(ingest, noted)
    return LinkPeer(ingest, web, noted, web.pump)


def socket_peer(loop: asyncio.AbstractEventLoop, memory: int | None = None, noted: Noted | None = None) -> LinkPeer:
    """Return a peer on the link that the real processes use; the loop runs while the test waits.

    ``memory`` is the descriptor of memory that both ends share; the peer takes a copy of it, and may hold all slots.
    """
    noted = noted or Noted()
    ours, theirs = link_sockets()
    reader = None if memory is None else SlotReader(os.dup(memory), share=SLOTS)
    web = loop.run_until_complete(connect(ours, noted, reader))
    ingest = SocketIngestEnd(theirs, shares_memory=memory is not None)
    return LinkPeer(ingest, web, noted, lambda: loop.run_until_complete(asyncio.sleep(0.001)))


def handed_peer(loop: asyncio.AbstractEventLoop) -> LinkPeer:
    """Return a peer on a link that an ingest process is given while it runs."""
    noted = Noted()
    parent, child = control_sockets()
    with parent, child:
        web = loop.run_until_complete(connect(hand_link(parent), noted))
        ingest = receive_link(child)
    assert ingest is not None
    return LinkPeer(ingest, web, noted, lambda: loop.run_until_complete(asyncio.sleep(0.001)))


PEERS = {"memory": memory_peer, "socketpair": socket_peer, "handed over": handed_peer}

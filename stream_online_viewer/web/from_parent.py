"""One of several web processes: what it is told by the parent, and what it tells."""

import asyncio
import json
import os
import socket
import time
from typing import Any

from stream_online_viewer.link.base import WebEnd
from stream_online_viewer.link.control import ControlEnd, Message, close_all, pack_memory, read_memory
from stream_online_viewer.link.slot_reader import SlotReader
from stream_online_viewer.link.slots import SLOTS
from stream_online_viewer.link.web_end import connect
from stream_online_viewer.protocol.jsontext import to_json
from stream_online_viewer.protocol.rendition import Rendition
from stream_online_viewer.web.app import BusyError
from stream_online_viewer.web.door import TakeIn
from stream_online_viewer.web.from_ingest import FromIngest
from stream_online_viewer.web.lent import Lender
from stream_online_viewer.web.overview import Overview
from stream_online_viewer.web.part import Counts, ParentPart, Part, joined
from stream_online_viewer.web.places import Place
from stream_online_viewer.web.serving import WebServer
from stream_online_viewer.web.session import StreamSession

PARTS_SECONDS = 4.0
"""Seconds to wait for what the others add to a status; the parent waits for one second."""


class Handed:
    """Where connections come in that the parent has accepted and given a place, see :class:`.serving.Entry`."""

    def __init__(self, control: ControlEnd, take_in: TakeIn) -> None:
        self._control = control
        self._take_in = take_in
        self._opening: set[asyncio.Task[None]] = set()
        self._numbers: dict[Place, int] = {}
        self._places: dict[int, Place] = {}
        self._closed = False

    def take(self, message: Message, descriptor: int) -> None:
        """Take a connection, whose place has a number by which the parent knows it."""
        sock = socket.socket(fileno=descriptor)
        number = message["number"]
        place = _LentPlace(self, message["address"], message["exempt"])
        place.is_passing = message["passing"]
        self._numbers[place], self._places[number] = number, place
        if self._closed:
            sock.close()
            place.leave()
            return
        task = asyncio.get_running_loop().create_task(self._open(sock, place))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    def give_way(self, number: int) -> None:
        """End a connection whose place has been given to another one."""
        place = self._places.get(number)
        if place is not None:
            place.end()

    def free(self, place: Place) -> None:
        """Tell the parent that a place is free."""
        number = self._numbers.pop(place)
        del self._places[number]
        self._control.send({"kind": "left", "number": number})

    def became_viewer(self, place: Place) -> None:
        """Tell the parent that a connection is a viewer's."""
        if place.held:
            self._control.send({"kind": "is_viewer", "number": self._numbers[place]})

    def close(self) -> None:
        """Take no more connections."""
        self._closed = True

    async def wait_closed(self) -> None:
        """Return when those that came last are open."""
        await asyncio.gather(*self._opening, return_exceptions=True)

    async def _open(self, sock: socket.socket, place: Place) -> None:
        try:
            await self._take_in(sock, place)
        except OSError:
            # The connection was aborted meanwhile.
            place.leave()
            sock.close()


class _LentPlace(Place):
    """The place of a connection, of which the parent is told what it must know to choose who gives way."""

    __slots__ = ("_handed",)

    def __init__(self, handed: Handed, address: str, exempt: bool) -> None:
        super().__init__(handed, address, exempt)
        self._handed = handed

    def become_viewer(self, give_way: Any) -> None:
        """Note that the connection is a viewer's now."""
        super().become_viewer(give_way)
        self._handed.became_viewer(self)


class FromParent:
    """Does what the parent says. ``server`` and ``handed`` are set when the process is put together."""

    def __init__(self, connection: socket.socket, number: int, session: StreamSession) -> None:
        self.control = ControlEnd(connection, self._take, self._stop)
        self.lender = Lender(self.control)
        self.server: WebServer | None = None
        self._handed: Handed | None = None
        self._number = number
        self._session = session
        self._link: WebEnd | None = None
        self._up = 0
        self._linking: set[asyncio.Task[None]] = set()
        self._asked = 0
        self._answers: dict[int, _Parts] = {}
        session.hub.lanes.own_changed = self._own_changed
        self._own_due = False

    def open(self, take_in: TakeIn) -> Handed:
        """Let connections come in."""
        self._handed = Handed(self.control, take_in)
        self.control.send({"kind": "serving"})
        return self._handed

    def tick(self) -> None:
        """Tell the parent how this process is; to be called once a second."""
        if self.server is None:
            return
        counts = Counts.of(self.server.overview())
        self.control.send(
            {
                "kind": "tick",
                "far": self._session.hub.far_viewers,
                "linked": self._session.alive,
                "counts": counts.content(),
            }
        )

    async def overview(self, own: Overview) -> Overview:
        """Return the overview of all web processes; raise :class:`BusyError` if the parent does not answer."""
        self._asked += 1
        number = self._asked
        parts = self._answers[number] = _Parts()
        self.control.send({"kind": "parts_wanted", "number": number})
        try:
            parent = await asyncio.wait_for(parts.parent, PARTS_SECONDS)
        except TimeoutError:
            raise BusyError("the server is too busy to say how it is; try again") from None
        finally:
            del self._answers[number]
        return joined(own, [self._part(own), *parts.parts], parent)

    # what the parent says

    def _take(self, message: Message, descriptors: list[int]) -> None:
        kind = message["kind"]
        if kind == "connection":
            if self._handed is not None:
                self._handed.take(message, descriptors[0])
                return
        elif kind == "give_way":
            self._give_way(message)
        elif kind == "ingest_up":
            self._ingest_up(message, descriptors)
            return
        elif kind == "ingest_down":
            self._ingest_down()
            self._session.restarts = message["restarts"]
        elif kind == "share":
            self._session.hub.bandwidth.mbit = message["mbit"]
        elif kind == "viewers":
            self._session.viewers_elsewhere = message["elsewhere"]
        elif kind == "own":
            renditions = frozenset(Rendition.of(content) for content in message["renditions"])
            self._session.hub.lanes.own_elsewhere = renditions
        elif kind == "part_wanted":
            self._send_part(message["number"])
        elif kind == "part":
            answer = self._answers.get(message["number"])
            if answer is not None:
                answer.parts.append(Part.from_content(json.loads(read_memory(descriptors[0]))))
                return
        elif kind == "parts":
            answer = self._answers.get(message["number"])
            if answer is not None and not answer.parent.done():
                answer.parent.set_result(ParentPart.from_content(message["parent"]))
        elif kind == "stop":
            self._stop()
        close_all(descriptors)

    def _stop(self) -> None:
        """End this process in order: the parent says so, or is gone."""
        if self.server is not None:
            self.server.should_exit = True

    def _give_way(self, message: Message) -> None:
        if "viewer" in message:
            place = self.lender.viewers.get(message["viewer"])
            if place is not None:
                place.end()
        elif self._handed is not None:
            self._handed.give_way(message["connection"])

    def _ingest_up(self, message: Message, descriptors: list[int]) -> None:
        self._ingest_down()
        self._session.restarts = message["restarts"]
        self._session.refused_renditions = message["refused"]
        connection = socket.socket(fileno=descriptors[0])
        # All web processes together may hold half of the slots for long.
        share = max(1, SLOTS // (2 * self._session.settings.web_processes))
        memory = SlotReader(descriptors[1], share) if len(descriptors) > 1 else None
        task = asyncio.get_running_loop().create_task(self._connect(connection, memory, message["epoch"], self._up))
        self._linking.add(task)
        task.add_done_callback(self._linking.discard)

    async def _connect(self, connection: socket.socket, memory: SlotReader | None, epoch: int, up: int) -> None:
        def lost() -> None:
            if self._up == up:
                self._ingest_down()

        def opened(link: WebEnd) -> None:
            if self._up == up:
                self._link = link
                self._session.ingest_up(epoch, link)
            else:
                link.close()

        await connect(connection, FromIngest(self._session, lost), memory, opened)

    def _ingest_down(self) -> None:
        self._up += 1
        link, self._link = self._link, None
        if link is not None:
            link.close()
        self._session.ingest_down()

    # what the parent is told

    def _part(self, own: Overview) -> Part:
        return Part.of(own, self._number, os.getpid(), time.process_time())

    def _send_part(self, number: int) -> None:
        if self.server is not None:
            content = to_json(self._part(self.server.overview()).content())
            self.control.send({"kind": "part", "number": number}, [pack_memory(content)])

    def _own_changed(self) -> None:
        """Tell, once for several changes in a row, which renditions are in use here for one viewer each."""
        if not self._own_due:
            self._own_due = True
            asyncio.get_running_loop().call_soon(self._send_own)

    def _send_own(self) -> None:
        self._own_due = False
        renditions = [rendition.content() for rendition in self._session.hub.lanes.own_here()]
        self.control.send({"kind": "own", "renditions": renditions})


class _Parts:
    """What has come of an overview that was asked for."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.parent: asyncio.Future[ParentPart] = asyncio.get_running_loop().create_future()

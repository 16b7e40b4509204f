"""The web process's end of a link over the bus."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.link.base import WebEvents
from stream_online_viewer.link.cameras import CameraQuestion
from stream_online_viewer.link.messages import InterestChange, Pull, RefusedRenditions
from stream_online_viewer.link.nats.frames import Kind, unpack
from stream_online_viewer.link.nats.messages import MOST_LANES, MOST_NAMES
from stream_online_viewer.link.nats.slot import FrameSlot
from stream_online_viewer.link.nats.wire import MOST_PAYLOAD, Message
from stream_online_viewer.protocol.rendition import Rendition

if TYPE_CHECKING:
    from stream_online_viewer.link.nats.member import Member

BEAT_SECONDS = 0.4
LEASE_SECONDS = 1.0
"""For how long frames are wanted after they were last asked for."""
LOOK_SECONDS = 0.1


class BusWebEnd:
    """The web process's end of a link over the bus, for one epoch; see :class:`.link.base.WebEnd`."""

    copied_out = 0

    def __init__(self, member: "Member", events: WebEvents) -> None:
        self._member = member
        self._events = events
        self._loop = asyncio.get_running_loop()
        self._slots: dict[int, FrameSlot] = {}
        self._sids: dict[int, int] = {}
        self._everything = False
        self._names: dict[str, None] = {}
        self._open = True

    @property
    def wants_rows(self) -> bool:
        """Whether any scalars are wanted."""
        return self._everything or bool(self._names)

    def slots(self) -> list[FrameSlot]:
        """Return the lanes that are asked for."""
        return list(self._slots.values())[:MOST_LANES]

    def scalars(self) -> tuple[bool, tuple[str, ...]]:
        """Return whether all scalars are wanted, and which by name."""
        return self._everything, tuple(self._names)[:MOST_NAMES]

    # base.WebEnd

    def send_interest(self, change: InterestChange) -> None:
        """Change what is wanted."""
        if not self._open:
            return
        for number, rendition in change.lanes:
            self._begin(number, rendition)
        for number in change.ended:
            self._end(number)
        self._everything = change.everything
        self._names |= dict.fromkeys(change.names)
        for name in change.unnamed:
            self._names.pop(name, None)
        self._member.interest_changed()

    def send_pull(self, pull: Pull) -> None:
        """Ask for the next frame of a lane."""
        slot = self._slots.get(pull.lane)
        if slot is None or not self._open:
            return
        slot.pull(pull.after, self._loop.time())
        # Not at once: whoever pulls is not ready for the answer yet.
        self._loop.call_soon(self._answer, slot)
        if slot.lease - self._loop.time() < LEASE_SECONDS - BEAT_SECONDS - LOOK_SECONDS:
            self._member.beat_soon()

    def send_refused(self, renditions: RefusedRenditions) -> None:
        """Do nothing: the ingest keeps account of these itself."""

    def send_question(self, question: CameraQuestion) -> None:
        """Ask which cameras there are."""
        if self._open:
            self._member.ask_cameras(question.known)

    def close(self) -> None:
        """End the link."""
        if self._open:
            self._open = False
            for number in list(self._slots):
                self._end(number)

    def _begin(self, number: int, rendition: Rendition) -> None:
        slot = self._slots[number] = FrameSlot(number, rendition)
        subject = self._member.name.subject("frame", slot.key)
        self._sids[number] = self._member.client.subscribe(subject, partial(self._take, slot), MOST_PAYLOAD)

    def _end(self, number: int) -> None:
        if self._slots.pop(number, None) is not None:
            self._member.client.unsubscribe(self._sids.pop(number))

    def _take(self, slot: FrameSlot, message: Message) -> None:
        member = self._member
        try:
            head, body = unpack(message.payload, Kind.FRAME)
        except ProtocolError as error:
            member.refuse(f"frame: {error}")
            return
        if not member.is_current(head):
            return
        now, wall = member.times()
        received = member.received_here(head, now)
        if received is None:
            return
        member.frames += 1
        counted = slot.put(head, body, received, now, wall)
        member.lost += counted.lost
        member.late += counted.late
        member.unused += counted.unused
        self._answer(slot, told=True)

    def _answer(self, slot: FrameSlot, told: bool = False) -> None:
        """Answer a pull, if there is one and it can be answered. ``told``: that nothing is newer was said before."""
        if not self._open or self._slots.get(slot.number) is not slot:
            return
        found = slot.take(self._loop.time())
        if found is not None:
            self._events.link_frame(*found)
        elif slot.pulled and not told:
            self._events.link_nothing_newer(slot.number)

"""What all web servers on the bus want together. Pure; all times are monotonic seconds."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.link.nats.messages import Beat, Interest, WebServer
from stream_online_viewer.protocol.rendition import Rendition

MEMBER_SECONDS = 3.0
"""A web server that has said nothing for so long wants nothing any more."""
PULL_SECONDS = 1.0
"""Frames are wanted for so long after they were asked for."""
MOST_MEMBERS = 4096
MOST_RENDITIONS = 1024
"""Renditions that are made for all web servers together."""


@dataclass(slots=True)
class Member:
    """One web server."""

    id: str
    heard: float
    version: int = 0
    lanes: tuple[Rendition, ...] = ()
    everything: bool = False
    names: frozenset[str] = frozenset()
    pulled: dict[Rendition, float] = field(default_factory=dict)
    """Until when frames are wanted."""
    rate: float = 0.0
    server: WebServer | None = None
    before: tuple[float, int, int] = (0.0, 0, 0)
    """When the counts below were taken, frames received and unused then."""
    receiving: float = 0.0
    """Frames a second that it receives from the bus."""


@dataclass(slots=True)
class _Pulled:
    until: float
    rate: float


class Demand:
    """The web servers by their ids, and the union of what they want."""

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        self._renditions: Counter[Rendition] = Counter()
        self._names: Counter[str] = Counter()
        self._pulled: dict[Rendition, _Pulled] = {}

    @property
    def renditions(self) -> list[Rendition]:
        """The renditions that any web server wants, as many as are made."""
        return list(self._renditions)[:MOST_RENDITIONS]

    @property
    def everything(self) -> bool:
        """Whether any web server wants the scalars of all channels."""
        return any(member.everything for member in self.members.values())

    @property
    def names(self) -> set[str]:
        """The channels whose scalars any web server wants by name."""
        return set(self._names)

    @property
    def viewers(self) -> int:
        """The viewers of all web servers."""
        return sum(max(0, member.server.viewers) for member in self.members.values() if member.server is not None)

    def take_interest(self, interest: Interest, now: float) -> None:
        """Take everything that a web server wants. Raise :class:`ProtocolError` if there are too many of them."""
        member = self._member(interest.sender, now)
        if interest.version <= member.version:
            return
        member.version = interest.version
        self._count(self._renditions, interest.lanes, member.lanes)
        names = frozenset(interest.names)
        self._count(self._names, names, member.names)
        member.lanes, member.everything, member.names = interest.lanes, interest.everything, names
        for rendition in list(member.pulled):
            if rendition not in interest.lanes:
                del member.pulled[rendition]
                self._pull_less(rendition, now)

    def take_beat(self, beat: Beat, now: float) -> bool:
        """Take a sign of life; return False if the interest that it means is not known here.

        Raise :class:`ProtocolError` for one that cannot be.
        """
        member = self._member(beat.sender, now)
        member.server, member.rate = beat.server, min(max(beat.rate, 0.01), 10000.0)
        at, frames, _ = member.before
        if now - at >= 1.0:
            member.receiving = max(0, beat.server.frames - frames) / (now - at) if at else 0.0
            member.before = now, beat.server.frames, beat.server.unused
        if beat.version != member.version:
            return False
        for position in beat.pulled:
            if not 0 <= position < len(member.lanes):
                raise ProtocolError("a lane that there is not")
            rendition = member.lanes[position]
            until = member.pulled[rendition] = now + PULL_SECONDS
            known = self._pulled.get(rendition)
            if known is None or known.until < now:
                self._pulled[rendition] = _Pulled(until, member.rate)
            else:
                known.until, known.rate = max(until, known.until), max(known.rate, member.rate)
        return True

    def rate(self, rendition: Rendition, now: float) -> float:
        """Return how many frames a second of a rendition are wanted now, 0 for none."""
        pulled = self._pulled.get(rendition)
        return pulled.rate if pulled is not None and pulled.until > now else 0.0

    def nobody_listens(self, rendition: Rendition) -> None:
        """A frame of a rendition reached nobody: none is wanted until somebody asks again."""
        self._pulled.pop(rendition, None)
        for member in self.members.values():
            member.pulled.pop(rendition, None)

    def tick(self, now: float) -> bool:
        """Forget what is not wanted any more, to be called once a second; return whether a web server has gone."""
        gone = [member for member in self.members.values() if now - member.heard > MEMBER_SECONDS]
        for member in gone:
            self._count(self._renditions, (), member.lanes)
            self._count(self._names, (), member.names)
            del self.members[member.id]
        for rendition in list(self._pulled):
            self._pull_less(rendition, now)
        return bool(gone)

    def _member(self, sender: str, now: float) -> Member:
        member = self.members.get(sender)
        if member is None:
            if not re.fullmatch(r"[a-z0-9_-]{1,80}", sender):
                raise ProtocolError("a sender without a usable id")
            if len(self.members) >= MOST_MEMBERS:
                raise ProtocolError("too many web servers")
            member = self.members[sender] = Member(sender, now)
        member.heard = now
        return member

    def _pull_less(self, rendition: Rendition, now: float) -> None:
        """Compute anew until when, and how fast, a rendition is wanted."""
        found = [
            (until, member.rate)
            for member in self.members.values()
            if (until := member.pulled.get(rendition, 0.0)) > now
        ]
        if found:
            self._pulled[rendition] = _Pulled(max(until for until, _ in found), max(rate for _, rate in found))
        else:
            self._pulled.pop(rendition, None)

    @staticmethod
    def _count(counts: Counter, more: Iterable, less: Iterable) -> None:  # type: ignore[type-arg]
        for key in set(more):
            counts[key] += 1
        for key in set(less):
            counts[key] -= 1
            if counts[key] <= 0:
                del counts[key]

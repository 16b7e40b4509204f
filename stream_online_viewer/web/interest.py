"""Sends the ingest process the lanes and scalars that viewers want: only changes, and not too often. Pure.

The work for one change does not grow with the number of viewers: names are counted, and a message holds only the lanes
and names that are new or gone since the last one. The first change is sent at once; further ones are collected for
``SEND_SECONDS``, and for as long as the ingest process does not read, so that nothing queues up. A lane is pulled only
after the ingest process has been sent its rendition.
"""

from collections import Counter
from collections.abc import Callable, Iterator

from stream_online_viewer.link.messages import InterestChange, Pull
from stream_online_viewer.protocol.rendition import Rendition
from stream_online_viewer.web.clock import Clock, Later, Timer
from stream_online_viewer.web.lane import Lane

SEND_SECONDS = 0.1
MESSAGE_CHARACTERS = 16384
"""Characters of names in one message; what does not fit is sent in the next. The ingest process reads a message between
two pulses, which it must not delay by more than about a millisecond."""
_LANE_CHARACTERS = 256
Every = bool | tuple[str, ...] | None
"""Which scalars a viewer wants: all, none, or those of these names; None before its first want."""


class Interest:
    """The lanes and channel names that viewers want, and which of them the ingest process has been sent.

    ``clock`` and ``later`` are those of :mod:`.clock`; ``send_interest`` and ``send_pull`` send to the ingest process.
    """

    def __init__(
        self,
        clock: Clock,
        later: Later,
        send_interest: Callable[[InterestChange], None],
        send_pull: Callable[[Pull], None],
    ) -> None:
        self._clock = clock
        self._later = later
        self._send_interest = send_interest
        self._send_pull = send_pull
        self._lanes: dict[int, Lane] = {}
        self._sent_lanes: set[int] = set()
        self._new_lanes: dict[int, Lane] = {}
        self._ended: dict[int, None] = {}
        self._all = 0
        self._sent_all = False
        self._names: Counter[str] = Counter()
        self._sent_names: set[str] = set()
        # Names whose count has become zero or has ceased to be zero, in that order of time: a dict used as an ordered
        # set.
        self._changed_names: dict[str, None] = {}
        self._pulls: dict[int, int] = {}
        self._next = 0.0
        self._timer = Timer()
        self._blocked = False

    # changes

    def add_lane(self, lane: Lane) -> None:
        """Add a lane that has its first viewer."""
        self._lanes[lane.number] = self._new_lanes[lane.number] = lane

    def remove_lane(self, lane: Lane) -> None:
        """Remove a lane whose last viewer has left."""
        number = lane.number
        del self._lanes[number]
        self._new_lanes.pop(number, None)
        self._pulls.pop(number, None)
        if number in self._sent_lanes:
            self._ended[number] = None

    def change_scalars(self, before: Every, after: Every) -> None:
        """A viewer wants the scalars ``after`` instead of ``before``."""
        if before == after:
            return
        self._all += (after is True) - (before is True)
        for name in after if isinstance(after, tuple) else ():
            self._count(name, 1)
        for name in before if isinstance(before, tuple) else ():
            self._count(name, -1)

    def _count(self, name: str, by: int) -> None:
        self._names[name] += by
        wanted = self._names[name] > 0
        if not wanted:
            del self._names[name]
        if wanted == (name in self._sent_names):
            self._changed_names.pop(name, None)
        else:
            self._changed_names[name] = None

    def pull(self, lane: Lane, after: int) -> None:
        """Request a lane's next frame, received after ``after`` (monotonic ns), once its rendition was sent."""
        if self._blocked or lane.number not in self._sent_lanes:
            self._pulls[lane.number] = after
        else:
            self._send_pull(Pull(lane.number, after))

    # sending

    def send_changes(self) -> None:
        """Send the changes now, or as soon as the ingest process may be sent something again."""
        if self._blocked or self._timer.running or not self._changed():
            return
        wait = self._next - self._clock()
        if wait <= 0:
            self._send_now()
        else:
            self._timer.start(self._later, wait, self.send_changes)

    def set_blocked(self, blocked: bool) -> None:
        """The link takes no more messages for now (``True``), or does again."""
        self._blocked = blocked
        if not blocked:
            self._pull_waiting()
            self.send_changes()

    def restart(self) -> None:
        """The ingest process was replaced: send the new one everything at once, and forget what was pulled."""
        self._sent_lanes.clear()
        self._new_lanes = dict(self._lanes)
        self._ended.clear()
        self._sent_all = False
        self._sent_names.clear()
        self._changed_names = dict.fromkeys(self._names)
        self._pulls.clear()
        self._blocked = False
        self._timer.cancel()
        self._next = self._clock()
        self.send_changes()

    def _changed(self) -> bool:
        all_changed = self._sent_all != (self._all > 0)
        return all_changed or bool(self._new_lanes or self._ended or self._changed_names)

    def _send_now(self) -> None:
        self._next = self._clock() + SEND_SECONDS
        room = MESSAGE_CHARACTERS
        lanes: list[tuple[int, Rendition]] = []
        for number, lane in _taken(self._new_lanes):
            lanes.append((number, lane.rendition))
            self._sent_lanes.add(number)
            room -= _LANE_CHARACTERS + len(lane.rendition.channel or "")
            if room <= 0:
                break
        ended = list(self._ended)
        self._sent_lanes.difference_update(ended)
        self._ended.clear()
        names, unnamed = [], []
        while room > 0 and self._changed_names:
            name = next(iter(self._changed_names))
            del self._changed_names[name]
            room -= len(name)
            if name in self._sent_names:
                self._sent_names.remove(name)
                unnamed.append(name)
            else:
                self._sent_names.add(name)
                names.append(name)
        self._sent_all = self._all > 0
        self._send_interest(InterestChange(tuple(lanes), tuple(ended), self._sent_all, tuple(names), tuple(unnamed)))
        self._pull_waiting()
        self.send_changes()

    def _pull_waiting(self) -> None:
        for number in [number for number in self._pulls if number in self._sent_lanes]:
            if self._blocked:
                return
            self._send_pull(Pull(number, self._pulls.pop(number)))


def _taken(items: dict[int, Lane]) -> Iterator[tuple[int, Lane]]:
    """Yield the items of a dict and remove each from it."""
    while items:
        number = next(iter(items))
        yield number, items.pop(number)

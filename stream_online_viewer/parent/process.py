"""One web process, as the parent sees it."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from stream_online_viewer.link.control import ControlEnd, Message, control_sockets
from stream_online_viewer.protocol.jsontext import to_json
from stream_online_viewer.settings import Settings
from stream_online_viewer.web.child import child_environment
from stream_online_viewer.web.clock import Clock
from stream_online_viewer.web.part import Counts
from stream_online_viewer.web.places import Place

WEB_COMMAND = (sys.executable, "-P", "-m", "stream_online_viewer.web")
QUIET_SECONDS = 3.0
"""After so many seconds without a word a process gets no connections, as long as another one speaks."""


class WebProcess:
    """A process that was started, and what it holds and has told."""

    def __init__(
        self,
        settings: Settings,
        number: int,
        started: float,
        clock: Clock,
        on_message: Callable[["WebProcess", Message, list[int]], None],
    ) -> None:
        """Start it. ``started`` is the start of the server, ``on_message`` is called with what the process says."""
        self.number = number
        self._clock = clock
        self.connections: dict[int, Place] = {}
        """The places of its connections."""
        self.serving = False
        self.linked_at = 0.0
        """When it was last given a link to the ingest process, monotonic seconds."""
        self.heard = clock()
        self.far = 0
        self.counts = Counts()
        self.own: list[Any] = []
        """Renditions that are made for one viewer there, as JSON."""
        self.told: int | None = None
        """The number of viewers elsewhere that it was told last."""
        self.ended = asyncio.Event()
        self._last = 0
        ours, theirs = control_sockets()
        with theirs:
            self.process = subprocess.Popen(
                [*WEB_COMMAND, str(theirs.fileno()), str(number), str(started), to_json(asdict(settings))],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=child_environment(),
                # A process group of its own: Ctrl-C reaches only the parent, which then ends this one.
                process_group=0,
            )
        self.control = ControlEnd(ours, lambda *what: on_message(self, *what), self.ended.set)

    @property
    def quiet(self) -> bool:
        """Whether it has said nothing for long, as if it hung."""
        return self._clock() - self.heard > QUIET_SECONDS

    def hand(self, descriptor: int, place: Place) -> bool:
        """Give it a connection; return False if it cannot take one now."""
        self._last += 1
        number = self._last
        message = {
            "kind": "connection",
            "number": number,
            "address": place.address,
            "exempt": place.exempt,
            "passing": place.is_passing,
        }
        if not self.control.offer(message, [descriptor]):
            return False
        self.connections[number] = place
        place.give_way = lambda: self._give_way(number)
        return True

    def left(self, number: int) -> None:
        """Free the place of a connection that has ended; one that had to give way is not known any more."""
        place = self.connections.pop(number, None)
        if place is not None:
            place.leave()

    def became_viewer(self, number: int) -> None:
        """Note that a connection is a viewer's."""
        place = self.connections.get(number)
        if place is not None:
            place.is_viewer = True

    def forget(self) -> None:
        """Free everything after its end."""
        self.control.close()
        for number in list(self.connections):
            self.left(number)

    def _give_way(self, number: int) -> None:
        self.connections.pop(number, None)
        self.control.send({"kind": "give_way", "connection": number})

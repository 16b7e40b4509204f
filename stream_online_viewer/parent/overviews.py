"""Collects what each web process adds to the status, for the one that was asked for it."""

import asyncio
import os
from collections.abc import Callable, Mapping

from stream_online_viewer.parent.process import WebProcess
from stream_online_viewer.web.part import ParentPart

PARTS_SECONDS = 1.0
"""Seconds within which each process must answer; who does not is left out, and counted."""


class _Request:
    """One process that waits for the parts of the others."""

    def __init__(self, asking: WebProcess, number: int, waiting: set[int], timer: asyncio.TimerHandle) -> None:
        self.asking = asking
        self.number = number
        self.waiting = waiting
        self.timer = timer


class Overviews:
    """Passes the question on to all others, and each answer back as it comes. The parent's own part is the last."""

    def __init__(self, running: Mapping[int, WebProcess], part: Callable[[], ParentPart]) -> None:
        """``part`` returns the parent's own part."""
        self._running = running
        self._part = part
        self._requests: dict[int, _Request] = {}
        self._last = 0
        self.silent = 0
        """How often a process did not answer in time."""

    def ask(self, asking: WebProcess, number: int) -> None:
        """Ask all others for a process whose question has this number there."""
        self._last += 1
        request = self._last
        others = [process for process in self._running.values() if process is not asking and process.serving]
        timer = asyncio.get_running_loop().call_later(PARTS_SECONDS, self._late, request)
        self._requests[request] = _Request(asking, number, {process.number for process in others}, timer)
        for process in others:
            process.control.send({"kind": "part_wanted", "number": request})
        self._end_if_complete(request)

    def take(self, process: WebProcess, number: int, descriptor: int) -> None:
        """Pass on the part of a process, which lies in memory that it has sent."""
        request = self._requests.get(number)
        if request is None or process.number not in request.waiting:
            os.close(descriptor)
            return
        request.waiting.discard(process.number)
        request.asking.control.send({"kind": "part", "number": request.number}, [descriptor])
        self._end_if_complete(number)

    def ended(self, process: int) -> None:
        """Wait no more for a process that has ended."""
        for number, request in list(self._requests.items()):
            request.waiting.discard(process)
            self._end_if_complete(number)

    def _late(self, number: int) -> None:
        request = self._requests.get(number)
        if request is not None:
            self.silent += len(request.waiting)
            request.waiting.clear()
            self._end_if_complete(number)

    def _end_if_complete(self, number: int) -> None:
        request = self._requests[number]
        if request.waiting:
            return
        del self._requests[number]
        request.timer.cancel()
        request.asking.control.send({"kind": "parts", "number": request.number, "parent": self._part().content()})

"""Keeps the limits of all web processes, and what each of them holds of these. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from stream_online_viewer.web.clock import Clock
from stream_online_viewer.web.limits import Limits


class _Body:
    """Stands for the body of an answer, which is counted once however often it is sent."""

    def __init__(self) -> None:
        self.holders = 0


class KeptLimits:
    """Answers the questions of :class:`stream_online_viewer.web.lent.Lender`.

    What was granted is known by the number of the process and one that the process has given it.
    """

    def __init__(self, limits: Limits, clock: Clock, give_way: Callable[[int, int], None]) -> None:
        """``give_way(process, number)`` tells a process that a viewer's place has been given to another one."""
        self._limits = limits
        self._clock = clock
        self._give_way = give_way
        self._held: dict[int, dict[int, Callable[[], None]]] = {}
        self._bodies: dict[tuple[int, int], _Body] = {}
        self._viewers: dict[int, int] = {}

    def viewers(self, process: int) -> int:
        """Return the number of viewers of a process."""
        return self._viewers.get(process, 0)

    @property
    def all_viewers(self) -> int:
        """The number of viewers of all processes."""
        return sum(self._viewers.values())

    def ask(self, process: int, question: Mapping[str, Any]) -> Any:
        """Return the answer to a question."""
        limit = question["limit"]
        if limit == "viewers":
            return self._enter(process, question["number"], question["address"], question["exempt"])
        if limit == "answers":
            return self._take(process, question)
        if limit == "requests":
            granted = self._limits.requests.enter(question["address"])
            if isinstance(granted, int):
                return granted
            self._hold(process, question["number"], granted)
            return 0
        rates = self._limits.arrivals if limit == "arrivals" else self._limits.images
        return rates.wait(question["key"], self._clock(), question["exempt"])

    def give_back(self, process: int, number: int) -> None:
        """Take back what was granted; what is not known, because it had to give way, is no matter."""
        release = self._held.get(process, {}).pop(number, None)
        if release is not None:
            release()

    def end(self, process: int) -> None:
        """Take back everything that a process held."""
        for release in self._held.pop(process, {}).values():
            release()

    def _hold(self, process: int, number: int, release: Callable[[], None]) -> None:
        self._held.setdefault(process, {})[number] = release

    def _enter(self, process: int, number: int, address: str, exempt: bool) -> bool:
        place = self._limits.viewers.enter(address, exempt)
        if place is None:
            return False
        self._viewers[process] = self.viewers(process) + 1

        def leave() -> None:
            place.leave()
            self._viewers[process] -= 1

        def give_way() -> None:
            self.give_back(process, number)
            self._give_way(process, number)

        place.give_way = give_way
        self._hold(process, number, leave)
        return True

    def _take(self, process: int, question: Mapping[str, Any]) -> bool:
        key = (process, question["body"])
        body = self._bodies.get(key) or _Body()
        taken = self._limits.answers.take(question["address"], body, question["size"], question["exempt"])
        if taken is None:
            return False
        self._bodies[key] = body
        body.holders += 1

        def release() -> None:
            taken()
            body.holders -= 1
            if not body.holders:
                del self._bodies[key]

        self._hold(process, question["number"], release)
        return True

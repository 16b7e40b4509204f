"""Limits that lie in the parent: one of several web processes asks there. See :mod:`.limits`.

A question takes the time of two messages, and the whole process waits for it. It is asked when a viewer or a request
comes, never for a frame. If the parent does not answer, there is no place.
"""

from collections.abc import Callable
from typing import Any

from stream_online_viewer.link.control import ControlEnd
from stream_online_viewer.web.limits import MOST_REQUESTS, Limits
from stream_online_viewer.web.places import Place

ASK_SECONDS = 1.0


class Lender:
    """Asks the parent. What was granted has a number, under which it is given back."""

    def __init__(self, control: ControlEnd) -> None:
        self._control = control
        self._last = 0
        self.viewers: dict[int, Place] = {}
        """The viewers' places by their numbers."""

    def ask(self, limit: str, **facts: Any) -> Any:
        """Ask for something that need not be given back."""
        return self._control.ask({"kind": "ask", "limit": limit, **facts}, ASK_SECONDS)

    def borrow(self, limit: str, **facts: Any) -> tuple[int, Any]:
        """Ask for something that is given back by :meth:`give_back`; return its number and the answer."""
        self._last += 1
        answer = self.ask(limit, number=self._last, **facts)
        if answer is None:
            # It may have been granted too late.
            self.give_back(self._last)
        return self._last, answer

    def give_back(self, number: int) -> None:
        """Give back what was granted under a number."""
        self._control.send({"kind": "give_back", "number": number})

    def limits(self) -> Limits:
        """Return all limits of the server as they are seen here."""
        return Limits(
            viewers=_Viewers(self),
            arrivals=_Rates(self, "arrivals"),
            images=_Rates(self, "images"),
            answers=_Answers(self),
            requests=_Requests(self),
        )


class _Viewers:
    """Places for viewers, see :class:`.places.Places`."""

    gave_way = 0
    """Counted by the parent."""

    def __init__(self, lender: Lender) -> None:
        self._lender = lender
        self._numbers: dict[Place, int] = {}

    def enter(self, address: str, exempt: bool = False) -> Place | None:
        number, granted = self._lender.borrow("viewers", address=address, exempt=exempt)
        if not granted:
            return None
        place = self._lender.viewers[number] = Place(self, address, exempt)
        self._numbers[place] = number
        return place

    def free(self, place: Place) -> None:
        number = self._numbers.pop(place)
        del self._lender.viewers[number]
        self._lender.give_back(number)


class _Rates:
    """See :class:`.rates.Rates`."""

    def __init__(self, lender: Lender, limit: str) -> None:
        self._lender = lender
        self._limit = limit

    def wait(self, key: str, now: float, exempt: bool = False) -> float:
        seconds = self._lender.ask(self._limit, key=key, exempt=exempt)
        return ASK_SECONDS if seconds is None else float(seconds)


class _Answers:
    """See :class:`.answers.AnswerBytes`."""

    bytes = 0
    """Counted by the parent."""

    def __init__(self, lender: Lender) -> None:
        self._lender = lender

    def take(self, address: str, body: object, size: int, exempt: bool = False) -> Callable[[], None] | None:
        number, granted = self._lender.borrow("answers", address=address, body=id(body), size=size, exempt=exempt)
        return (lambda: self._lender.give_back(number)) if granted else None


class _Requests:
    """See :class:`.limits.Requests`."""

    def __init__(self, lender: Lender) -> None:
        self._lender = lender

    def enter(self, address: str) -> Callable[[], None] | int:
        number, reached = self._lender.borrow("requests", address=address)
        if reached == 0:
            return lambda: self._lender.give_back(number)
        return int(reached or MOST_REQUESTS)

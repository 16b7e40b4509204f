"""The limits that hold for all web processes together, in one place. Pure.

With one web process they lie in it. With several they lie in the parent, and each web process has others behind the
same interfaces, which ask there (:mod:`.lent`).
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from stream_online_viewer.web.allowance import ARRIVALS_PER_SECOND
from stream_online_viewer.web.answers import AnswerBytes
from stream_online_viewer.web.places import Entrance, Places
from stream_online_viewer.web.rates import Rates

IMAGE_RATE, IMAGE_BURST = 10.0, 40.0
"""Images a second and at once for one address: more than pictures for people need, with room for a page of many."""
ALL_IMAGES_RATE, ALL_IMAGES_BURST = 100.0, 400.0
MOST_REQUESTS = 32
MOST_REQUESTS_EACH = 8
"""Requests that may wait for an image: of one address, and in all."""


class RateLimit(Protocol):
    """See :class:`.rates.Rates`."""

    def wait(self, key: str, now: float, exempt: bool = False) -> float:
        """Return 0 if it may be done now, else the seconds until then."""


class AnswerLimit(Protocol):
    """See :class:`.answers.AnswerBytes`."""

    @property
    def bytes(self) -> int:
        """The bytes of answers that clients have not taken yet, as far as is known here."""

    def take(self, address: str, body: object, size: int, exempt: bool = False) -> Callable[[], None] | None:
        """Count an answer; return the function to call when it was taken, or None if there is no room for it."""


class RequestLimit(Protocol):
    """See :class:`Requests`."""

    def enter(self, address: str) -> Callable[[], None] | int:
        """Return the function to call when a request waits no more; the limit that is reached if it may not wait."""


class Requests:
    """The requests that wait for an image: few for one address, and few in all."""

    def __init__(self, most: int = MOST_REQUESTS, most_each: int = MOST_REQUESTS_EACH) -> None:
        self._most = most
        self._most_each = most_each
        self._waiting: Counter[str] = Counter()

    def enter(self, address: str) -> Callable[[], None] | int:
        """Count a request that begins to wait."""
        if self._waiting[address] >= self._most_each:
            return self._most_each
        if self._waiting.total() >= self._most:
            return self._most
        self._waiting[address] += 1

        def leave() -> None:
            self._waiting[address] -= 1
            if not self._waiting[address]:
                del self._waiting[address]

        return leave


@dataclass(frozen=True, slots=True)
class Limits:
    """What may happen how often, or at the same time, in the whole server."""

    viewers: Entrance
    """Places for viewers. Each viewer also has a place for its connection."""
    arrivals: RateLimit
    images: RateLimit
    answers: AnswerLimit
    requests: RequestLimit


def limits_of(max_viewers: int) -> Limits:
    """Return the limits of a server with so many places for viewers."""
    return Limits(
        # One address may use all places for viewers until another needs one.
        viewers=Places(max_viewers, crowded=1.0),
        arrivals=Rates(ARRIVALS_PER_SECOND, max(max_viewers, ARRIVALS_PER_SECOND)),
        images=Rates(IMAGE_RATE, IMAGE_BURST, (ALL_IMAGES_RATE, ALL_IMAGES_BURST)),
        answers=AnswerBytes(),
        requests=Requests(),
    )

"""Places for connections: how many there are, and which connection ends when they run out. Pure."""

from collections.abc import Callable
from typing import Protocol

CROWDED = 0.75
"""Share of taken places above which addresses are limited."""
FEW = 8
"""Connections that one browser opens for a page. An address with fewer gets a place as long as any is free."""


class Freeing(Protocol):
    """Whatever takes places back."""

    def free(self, place: "Place") -> None:
        """Take a place back."""


class Entrance(Protocol):
    """Where a place is asked for."""

    @property
    def gave_way(self) -> int:
        """The connections that were ended to make room."""

    def enter(self, address: str, exempt: bool = False) -> "Place | None":
        """Return a place for a new connection, None if it must be refused."""


class Place:
    """The place of one connection.

    ``give_way`` is called when the connection must end; the place is then already free.
    """

    __slots__ = ("_places", "address", "exempt", "give_way", "is_viewer", "is_passing")

    def __init__(self, places: Freeing, address: str, exempt: bool) -> None:
        self._places: Freeing | None = places
        self.address = address
        self.exempt = exempt
        self.is_viewer = False
        self.is_passing = False
        """It is one of the few extra places for monitoring."""
        self.give_way: Callable[[], None] | None = None

    @property
    def held(self) -> bool:
        """Whether it is still the place of that connection."""
        return self._places is not None

    def become_viewer(self, give_way: Callable[[], None]) -> None:
        """Note that the connection is a viewer's now, and how it ends when it must."""
        self.is_viewer = True
        self.give_way = give_way

    def end(self) -> None:
        """Free the place and end its connection, because another one needs it."""
        self.leave()
        if self.give_way is not None:
            self.give_way()

    def leave(self) -> None:
        """Free the place; a second call does nothing."""
        places, self._places = self._places, None
        if places is not None:
            places.free(self)


class Places:
    """All places of one server.

    Up to three quarters of the places any address may have any number. Above that, the address with the most
    connections gets no more, and when all places are taken, its newest connection ends in favour of an address that has
    fewer. So a control room or a proxy, each of which is one address, may use what no other needs, but no address can
    use everything. Exempt addresses (proxies) are counted, but never limited.
    """

    def __init__(self, total: int, each: int = 0, crowded: float = CROWDED) -> None:
        """``total`` places; at most ``each`` for one address that is not exempt, 0 for no such limit.

        ``crowded`` is the share of taken places above which addresses are limited.
        """
        self.total = total
        self._crowd = crowded * total
        self.each = each
        self.taken = 0
        self.refused = 0
        self.gave_way = 0
        self._held: dict[str, dict[Place, None]] = {}

    def enter(self, address: str, exempt: bool = False) -> Place | None:
        """Return a place for a new connection, None if it must be refused."""
        if not self._admits(address, exempt):
            self.refused += 1
            return None
        place = Place(self, address, exempt)
        self._held.setdefault(address, {})[place] = None
        self.taken += 1
        return place

    def free(self, place: Place) -> None:
        """Take a place back; called by :meth:`Place.leave`."""
        held = self._held[place.address]
        del held[place]
        self.taken -= 1
        if not held:
            del self._held[place.address]

    @property
    def addresses(self) -> int:
        """The number of addresses with connections."""
        return len(self._held)

    def most(self) -> tuple[str, int]:
        """Return the address with the most connections, exempt ones included, and their number; ('', 0) if none."""
        address = max(self._held, key=lambda address: len(self._held[address]), default="")
        return address, len(self._held.get(address, ()))

    def _admits(self, address: str, exempt: bool) -> bool:
        own = len(self._held.get(address, ()))
        if not exempt and self.each and own >= self.each:
            return False
        if self.taken < self._crowd:
            return True
        if exempt and self.taken < self.total:
            return True
        victim = self._largest()
        most = 0 if victim is None else len(self._held[victim])
        if self.taken < self.total:
            return own < max(most, min(FEW, self.total // 4))
        if victim is None or victim == address or most <= own + 1:
            return False
        self._evict(victim)
        return True

    def _largest(self) -> str | None:
        """Return the address with the most connections that is not exempt."""
        return max(
            (address for address, held in self._held.items() if not next(iter(held)).exempt),
            key=lambda address: len(self._held[address]),
            default=None,
        )

    def _evict(self, address: str) -> None:
        """End the newest connection of an address, preferably one without a viewer."""
        held = list(self._held[address])
        place = next((place for place in reversed(held) if not place.is_viewer), held[-1])
        self.gave_way += 1
        place.end()

"""Places for connections: how many there are, who has one, and who gives way when they become few. Pure."""

from collections.abc import Callable

CROWDED = 0.75
"""Share of all places beyond which addresses are looked at."""
FEW = 8
"""Connections that one browser opens for a page: with fewer, an address is not among those that give way first."""


class Place:
    """The place of one connection. ``give_way`` is called when it has to go; it is free then already."""

    __slots__ = ("_places", "address", "exempt", "give_way", "is_viewer", "is_passing")

    def __init__(self, places: "Places", address: str, exempt: bool) -> None:
        self._places: Places | None = places
        self.address = address
        self.exempt = exempt
        self.is_viewer = False
        self.is_passing = False
        """It is one of the few beside all places, for what watches over the server."""
        self.give_way: Callable[[], None] | None = None

    def leave(self) -> None:
        """Free the place; again is no harm."""
        places, self._places = self._places, None
        if places is not None:
            places.free(self)


class Places:
    """All places of one server.

    As long as at most three quarters are taken nobody is refused. Beyond, an address gives way, the one with the most
    connections first: it gets no further one, and when all places are taken it loses its newest to an address that has
    fewer. So a control room or a proxy, which are one address each, may take as much as nobody else needs, and nobody
    can take all. Exempt addresses (proxies) count, but never give way.
    """

    def __init__(self, total: int, each: int = 0, crowded: float = CROWDED) -> None:
        """``total`` places; at most ``each`` for one address that is not exempt, 0 for no such limit.

        ``crowded`` is the share of taken places beyond which addresses are looked at.
        """
        self.total = total
        self._crowd = crowded * total
        self.each = each
        self.taken = 0
        self.refused = 0
        self.gave_way = 0
        self._held: dict[str, dict[Place, None]] = {}

    def enter(self, address: str, exempt: bool = False) -> Place | None:
        """Return a place for a new connection, or None if it has to be refused."""
        if not self._admits(address, exempt):
            self.refused += 1
            return None
        place = Place(self, address, exempt)
        self._held.setdefault(address, {})[place] = None
        self.taken += 1
        return place

    def free(self, place: Place) -> None:
        """Take a place back; called by the place."""
        held = self._held[place.address]
        del held[place]
        self.taken -= 1
        if not held:
            del self._held[place.address]

    @property
    def addresses(self) -> int:
        """How many addresses have connections."""
        return len(self._held)

    def most(self) -> tuple[str, int]:
        """Return the address that has the most connections, exempt ones included, and how many; ('', 0) if none."""
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
        """End the newest connection of an address, one that is no viewer if it has any."""
        held = list(self._held[address])
        place = next((place for place in reversed(held) if not place.is_viewer), held[-1])
        self.gave_way += 1
        place.leave()
        if place.give_way is not None:
            place.give_way()

"""How often viewers may come from one address. Pure.

To let a viewer in costs about a hundred times what one of its images costs, so who comes and goes without end would
take the time of all others. A control room or a proxy is many people behind one address, who all come at once when the
server was restarted: so many as there are places may come at a time, and then so many a second as people do not reach.
"""

from collections import OrderedDict

ARRIVALS_PER_SECOND = 50
MOST_ADDRESSES = 4096


class Arrivals:
    """Counts the viewers that come from each address. ``most`` may come at once."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._clear_at: OrderedDict[str, float] = OrderedDict()
        """When all that came from an address is forgotten, in monotonic seconds."""

    def take(self, address: str, now: float) -> bool:
        """Return whether one more may come from an address now, and count it if so."""
        clear_at = max(self._clear_at.pop(address, now), now) + 1 / ARRIVALS_PER_SECOND
        may = clear_at <= now + self._most / ARRIVALS_PER_SECOND
        self._clear_at[address] = clear_at if may else clear_at - 1 / ARRIVALS_PER_SECOND
        if len(self._clear_at) > MOST_ADDRESSES:
            self._clear_at.popitem(last=False)
        return may

    def __len__(self) -> int:
        """Return of how many addresses it is known when viewers came."""
        return len(self._clear_at)

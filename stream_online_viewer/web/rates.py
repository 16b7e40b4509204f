"""How often something may be done, for each address and in total. Pure."""

from collections import OrderedDict

MOST_KNOWN = 4096


class Rates:
    """Token buckets: ``rate`` a second and ``burst`` at once for each key; ``together`` is the same for all keys.

    Only the keys used last are stored, so memory is bounded; a forgotten key starts again with a full bucket.
    """

    def __init__(self, rate: float, burst: float, together: tuple[float, float] | None = None) -> None:
        self._each = (rate, burst)
        self._together = together
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._all: tuple[float, float] | None = None

    def wait(self, key: str, now: float, exempt: bool = False) -> float:
        """Take a token and return 0, or return the seconds until there is one.

        ``exempt``: only the total limit counts.
        """
        waits, everybody = [0.0], None
        if self._together is not None:
            everybody = _filled(self._all, self._together, now)
            waits.append(_missing(everybody, self._together))
        own = None if exempt else _filled(self._buckets.get(key), self._each, now)
        if own is not None:
            waits.append(_missing(own, self._each))
        if max(waits) > 0.0:
            return max(waits)
        if everybody is not None:
            self._all = (everybody[0] - 1.0, now)
        if own is not None:
            self._buckets[key] = (own[0] - 1.0, now)
            self._buckets.move_to_end(key)
            if len(self._buckets) > MOST_KNOWN:
                self._buckets.popitem(last=False)
        return 0.0

    def __len__(self) -> int:
        """Return the number of stored keys."""
        return len(self._buckets)


def _filled(bucket: tuple[float, float] | None, limits: tuple[float, float], now: float) -> tuple[float, float]:
    rate, burst = limits
    if bucket is None:
        return burst, now
    tokens, at = bucket
    return min(burst, tokens + (now - at) * rate), now


def _missing(bucket: tuple[float, float], limits: tuple[float, float]) -> float:
    return 0.0 if bucket[0] >= 1.0 else (1.0 - bucket[0]) / limits[0]

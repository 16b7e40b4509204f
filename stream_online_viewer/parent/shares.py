"""Divides the bandwidth of all viewers among the web processes. Pure."""

from collections.abc import Mapping

NOBODY = 0.5
"""What a process without far viewers counts as, so that the first one there need not wait for the next division."""


def shares(total: float, far: Mapping[int, int]) -> dict[int, float]:
    """Return the Mbit/s of each process, which add up to ``total``, by its number of viewers that share the bandwidth.

    0 means no limit, for all as for each.
    """
    weights = {process: max(float(viewers), NOBODY) for process, viewers in far.items()}
    together = sum(weights.values())
    return {process: total * weight / together for process, weight in weights.items()}

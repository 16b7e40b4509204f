"""The address of a counter."""

import re

from stream_online_viewer.sources.base import AddressError, shown_address

FORM = "counter://rate"


def parse_rate(text: str) -> float:
    """Return the rate in an address, Hz."""
    found = re.fullmatch(r"counter://([1-9][0-9]{0,2})", text)
    if found is None:
        raise AddressError(f"{shown_address(text)} is no counter; it looks like {FORM}")
    return float(found[1])

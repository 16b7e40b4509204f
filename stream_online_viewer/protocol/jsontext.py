"""Converts Python values to JSON text. Pure."""

import json
from typing import Any

_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


def to_json(content: Any) -> bytes:
    """Return JSON text in UTF-8; raise ValueError for NaN and infinity, which JSON does not have.

    All JSON that this program sends is made here, so none of it can contain them.
    """
    return _ENCODER.encode(content).encode()

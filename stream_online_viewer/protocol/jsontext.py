"""The one way from Python values to JSON text. Pure."""

import json
from typing import Any

_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


def to_json(content: Any) -> bytes:
    """Return JSON text; a NaN or an infinity in it raises ValueError, because JSON knows neither.

    Everything that this program sends as JSON goes through here, so none of it can ever hold one.
    """
    return _ENCODER.encode(content).encode()

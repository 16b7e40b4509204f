"""The colour maps of the page and of the server's PNG files, from one file. Pure."""

import json
from functools import cache
from importlib.resources import files
from itertools import accumulate


@cache
def colour_maps() -> dict[str, bytes]:
    """Return the colour maps by name in the order of their list: 256 x 3 bytes each, the lowest first.

    The file holds differences along each map, see scripts/make_colormaps.py.
    """
    text = files("stream_online_viewer").joinpath("colormaps.json").read_text()
    return {name: _colours(bytes.fromhex(digits)) for name, digits in json.loads(text).items()}


def _colours(steps: bytes) -> bytes:
    size = len(steps) // 3
    parts = [accumulate(steps[size * part : size * (part + 1)]) for part in range(3)]
    return bytes(value % 256 for colour in zip(*parts, strict=True) for value in colour)

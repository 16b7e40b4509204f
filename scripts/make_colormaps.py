"""Write the table of colour maps from matplotlib, which is needed for nothing else: `pip install matplotlib` before.

    python scripts/make_colormaps.py

Each map is 768 bytes in hexadecimal digits: for red, green and blue 256 values each, that of the lowest level first, as
differences to the value before, modulo 256. Page and server read the same file; the page's visitors load it, and
differences are compressed to a sixth.
"""

import argparse
import importlib
import json
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "stream_online_viewer" / "colormaps.json"
NAMES = (
    "viridis", "inferno", "magma", "plasma", "cividis", "turbo", "gray", "gray_r", "jet", "rainbow", "hot", "afmhot",
    "bone", "copper", "coolwarm", "RdBu", "seismic", "twilight",
)  # fmt: skip
COLOURS = 256


def digits(name: str) -> str:
    """Return a map as one string."""
    colours = importlib.import_module("matplotlib").colormaps[name].resampled(COLOURS)(range(COLOURS))
    values = [[round(colour[part] * 255) for colour in colours] for part in range(3)]
    steps = [(value - before) % 256 for line in values for before, value in zip([0, *line], line, strict=False)]
    return bytes(steps).hex()


if __name__ == "__main__":
    argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0]).parse_args()
    TABLE.write_text(json.dumps({name: digits(name) for name in NAMES}, indent=1) + "\n", "ascii")

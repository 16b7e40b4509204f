"""Write the table of colour maps from matplotlib, which is needed for nothing else: `pip install matplotlib` before.

    python scripts/make_colormaps.py

Each map has 256 colours of six hexadecimal digits, the one of the lowest level first. Page and server read the same
file.
"""

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
    """Return the colours of a map as one string."""
    colours = importlib.import_module("matplotlib").colormaps[name].resampled(COLOURS)(range(COLOURS))
    return "".join(f"{round(part * 255):02x}" for colour in colours for part in colour[:3])


if __name__ == "__main__":
    TABLE.write_text(json.dumps({name: digits(name) for name in NAMES}, indent=1) + "\n", "ascii")

"""The rendition of an image: what a web process requests from the ingest process, and viewers may share. Pure."""

from typing import Any, NamedTuple

Crop = tuple[int, int, int, int]
"""x, y, width, height in pixels of the source."""

BINNINGS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
# A slightly too coarse picture is better than one of four times the size.
_SLACK = 1.05

FILES = ("npy", "png")
"""Encodings that are whole image files, without the rest of the pulse."""


class Rendition(NamedTuple):
    """An image channel and how its values are wanted. Viewers with equal renditions are sent the same bytes."""

    channel: str | None
    """Name of the image channel; None for the default one."""
    slice: int = 0
    encoding: str = "source"
    """``raw``, ``bslz4``, ``source`` (what costs the server least: unchanged if it came as bitshuffle_lz4, else raw),
    ``float32`` (bslz4, with float64 as float32), ``preview`` (jpeg), or one of ``FILES``."""
    crop: Crop | None = None
    """The part of the image to send, without what is outside of it; None for all. Not for files."""
    binning: int = 1
    """For previews: this many pixels of the source along each side make one."""
    fit: tuple[int, int] | None = None
    """For previews of an image whose size is not known yet: width and height on the screen that determine the binning.
    """
    low: float | None = None
    high: float | None = None
    """Levels of previews and PNG files; None for automatic ones."""
    hover: tuple[int, int] | None = None
    """For previews: (x, y) of the centre of the exact detail; None for no detail."""
    saturation: float | None = None
    """For previews: the value from which on pixels count as saturated; None for a guess."""
    colour_map: str = "viridis"
    """For PNG files."""
    colour: str | None = None
    """How an array that could be colour is sent, one of ``COLOUR_WISHES``; None: as colour only if it is uint8."""

    @property
    def is_own(self) -> bool:
        """Whether this is made for one viewer, or few, rather than shared by all with such a window."""
        own = (self.crop, self.low, self.high, self.hover, self.saturation)
        return self.encoding != "png" and any(value is not None for value in own)

    def content(self) -> dict[str, Any]:
        """Return the rendition as a JSON object for the link."""
        return self._asdict()

    @classmethod
    def of(cls, content: dict[str, Any]) -> "Rendition":
        """Return the rendition in a JSON object of the link; other keys are ignored."""
        fields = {name: content[name] for name in cls._fields}
        for name in ("crop", "fit", "hover"):
            if fields[name] is not None:
                fields[name] = tuple(fields[name])
        return cls(**fields)


def fitting_binning(picture: tuple[int, int], width: int, height: int) -> int:
    """Return the largest binning at which ``width`` x ``height`` pixels still fill a picture on the screen."""
    zoom = min(picture[0] / max(1, width), picture[1] / max(1, height))
    return max(binning for binning in BINNINGS if binning == 1 or binning * zoom <= _SLACK)

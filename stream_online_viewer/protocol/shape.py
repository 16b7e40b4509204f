"""How an array is shown: as a plane, in colour, as a stack of slices, or as a curve. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

AUTO, COLOUR, SLICES = "auto", "colour", "slices"
COLOUR_WISHES = (AUTO, COLOUR, SLICES)
"""A viewer's wish for arrays that could be colour: by what the stream says or else by shape, as colour, or as a stack.
"""

PixelFormat = Literal["rgb", "bgr", "gray"]
PARTS = (3, 4)
"""The number of values of a colour pixel: red, green, blue; a fourth one is not shown."""


@dataclass(frozen=True, slots=True)
class ImageShape:
    """How a channel is shown. ``kind`` is plane, interleaved or planar (both colour), slices, or curve."""

    kind: str
    rows: int
    columns: int
    slices: int = 1
    blue_first: bool = False
    """For colour: the parts are in the order blue, green, red."""

    @property
    def is_colour(self) -> bool:
        """Whether it is shown in colour."""
        return self.kind in ("interleaved", "planar")


def may_be_colour(shape: Sequence[int]) -> bool:
    """Return whether an array (slowest dimension first) has one dimension whose length is that of colour parts."""
    return len(shape) == 3 and (shape[2] in PARTS or shape[0] in PARTS)


def shape_of(dtype: str, shape: Sequence[int], says: PixelFormat | None, wish: str | None) -> ImageShape | None:
    """Return how a numeric array is shown as image, None if it cannot be.

    ``shape`` is slowest dimension first; (rows, columns, 3 or 4) and (3 or 4, rows, columns) may be colour. ``says`` is
    the pixel format according to the stream. ``wish`` is one of ``COLOUR_WISHES``, or None for viewers that know only
    8-bit colour: for them only uint8 is colour.
    """
    if len(shape) == 1:
        return ImageShape("curve", 1, shape[0])
    if len(shape) == 2:
        return ImageShape("plane", shape[0], shape[1])
    if len(shape) != 3:
        return None
    colour = {None: dtype == "uint8", AUTO: says != "gray", COLOUR: True, SLICES: False}[wish]
    if colour and may_be_colour(shape):
        blue_first = wish is not None and says == "bgr"
        if shape[2] in PARTS:
            return ImageShape("interleaved", shape[0], shape[1], blue_first=blue_first)
        return ImageShape("planar", shape[1], shape[2], blue_first=blue_first)
    return ImageShape("slices", shape[1], shape[2], shape[0])

"""PNG files of 8-bit pictures."""

import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

LEVEL = 1
"""Compression level: higher ones take several times as long and make camera pictures hardly smaller."""


class _Pieces(io.BytesIO):
    """Bytes in memory; calls ``done`` at each write."""

    def __init__(self, done: Callable[[], None] | None) -> None:
        super().__init__()
        self._done = done

    def write(self, data: Any, /) -> int:
        if self._done is not None:
            self._done()
        return super().write(data)


def encode(
    picture: NDArray[np.uint8],
    palette: bytes | None = None,
    texts: Mapping[str, str] | None = None,
    done: Callable[[], None] | None = None,
) -> bytes:
    """Return a PNG file of (rows, columns) gray or, with a palette, indices, or of (rows, columns, 3 or 4) colours.

    ``palette`` holds red, green and blue of each index. ``texts`` are stored in the file by their keywords. ``done`` is
    called after each piece of the file.
    """
    image = Image.fromarray(np.ascontiguousarray(picture))
    if palette is not None:
        image.putpalette(palette)
    info = PngInfo()
    for keyword, text in (texts or {}).items():
        info.add_text(keyword, text)
    buffer = _Pieces(done)
    image.save(buffer, "PNG", compress_level=LEVEL, pnginfo=info)
    return buffer.getvalue()

"""The rows of a bitshuffle_lz4 image, decoded when they are asked for, so that never all are in memory at once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.coding import bslz4
from stream_online_viewer.coding.errors import CodecError
from stream_online_viewer.model.decompress import bslz4_block
from stream_online_viewer.model.problems import Invalid

MOST_BLOCK_BYTES = 2**16
"""Only with small blocks can a few rows be had without most of the others."""


class PackedRows:
    """A checked bitshuffle_lz4 payload of an image of (rows, columns)."""

    def __init__(self, payload: memoryview, dtype: np.dtype[Any], shape: tuple[int, int]) -> None:
        """``dtype`` is that of the elements as they were sent. Raise :class:`Invalid` if the data cannot be decoded."""
        self.shape = shape
        self.dtype = dtype.newbyteorder("=") if dtype.kind != "b" else np.dtype(np.uint8)
        self._sent = dtype
        size = shape[0] * shape[1]
        block = bslz4_block(payload, size * dtype.itemsize, dtype.itemsize)
        self.block_bytes = block * dtype.itemsize
        try:
            self._blocks = bslz4.Blocks(payload, size, dtype.itemsize, block)
        except CodecError as problem:
            raise Invalid("compressed data", str(problem)) from None

    def read(self, first: int, end: int) -> NDArray[Any]:
        """Return the rows from ``first`` to ``end`` in native byte order; truth values as 0 and 1.

        Raise :class:`Invalid`.
        """
        row = self.shape[1] * self._sent.itemsize
        try:
            decoded = self._blocks.read(first * row, end * row)
        except CodecError as problem:
            raise Invalid("compressed data", str(problem)) from None
        values = (decoded != 0).view(np.uint8) if self._sent.kind == "b" else decoded.view(self._sent)
        return values.astype(self.dtype, copy=False).reshape(end - first, self.shape[1])

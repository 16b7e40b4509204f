"""The golden payloads that the page's decoder is tested with, and the tests' own reading of the format."""

import hashlib
import json
import struct
from pathlib import Path

import numpy as np
import pytest

from stream_online_viewer.coding import bslz4
from tests import codec

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "bslz4"


def test_golden_payloads_are_decoded() -> None:
    """Payloads of the bitshuffle library, all types and sizes, decode to the bytes that they were made of."""
    content, position = (VECTORS / "vectors.bin").read_bytes(), 0
    entries = json.loads((VECTORS / "vectors.json").read_text("utf-8"))
    for name, itemsize, count, big, length, digest in entries:
        payload = content[position : position + length]
        position += length
        (block_bytes,) = struct.unpack_from(">I", payload, 8)
        block = block_bytes // itemsize or bslz4.default_block(itemsize)
        found = bslz4.decode(memoryview(payload), count, itemsize, block).view(f"{'>' if big else '<'}u{itemsize}")
        little = found.astype(f"<u{itemsize}").tobytes()
        assert hashlib.sha256(little).hexdigest() == digest, name
    assert position == len(content) and len(entries) > 50


@pytest.mark.parametrize("itemsize", [1, 2, 4, 8])
def test_what_the_tests_make_by_the_format_is_read(itemsize: int) -> None:
    """The tests' own packing and reading, written from the format, agree with ours in both directions."""
    random = np.random.default_rng(itemsize)
    for count in (0, 5, 8, 4103, 20_000):
        values = random.poisson(30, count * itemsize).astype(np.uint8).view(f"u{itemsize}")
        block = bslz4.default_block(itemsize)
        head = struct.pack(">QI", values.nbytes, block * itemsize)
        payload = memoryview(head + codec.pack_by_format(values, block))
        assert bslz4.decode(payload, count, itemsize, block).tobytes() == values.tobytes()
        made = bslz4.encode(values)
        assert codec.unpack_by_format(made[12:], count, values.dtype, block).tobytes() == values.tobytes()

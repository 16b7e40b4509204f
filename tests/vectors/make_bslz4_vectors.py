"""Make the vectors for the browser's bitshuffle+LZ4 decoder: payloads of the Python ``bitshuffle`` package.

Run ``python tests/vectors/make_bslz4_vectors.py``. All payloads lie one after the other in ``bslz4/vectors.bin``;
``bslz4/vectors.json`` has one list for each: what it is, bytes of an element, number of elements, big endian or not,
its length, and the SHA-256 of the little-endian bytes that it must decode to. The files change only if the library's
output does.
"""

import hashlib
import json
import struct
from pathlib import Path

import bitshuffle
import numpy as np
from numpy.typing import NDArray

TARGET = Path(__file__).parent / "bslz4"
DTYPES = ("u1", "u2", "i4", "f4", "f8", "i8")
LENGTHS = {0: (0,), 1: (0,), 8: (0, 24), 9: (0,), 33: (8, 32), 128: (0,), 301: (0, 8, 24, 128, 136)}
"""Number of elements to block sizes in elements; 0 leaves the block size to the library."""


def content(kind: str, dtype: str, count: int, random: np.random.Generator) -> NDArray[np.generic]:
    """Return ``count`` elements of noise around a level, a ramp, or random bytes."""
    if kind == "ramp":
        return np.arange(count).astype(dtype)
    if kind == "random":
        return np.frombuffer(random.bytes(count * np.dtype(dtype).itemsize), dtype)
    return random.normal(100, 3, count).astype(dtype)


def payload(values: NDArray[np.generic], block: int) -> bytes:
    """Return the payload of a bsread channel: 12 bytes of header, then what ``bitshuffle.compress_lz4`` makes."""
    packed = bitshuffle.compress_lz4(np.ascontiguousarray(values), block).tobytes() if values.size else b""
    return struct.pack(">QI", values.nbytes, block * values.itemsize) + packed


def main() -> None:
    """Write both files."""
    random = np.random.default_rng(8888)
    cases: list[tuple[str, NDArray[np.generic], int]] = []
    for dtype in DTYPES:
        for count, blocks in LENGTHS.items():
            cases += [("noise", content("noise", dtype, count, random), block) for block in blocks]
        cases += [(kind, content(kind, dtype, 328, random), 0) for kind in ("ramp", "random")]
        # Several blocks of the default size, the last of them not full and not a multiple of 32, and a tail.
        size = np.dtype(dtype).itemsize
        cases.append(("spots", np.where(np.arange(2 * 8192 // size + 45) % 997 == 0, 7, 0).astype(dtype), 0))
    entries: list[list[object]] = []
    parts: list[bytes] = []
    for kind, values, block in cases:
        for big in (False, True) if values.itemsize > 1 else (False,):
            packed = payload(values.astype(values.dtype.newbyteorder(">" if big else "<")), block)
            name = f"{values.dtype.str[1:]} {kind}, blocks of {block}"
            digest = hashlib.sha256(values.tobytes()).hexdigest()
            entries.append([name, values.itemsize, values.size, big, len(packed), digest])
            parts.append(packed)
    TARGET.mkdir(exist_ok=True)
    (TARGET / "vectors.bin").write_bytes(b"".join(parts))
    lines = ",\n".join(json.dumps(entry) for entry in entries)
    (TARGET / "vectors.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()

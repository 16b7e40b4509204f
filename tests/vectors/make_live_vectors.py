"""Write the golden messages of the live protocol: NAME.bin as on the wire, NAME.json what a client must read from it.

Run ``PYTHONPATH=. python tests/vectors/make_live_vectors.py`` from the root of the project after a deliberate change of
the protocol. The expected content is written here by hand from docs/protocol.md, not taken from the encoder. 64-bit
integers are strings, NaN and infinities are "NaN", "Infinity" and "-Infinity".
"""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

from stream_online_viewer.protocol.envelope import KIND_FRAME, KIND_SCALARS, given_up, piece_head, viewer_head
from stream_online_viewer.protocol.frame import Block, FrameHead, body_bytes, encode_frame, encode_scalars
from stream_online_viewer.protocol.table import Row, encode_table

HERE = Path(__file__).parent
# A JPEG of three gray pixels.
JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a"
    "333d3c3933383740485c4e404457453738506d51575f626768673e4d71797064785c656763ffc0000b080001000301011100ffc4"
    "0014000100000000000000000000000000000006ffc4001a1000000700000000000000000000000000000105063673b1ffda0008"
    "010100003f0050d18ba7545a3fffd9"
)
TIME = 1_763_800_000_123_456_789


def message(kind: int, parts: Any, server_us: int, skipped: int) -> bytes:
    """Return a message without the WebSocket header, whose length depends on the size."""
    size = body_bytes(parts)
    head = viewer_head(kind, size, server_us, skipped)
    return head[-16:] + b"".join(bytes(part) for part in parts)


def frame_uint16() -> tuple[bytes, dict[str, Any]]:
    """An image, a curve in big endian, scalars of several types, and channels that are null, invalid and left out."""
    image = np.arange(6, dtype="<u2").reshape(2, 3) * 1000
    curve = np.array([1.5, -2.5, np.nan], ">f4")
    cells = {2: ("float64", 5.25), 3: ("int64", -(2**63)), 4: ("string", "<b>µm</b>")}
    row = Row(7, 2**53 + 1, TIME, cells, [5], [6])
    blocks = [
        Block(keys("image", 0, "raw", "uint16", "little", [2, 3]), image.tobytes()),
        Block(keys("array", 1, "raw", "float32", "big", [3]), curve.tobytes()),
        Block({"role": "values", "format": "table"}, encode_table([row])),
    ]
    head = FrameHead(
        1763800000,
        7,
        2**53 + 1,
        TIME,
        TIME + 1,
        [(8, "uint16", [4, 5], "not the image shown")],
        [(6, "length: x")],
        [5],
    )
    content = {
        "kind": "frame",
        "epoch": 1763800000,
        "sequence": "7",
        "pulse_id": "9007199254740993",
        "source_time": str(TIME),
        "receipt_time": str(TIME + 1),
        "server_us": 1234,
        "skipped": 5,
        "blocks": [
            keys("image", 0, "raw", "uint16", "little", [2, 3]) | {"values": [0, 1000, 2000, 3000, 4000, 5000]},
            keys("array", 1, "raw", "float32", "big", [3]) | {"values": [1.5, -2.5, "NaN"]},
            {
                "role": "values",
                "format": "table",
                "rows": [{"sequence": "7", "pulse_id": "9007199254740993", "source_time": str(TIME)}],
                "columns": [
                    {"channel": 2, "dtype": "float64", "states": [1], "values": [5.25]},
                    {"channel": 3, "dtype": "int64", "states": [1], "values": ["-9223372036854775808"]},
                    {"channel": 4, "dtype": "string", "states": [1], "values": ["<b>µm</b>"]},
                    {"channel": 5, "dtype": None, "states": [2], "values": []},
                    {"channel": 6, "dtype": None, "states": [3], "values": []},
                ],
            },
        ],
        "omitted": [[8, "uint16", [4, 5], "not the image shown"]],
        "invalid": [[6, "length: x"]],
        "null": [5],
    }
    return message(KIND_FRAME, encode_frame(head, blocks), 1234, 5), content


def frame_without_image() -> tuple[bytes, dict[str, Any]]:
    """A frame of a message without time and without image."""
    head = FrameHead(1, 2**64 - 1, 0, None, 0)
    content = {
        "kind": "frame",
        "epoch": 1,
        "sequence": "18446744073709551615",
        "pulse_id": "0",
        "source_time": None,
        "receipt_time": "0",
        "server_us": 0,
        "skipped": 0,
        "blocks": [],
        "omitted": [],
        "invalid": [],
        "null": [],
    }
    return message(KIND_FRAME, encode_frame(head, []), 0, 0), content


def frame_bslz4() -> tuple[bytes, dict[str, Any]]:
    """A compressed image with a rest of elements that bitshuffle leaves as they are; the payload is written by hand."""
    values = np.arange(3, dtype="<u2")
    payload = struct.pack(">QI", 6, 8192) + values.tobytes()
    block = Block(keys("image", 0, "bslz4", "uint16", "little", [1, 3]), payload)
    content = frame_without_image()[1] | {"sequence": "1", "server_us": 4294967295, "skipped": 4294967295}
    content["blocks"] = [keys("image", 0, "bslz4", "uint16", "little", [1, 3]) | {"values": [0, 1, 2]}]
    return message(KIND_FRAME, encode_frame(FrameHead(1, 1, 0, None, 0), [block]), 2**33, 2**40), content


def frame_preview() -> tuple[bytes, dict[str, Any]]:
    """A preview with its numbers, a profile, the histogram and the exact detail."""
    numbers = {
        "min": "-3",
        "max": "9007199254740993",
        "sum": "9007199254741000",
        "finite": 20,
        "not_finite": 0,
        "saturation": "4095.0",
        "saturated": 1,
    }
    image = keys("image", 0, "jpeg", "uint8", "little", [1, 3]) | {
        "exact": False,
        "source_dtype": "int64",
        "binning": 2,
        "of": [4, 5],
        "crop": [0, 2, 5, 2],
        "levels": [-3.5, 4096.0],
        "numbers": numbers,
    }
    profile = keys("profile", 0, "raw", "uint64", "little", [2]) | {"axis": "x"}
    histogram = keys("histogram", 0, "raw", "uint32", "little", [3]) | {"low": -3.0, "width": 0.5}
    detail = keys("detail", 0, "raw", "int64", "big", [1, 2]) | {"crop": [3, 0, 2, 1], "of": [4, 5]}
    blocks = [
        Block(image, JPEG),
        Block(profile, np.array([2**63, 7], "<u8").tobytes()),
        Block(histogram, np.array([1, 0, 19], "<u4").tobytes()),
        Block(detail, np.array([-3, 2**53 + 1], ">i8").tobytes()),
    ]
    content = frame_without_image()[1] | {"sequence": "3", "blocks": []}
    content["blocks"] = [
        image | {"payload": JPEG.hex()},
        profile | {"values": ["9223372036854775808", "7"]},
        histogram | {"values": [1, 0, 19]},
        detail | {"values": ["-3", "9007199254740993"]},
    ]
    return message(KIND_FRAME, encode_frame(FrameHead(1, 3, 0, None, 0), blocks), 0, 0), content


def scalars_many() -> tuple[bytes, dict[str, Any]]:
    """Rows with all types, a channel that comes and goes, and one that changes its type."""
    rows = [
        Row(1, 100, TIME, {0: ("bool", True), 1: ("uint8", 255), 2: ("float32", 0.5), 3: ("string", "")}, [4], [5]),
        Row(2, 101, None, {0: ("bool", False), 1: ("uint8", 0), 2: ("float64", float("inf")), 3: ("string", "ä")}, [4]),
        Row(3, 102, TIME + 2, {0: ("bool", True), 1: ("uint8", 7), 4: ("uint64", 2**64 - 1)}),
    ]
    content = {
        "kind": "scalars",
        "epoch": 9,
        "server_us": 77,
        "skipped": 3,
        "rows": [
            {"sequence": "1", "pulse_id": "100", "source_time": str(TIME)},
            {"sequence": "2", "pulse_id": "101", "source_time": None},
            {"sequence": "3", "pulse_id": "102", "source_time": str(TIME + 2)},
        ],
        "columns": [
            {"channel": 0, "dtype": "bool", "states": [1, 1, 1], "values": [True, False, True]},
            {"channel": 1, "dtype": "uint8", "states": [1, 1, 1], "values": [255, 0, 7]},
            {"channel": 2, "dtype": "float32", "states": [1, 0, 0], "values": [0.5, 0, 0]},
            {"channel": 3, "dtype": "string", "states": [1, 1, 0], "values": ["", "ä", ""]},
            {"channel": 2, "dtype": "float64", "states": [0, 1, 0], "values": [0, "Infinity", 0]},
            {"channel": 4, "dtype": "uint64", "states": [2, 2, 1], "values": ["0", "0", "18446744073709551615"]},
            {"channel": 5, "dtype": None, "states": [3, 0, 0], "values": []},
        ],
    }
    return message(KIND_SCALARS, encode_scalars(9, encode_table(rows)), 77, 3), content


def piece() -> tuple[bytes, dict[str, Any]]:
    """The second of the pieces of a message."""
    content = {"kind": "piece", "total": 11059216, "offset": 65536, "given_up": False, "bytes": "0001fe"}
    return piece_head(3, 11059216, 65536)[-16:] + bytes.fromhex("0001fe"), content


def piece_given_up() -> tuple[bytes, dict[str, Any]]:
    """The rest of a message does not come."""
    content = {"kind": "piece", "total": 11059216, "offset": 131072, "given_up": True, "bytes": ""}
    return given_up(11059216, 131072)[-16:], content


def keys(role: str, channel: int, form: str, dtype: str, order: str, shape: list[int]) -> dict[str, Any]:
    """Return the keys of a block that do not depend on where it lies."""
    return {
        "role": role,
        "channel": channel,
        "format": form,
        "dtype": dtype,
        "order": order,
        "shape": shape,
        "exact": True,
    }


VECTORS = {
    "frame-uint16": frame_uint16,
    "frame-without-image": frame_without_image,
    "frame-bslz4": frame_bslz4,
    "frame-preview": frame_preview,
    "scalars-many": scalars_many,
    "piece": piece,
    "piece-given-up": piece_given_up,
}


def main() -> None:
    """Write all vectors."""
    for name, make in VECTORS.items():
        data, content = make()
        (HERE / f"{name}.bin").write_bytes(data)
        (HERE / f"{name}.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"{name}: {len(data)} bytes")


if __name__ == "__main__":
    main()

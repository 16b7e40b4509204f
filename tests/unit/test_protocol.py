"""The messages of the live protocol."""

import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.protocol.client import Want, parse_ack, parse_want
from stream_online_viewer.protocol.envelope import ENVELOPE_BYTES, KIND_FRAME, viewer_head, websocket_header
from stream_online_viewer.protocol.frame import Block, FrameHead, encode_frame, frame_identity, image_block
from stream_online_viewer.protocol.table import Row, encode_table
from tests.live_client import NO_TIME, LiveClient, decode
from tests.vectors.make_live_vectors import VECTORS

HERE = Path(__file__).resolve().parent.parent / "vectors"


class Reader(LiveClient):
    """The test client without a connection: reads messages whose channels are called by their numbers."""

    def __init__(self) -> None:
        self.names = {number: str(number) for number in range(16)}

    def frame(self, data: bytes) -> Any:
        return self._frame(data)

    def table(self, data: bytes) -> Any:
        return self._table(data)


@pytest.mark.parametrize("name", VECTORS)
def test_the_encoder_makes_the_golden_messages(name: str) -> None:
    """A change of the bytes on the wire is noticed."""
    data, content = VECTORS[name]()
    assert data == (HERE / f"{name}.bin").read_bytes()
    assert content == json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", [name for name in VECTORS if name.startswith("frame")])
def test_the_golden_frames_hold_what_they_say(name: str) -> None:
    """A client written from the documents alone reads the content that was written by hand."""
    data = (HERE / f"{name}.bin").read_bytes()
    content = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    frame = Reader().frame(data)
    for key in ("sequence", "pulse_id", "source_time", "receipt_time"):
        expected = content[key]
        assert getattr(frame, key) == (None if expected is None else int(expected))
    assert (frame.server_us, frame.skipped) == (content["server_us"], content["skipped"])
    for block in content["blocks"]:
        if block["format"] == "jpeg":
            assert frame.image is not None
            assert list(frame.image.shape) == block["shape"]
            assert frame.image_block["numbers"] == block["numbers"]
        elif block["role"] == "image":
            assert frame.image is not None
            assert frame.image.reshape(-1).tolist() == block["values"]
        elif block["role"] == "profile":
            assert [str(value) for value in frame.profiles[block["axis"]]] == block["values"]
        elif block["role"] == "histogram":
            assert frame.histogram is not None
            assert (frame.histogram[0].tolist(), *frame.histogram[1:]) == (
                block["values"],
                block["low"],
                block["width"],
            )
        elif block["role"] == "detail":
            assert frame.detail is not None
            assert [str(value) for value in frame.detail.reshape(-1)] == block["values"]
            assert frame.detail_block["crop"] == block["crop"]
        elif block["role"] == "array":
            values = frame.arrays[str(block["channel"])].tolist()
            assert [v if math.isfinite(v) else "NaN" for v in values] == block["values"]
        else:
            check_rows([frame.row], block)
    assert frame.null == {str(number) for number in content["null"]}
    assert frame.invalid == {str(number): reason for number, reason in content["invalid"]}


def test_the_golden_scalars_hold_what_they_say() -> None:
    """Types, states and strings of every row come out as they were written by hand."""
    data = (HERE / "scalars-many.bin").read_bytes()
    content = json.loads((HERE / "scalars-many.json").read_text(encoding="utf-8"))
    check_rows(Reader().table(data[24:]), content)


def check_rows(rows: Any, content: dict[str, Any]) -> None:
    """Compare rows with the hand-written columns."""
    for index, expected in enumerate(content["rows"]):
        assert str(rows[index].sequence) == expected["sequence"]
        assert str(rows[index].pulse_id) == expected["pulse_id"]
    for column in content["columns"]:
        name = str(column["channel"])
        for index, state in enumerate(column["states"]):
            if state == 1:
                value = rows[index].values[name]
                wanted = column["values"][index]
                if isinstance(wanted, str) and column["dtype"] != "string":
                    wanted = float(wanted) if wanted == "Infinity" else int(wanted)
                assert value == wanted
            elif state == 2:
                assert rows[index].values[name] is None
            elif state == 3:
                assert name in rows[index].invalid


@pytest.mark.parametrize("size", [0, 1, 109, 110, 125, 126, 65535, 65536, 2**31])
def test_websocket_header_by_size(size: int) -> None:
    """The three length encodings of RFC 6455 begin where they should."""
    header = websocket_header(size)
    assert header[0] == 0x82
    if size < 126:
        assert (len(header), header[1]) == (2, size)
    elif size < 65536:
        assert (len(header), header[1], struct.unpack(">H", header[2:])[0]) == (4, 126, size)
    else:
        assert (len(header), header[1], struct.unpack(">Q", header[2:])[0]) == (10, 127, size)


def test_envelope_counts_itself() -> None:
    """The length in the envelope is that of the whole message."""
    head = viewer_head(KIND_FRAME, 1000, 5, 6)
    assert struct.unpack("<IBBHII", head[-ENVELOPE_BYTES:]) == (1016, 1, 0, 0, 5, 6)


@pytest.mark.parametrize("blocks", [0, 1, 2, 7, 100])
def test_payloads_are_aligned(blocks: int) -> None:
    """Every payload begins at a multiple of 8, however long the head is."""
    payloads = [bytes([index]) * (index * 3 + 1) for index in range(blocks)]
    parts = encode_frame(FrameHead(1, 2, 3, 4, 5), [Block({"role": "array"}, payload) for payload in payloads])
    body = b"".join(bytes(part) for part in parts)
    length = struct.unpack_from("<I", body, 4)[0]
    for block, payload in zip(json.loads(body[40 : 40 + length])["blocks"], payloads, strict=True):
        assert block["offset"] % 8 == 0
        assert body[block["offset"] - ENVELOPE_BYTES :][: block["bytes"]] == payload


def test_image_block_finds_the_payload() -> None:
    """What a snapshot needs is found again in a body."""
    values = np.arange(5, dtype="<i4")
    block = Block(
        {"role": "image", "format": "raw", "dtype": "int32", "order": "little", "shape": [5]}, values.tobytes()
    )
    body = b"".join(bytes(part) for part in encode_frame(FrameHead(1, 2, 3, None, 5), [block]))
    found = image_block(body)
    assert not isinstance(found, str)
    assert decode(found[0], bytes(found[1])).tolist() == [0, 1, 2, 3, 4]
    assert frame_identity(body).pulse_id == 3
    assert frame_identity(body).source_time is None


def test_image_block_says_why_there_is_none() -> None:
    """The reason of an image that could not be used reaches the one who asked."""
    body = b"".join(map(bytes, encode_frame(FrameHead(1, 2, 3, 4, 5, invalid=[(0, "length: 3 bytes")]), [])))
    assert image_block(body) == "length: 3 bytes"


def test_a_row_without_time() -> None:
    """No time is not the time zero."""
    data = encode_table([Row(1, 2, None, {})])
    assert struct.unpack_from("<q", data, 24)[0] == NO_TIME


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[]",
        "{}",
        '{"kind": 1}',
        '{"kind": "want", "image": 5}',
        '{"kind": "want", "image": ""}',
        '{"kind": "want", "slice": -1}',
        '{"kind": "want", "slice": true}',
        '{"kind": "want", "format": "jpeg"}',
        '{"kind": "want", "format": []}',
        '{"kind": "want", "rate": -1}',
        '{"kind": "want", "rate": NaN}',
        '{"kind": "want", "rate": "5"}',
        '{"kind": "want", "every": [1]}',
        '{"kind": "want", "every": 1}',
        '{"kind": "want", "hidden": null}',
        "[" * 50000,
    ],
)
def test_a_wrong_want_is_refused(text: str) -> None:
    """Nothing is taken from a message that is not understood."""
    with pytest.raises(ProtocolError):
        parse_want(text, Want())


def test_want_keeps_what_is_not_said_and_ignores_what_is_unknown() -> None:
    """Keys that are absent keep their value; unknown keys and kinds are ignored."""
    first = parse_want('{"kind": "want", "image": "a", "rate": 5, "new": [1]}', Want())
    assert first == Want(image="a", rate=5.0)
    assert first is not None
    assert parse_want('{"kind": "want", "hidden": true}', first) == Want(image="a", rate=5.0, hidden=True)
    assert parse_want('{"kind": "later"}', first) is None


@pytest.mark.parametrize("data", [b"", b"\x01", bytes(16), b"\x02" + bytes(15), bytes([1]) * 17])
def test_a_wrong_acknowledgement_is_refused(data: bytes) -> None:
    """An acknowledgement has one form."""
    with pytest.raises(ProtocolError):
        parse_ack(data)


def test_acknowledgement() -> None:
    """Sequence and time to drawn come out."""
    assert parse_ack(struct.pack("<B3xIQ", 1, 1500, 2**64 - 1)) == (2**64 - 1, 1500)

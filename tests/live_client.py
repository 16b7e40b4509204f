"""A client of the live protocol, written from docs/protocol.md alone: it shares no code with the server."""

import io
import json
import struct
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests import codec
from tests.support import deadline

NO_TIME = -(2**63)
SUBPROTOCOL = Subprotocol("sov.1")
DTYPES = ("bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64")
STRING, NOTHING = 11, 12
ABSENT, VALUE, NULL, INVALID = range(4)


@dataclass
class Row:
    """The scalars of one pulse by channel name; None for null."""

    sequence: int
    pulse_id: int
    source_time: int | None
    values: dict[str, Any] = field(default_factory=dict)
    invalid: set[str] = field(default_factory=set)


@dataclass
class Frame:
    """One frame message."""

    epoch: int
    sequence: int
    pulse_id: int
    source_time: int | None
    receipt_time: int
    server_us: int
    skipped: int
    image: NDArray[Any] | None
    image_block: dict[str, Any]
    arrays: dict[str, NDArray[Any]]
    row: Row | None
    omitted: dict[str, Any]
    invalid: dict[str, str]
    null: set[str]
    bytes: int
    arrived: float
    profiles: dict[str, NDArray[Any]]
    histogram: tuple[NDArray[Any], float, float] | None
    """Counts, lowest value, width of a bin."""
    detail: NDArray[Any] | None
    detail_block: dict[str, Any]
    bad: NDArray[Any] | None
    """Codes of a preview's pixels without a value; None if all have one."""

    @property
    def pixels(self) -> NDArray[Any]:
        """The image of a frame that must have one."""
        assert self.image is not None, (self.omitted, self.invalid)
        return self.image


class LiveClient:
    """One viewer. `next_*` methods acknowledge frames unless `acknowledge` is False."""

    def __init__(
        self,
        url: str,
        *,
        acknowledge: bool = True,
        origin: str | None = None,
        headers: dict[str, str] | None = None,
        **want: Any,
    ) -> None:
        self._stack = ExitStack()
        self.connection: ClientConnection = self._stack.enter_context(
            connect(
                url,
                subprotocols=[SUBPROTOCOL],
                max_size=None,
                compression=None,
                origin=None if origin is None else Origin(origin),
                additional_headers=headers,
                open_timeout=deadline(10),
                # The server's close frame comes after everything that was not read.
                close_timeout=deadline(1),
                # A test may do something else for a long time without losing the connection.
                ping_interval=None,
            )
        )
        self.connected = time.monotonic()
        self.acknowledge = acknowledge
        self.names: dict[int, str] = {}
        self.hellos: list[dict[str, Any]] = []
        self.statuses: list[dict[str, Any]] = []
        self.frames: list[Frame] = []
        self.rows: list[Row] = []
        self.lost_rows = 0
        self.others: list[dict[str, Any]] = []
        self.pieces: list[tuple[int, int, int, bool]] = []
        """(offset, bytes, bytes of the whole message, whether the rest is not sent) of each piece."""
        self._message, self._total = bytearray(), 0
        self.want(**want)

    def __enter__(self) -> "LiveClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Disconnect."""
        self._stack.close()

    def want(self, **keys: Any) -> None:
        """Send a want with these keys."""
        self.connection.send(json.dumps({"kind": "want", **keys}))

    def ack(self, sequence: int, drawn_us: int = 1000) -> None:
        """Acknowledge a frame."""
        self.connection.send(struct.pack("<B3xIQ", 1, drawn_us, sequence))

    def receive(self, timeout: float) -> str:
        """Take one message within `timeout` seconds (else TimeoutError), and return its kind."""
        data = self.connection.recv(timeout=timeout)
        if isinstance(data, str):
            content = json.loads(data, parse_constant=_refuse)
            kind: str = content["kind"]
            if kind == "hello":
                self.hellos.append(content)
                self.names.clear()
            elif kind == "channels":
                self.names.update({number: name for number, name in content["channels"]})
            elif kind == "status":
                self.statuses.append(content)
            else:
                self.others.append(content)
            return kind
        length, code = struct.unpack_from("<IB", data)
        assert length == len(data)
        if code == 3:
            whole = self._piece(data)
            if whole is None:
                return "piece"
            data, code = whole, whole[4]
            assert struct.unpack_from("<I", data)[0] == len(data)
        if code == 1:
            frame = self._frame(data)
            self.frames.append(frame)
            if self.acknowledge:
                self.ack(frame.sequence)
            return "frame"
        assert code == 2
        self.lost_rows += struct.unpack_from("<I", data, 12)[0]
        self.rows += self._table(data[24:])
        return "scalars"

    def next_frame(self, seconds: float = 5.0) -> Frame:
        """Return the next frame; AssertionError if there is none in time."""
        end = time.monotonic() + deadline(seconds)
        count = len(self.frames)
        while len(self.frames) == count:
            self._receive_until(end, "frame")
        return self.frames[-1]

    def next_status(self, seconds: float = 3.0) -> dict[str, Any]:
        """Return the next status message."""
        end = time.monotonic() + deadline(seconds)
        count = len(self.statuses)
        while len(self.statuses) == count:
            self._receive_until(end, "status")
        return self.statuses[-1]

    def collect(self, seconds: float) -> None:
        """Take everything that arrives in `seconds`."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                self.receive(left)
            except TimeoutError:
                return

    def _receive_until(self, end: float, what: str) -> None:
        left = end - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            self.receive(left)
        except TimeoutError:
            last = self.statuses[-1]["source"] if self.statuses else None
            raise AssertionError(f"no {what} came; last status {last}") from None

    def _piece(self, data: bytes) -> bytes | None:
        """Take a piece of a message; return the message once it is complete."""
        flags, total, offset = struct.unpack_from("<BxxII", data, 5)
        self.pieces.append((offset, len(data) - 16, total, bool(flags)))
        if flags:
            assert (len(data), total, offset) == (16, self._total, len(self._message))
            self._message, self._total = bytearray(), 0
            return None
        if not self._message:
            self._total = total
        assert (total, offset) == (self._total, len(self._message))
        self._message += data[16:]
        if len(self._message) < total:
            return None
        whole, self._message, self._total = bytes(self._message), bytearray(), 0
        return whole

    def _frame(self, data: bytes) -> Frame:
        _, _, _, _, server_us, skipped = struct.unpack_from("<IBBHII", data)
        epoch, head_bytes, sequence, pulse_id, source_time, receipt_time = struct.unpack_from("<IIQQqq", data, 16)
        head = json.loads(data[56 : 56 + head_bytes], parse_constant=_refuse)
        image, image_block, arrays, row = None, {}, {}, None
        profiles, histogram, detail, detail_block, bad = {}, None, None, {}, None
        for block in head["blocks"]:
            assert block["offset"] % 8 == 0
            payload = data[block["offset"] : block["offset"] + block["bytes"]]
            if block["role"] == "values":
                (row,) = self._table(payload)
            elif block["role"] == "image":
                image, image_block = decode(block, payload), block
            elif block["role"] == "detail":
                detail, detail_block = decode(block, payload), block
            elif block["role"] == "bad":
                bad = decode(block, payload)
            elif block["role"] == "profile":
                profiles[block["axis"]] = decode(block, payload)
            elif block["role"] == "histogram":
                histogram = decode(block, payload), block["low"], block["width"]
            else:
                assert block["role"] == "array"
                arrays[self.names[block["channel"]]] = decode(block, payload)
        return Frame(
            epoch,
            sequence,
            pulse_id,
            None if source_time == NO_TIME else source_time,
            receipt_time,
            server_us,
            skipped,
            image,
            image_block,
            arrays,
            row,
            {self.names[number]: rest for number, *rest in head.get("omitted", [])},
            {self.names[number]: reason for number, reason in head.get("invalid", [])},
            {self.names[number] for number in head.get("null", [])},
            len(data),
            time.monotonic(),
            profiles,
            histogram,
            detail,
            detail_block,
            bad,
        )

    def _table(self, data: bytes) -> list[Row]:
        count, columns = struct.unpack_from("<II", data)
        sequences = np.frombuffer(data, "<u8", count, 8)
        pulse_ids = np.frombuffer(data, "<u8", count, 8 + 8 * count)
        times = np.frombuffer(data, "<i8", count, 8 + 16 * count)
        rows = [
            Row(int(s), int(p), None if t == NO_TIME else int(t))
            for s, p, t in zip(sequences, pulse_ids, times, strict=True)
        ]
        at = 8 + 24 * count
        for _ in range(columns):
            number, code, flags, zero = struct.unpack_from("<IBBH", data, at)
            assert zero == 0
            at += 8
            states = np.full(count, VALUE, np.uint8)
            if flags & 1:
                states = np.frombuffer(data, np.uint8, count, at)
                at += count + -count % 8
            values: list[Any] = [None] * count
            if code == STRING:
                offsets = np.frombuffer(data, "<u4", count + 1, at)
                start = at + 4 * (count + 1)
                text = [data[start + a : start + b].decode() for a, b in zip(offsets, offsets[1:], strict=False)]
                values = list(text)
                size = 4 * (count + 1) + int(offsets[-1])
                at += size + -size % 8
            elif code != NOTHING:
                dtype = np.dtype(DTYPES[code]).newbyteorder("<")
                values = np.frombuffer(data, dtype, count, at).tolist()
                size = count * dtype.itemsize
                at += size + -size % 8
            name = self.names[number]
            for row, state, value in zip(rows, states, values, strict=True):
                if state == VALUE:
                    row.values[name] = value
                elif state == NULL:
                    row.values[name] = None
                elif state == INVALID:
                    row.invalid.add(name)
        assert at == len(data) or at + -at % 8 == len(data) + -len(data) % 8
        return rows


def decode(block: dict[str, Any], payload: bytes) -> NDArray[Any]:
    """Return the values of an image or array block in native byte order."""
    dtype = np.dtype(block["dtype"]).newbyteorder("<" if block["order"] == "little" else ">")
    if block["format"] == "jpeg":
        picture = np.asarray(Image.open(io.BytesIO(payload)))
        assert list(picture.shape) == block["shape"]
        return picture
    if block["format"] == "raw":
        values = np.frombuffer(payload, dtype).reshape(block["shape"])
    else:
        assert block["format"] == "bslz4"
        size, block_bytes = struct.unpack_from(">QI", payload)
        assert size == int(np.prod(block["shape"])) * dtype.itemsize
        plain = np.dtype(f"u{dtype.itemsize}")
        count = size // dtype.itemsize
        flat = codec.unpack(bytes(payload[12:]), count, plain, block_bytes // dtype.itemsize)
        values = flat.view(dtype).reshape(block["shape"])
    return values.astype(dtype.newbyteorder("="))


def _refuse(constant: str) -> float:
    raise AssertionError(f"{constant} in JSON")

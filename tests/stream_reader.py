"""A reader of bsread streams, written from the description of the format; used like `Source` of psi-bsread.

It is used where psi-bsread cannot be installed, and shows how little a receiver needs. It trusts everything it
receives. Compressed values are decoded by the libraries where these are installed, because Python takes seconds for a
large image.
"""

import json
import struct
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
import zmq

from tests import codec

PULL, SUB = zmq.PULL, zmq.SUB
_SIGNS: dict[str, Literal["<", ">"]] = {"little": "<", "big": ">"}


@dataclass
class Value:
    """The value of a channel, None if it has none, and its own timestamp in seconds and nanoseconds."""

    value: Any = None
    timestamp: int | None = None
    timestamp_offset: int | None = None


@dataclass
class Data:
    """One message."""

    pulse_id: int
    global_timestamp: int
    global_timestamp_offset: int
    format_changed: bool
    """The data header differs from that of the previous message."""
    data: dict[str, Value] = field(default_factory=dict)


@dataclass
class Received:
    """The result of `receive`."""

    data: Data


class Source:
    """A socket connected to a stream; a context manager. `receive_timeout` is in milliseconds."""

    def __init__(self, host: str, port: int, mode: int = PULL, receive_timeout: int = 1000) -> None:
        self._context = zmq.Context()
        self._socket = self._context.socket(mode)
        self._socket.linger = 0
        self._socket.rcvtimeo = receive_timeout
        if mode == SUB:
            self._socket.subscribe(b"")
        self._url = f"tcp://{host}:{port}"
        self._hash: str | None = None

    def __enter__(self) -> Self:
        self._socket.connect(self._url)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._context.destroy(linger=0)

    def receive(self) -> Received | None:
        """Return the next message, None if there is none in time."""
        try:
            parts = self._socket.recv_multipart()
        except zmq.Again:
            return None
        main = json.loads(parts[0])
        header = _plain(parts[1], main.get("dh_compression"), 1)
        time = main["global_timestamp"]
        message = Data(main["pulse_id"], time["sec"], time["ns"], main["hash"] != self._hash)
        self._hash = main["hash"]
        for index, channel in enumerate(json.loads(header)["channels"]):
            payload, stamp = parts[2 + 2 * index], parts[3 + 2 * index]
            message.data[channel["name"]] = _value(channel, payload, stamp)
        return Received(message)


def _value(channel: dict[str, Any], payload: bytes, stamp: bytes) -> Value:
    if not payload:
        return Value()
    sign = _SIGNS[channel.get("encoding", "little")]
    seconds, nanoseconds = struct.unpack(sign + "qq", stamp)
    name = channel.get("type", "float64")
    dtype = np.dtype("u1" if name == "string" else name).newbyteorder(sign)
    plain = _plain(payload, channel.get("compression"), dtype.itemsize)
    if name == "string":
        return Value(plain.decode(), seconds, nanoseconds)
    values = np.frombuffer(plain, dtype)
    shape = channel.get("shape", [1])
    return Value(values[0] if shape == [1] else values.reshape(shape[::-1]), seconds, nanoseconds)


def _plain(payload: bytes, compression: str | None, itemsize: int) -> bytes:
    if compression in (None, "none"):
        return payload
    if compression == "lz4":
        return codec.lz4_unpack(payload[4:], int.from_bytes(payload[:4], "little"))
    nbytes, block_bytes = struct.unpack_from(">QI", payload)
    dtype = np.dtype(f"u{itemsize}")
    return codec.unpack(payload[12:], nbytes // itemsize, dtype, block_bytes // itemsize).tobytes()

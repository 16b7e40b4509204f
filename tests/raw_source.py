"""A bsread source controlled by a test: any messages, sent on a bound ZeroMQ socket.

Written from the description of the format alone, so it shares nothing with the receiver under test or the library of
the simulator.
"""

import hashlib
import json
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal

import numpy as np
import zmq

from tests import codec
from tests.live_client import Frame, LiveClient
from tests.support import deadline

Order = Literal["little", "big"]
SIGNS: Mapping[str, Literal["<", ">"]] = {"little": "<", "big": ">"}
QUEUE_SIZE = 10
BLOCK_BYTES = 8192


@dataclass
class Part:
    """One channel of one message: its entry in the data header, and its two parts."""

    definition: dict[str, Any]
    payload: bytes
    timestamp: bytes


def channel(
    name: str,
    value: Any,
    *,
    order: Order = "little",
    compression: str = "none",
    prefix: Order = "little",
    time_ns: int | None = 0,
    **definition: Any,
) -> Part:
    """Return a channel with ``value``: an array or scalar of numpy, a str, or None for no value.

    ``order`` is the byte order of the elements and of the timestamp, ``prefix`` that of the length in lz4 data.
    ``time_ns`` is the timestamp; None leaves it empty. ``definition`` replaces keys of the entry in the data header.
    """
    array = None if value is None or isinstance(value, str) else np.asarray(value)
    entry: dict[str, Any] = {"name": name, "encoding": order}
    if array is None:
        entry |= {"type": "string" if isinstance(value, str) else "float64", "shape": [1]}
        plain, itemsize = (value or "").encode(), 1
    else:
        entry |= {"type": array.dtype.name, "shape": list(array.shape[::-1]) or [1]}
        plain, itemsize = array.astype(array.dtype.newbyteorder(SIGNS[order])).tobytes(), array.dtype.itemsize
    if compression != "none":
        entry["compression"] = compression
    payload = compress(plain, compression, itemsize, prefix) if plain else b""
    timestamp = b"" if time_ns is None else struct.pack(SIGNS[order] + "QQ", *divmod(time_ns, 10**9))
    return Part(entry | definition, payload, timestamp)


def compress(plain: bytes, compression: str, itemsize: int = 1, prefix: Order = "little") -> bytes:
    """Return bytes in one of the compressions of bsread."""
    if compression == "lz4":
        return struct.pack(SIGNS[prefix] + "I", len(plain)) + codec.lz4_block(plain)
    if compression == "bitshuffle_lz4":
        block = max(128, BLOCK_BYTES // itemsize // 8 * 8)
        return struct.pack(">QI", len(plain), block * itemsize) + codec.pack(
            np.frombuffer(plain, f"u{itemsize}"), block
        )
    return plain


def message(
    pulse_id: int,
    channels: Sequence[Part],
    *,
    header_compression: str = "none",
    header: bytes | None = None,
    **main: Any,
) -> list[bytes]:
    """Return the parts of a message.

    ``header`` replaces the bytes of the data header, ``main`` keys of the main header; ``...`` leaves a key out.
    """
    if header is None:
        text = json.dumps({"htype": "bsr_d-1.1", "channels": [part.definition for part in channels]}).encode()
        header = compress(text, header_compression)
    content: dict[str, Any] = {
        "htype": "bsr_m-1.1",
        "pulse_id": pulse_id,
        "global_timestamp": {"sec": 1_500_000_000, "ns": 0},
        "hash": hashlib.md5(header).hexdigest(),
    }
    if header_compression != "none":
        content["dh_compression"] = header_compression
    content = {key: value for key, value in (content | main).items() if value is not ...}
    parts = [json.dumps(content).encode(), header]
    for part in channels:
        parts += (part.payload, part.timestamp)
    return parts


@dataclass
class RawSource:
    """A bound PUSH socket of the test process, with the queue length of the simulator.

    ``patience`` are the seconds after which a message that nobody takes is given up.
    """

    port: int = 0
    queue: int = QUEUE_SIZE
    patience: float = 5.0
    pulse_id: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.PUSH)
        self._socket.linger = 0
        self._socket.sndhwm = self.queue
        self._socket.sndtimeo = int(1000 * deadline(self.patience))
        self._socket.bind(f"tcp://127.0.0.1:{self.port}")
        self.port = int(self._socket.getsockopt_string(zmq.LAST_ENDPOINT).rpartition(":")[2])

    def __enter__(self) -> "RawSource":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, *channels: Part, **more: Any) -> int:
        """Send a message with the next pulse id and return that; zmq.Again if there is no receiver."""
        self.pulse_id += 1
        self.send_parts(message(self.pulse_id, channels, **more))
        return self.pulse_id

    def send_until_shown(self, viewer: LiveClient, *channels: Part, **more: Any) -> Frame:
        """Send a message again and again until one of them is shown to a viewer; return its frame.

        A viewer's want takes some time to reach the ingest process; earlier messages are not sent to it.
        """
        end = time.monotonic() + deadline(5)
        count = len(viewer.frames)
        while len(viewer.frames) == count:
            assert time.monotonic() < end, "nothing was shown"
            self.send(*channels, **more)
            viewer.collect(0.02)
        return viewer.frames[count]

    def send_parts(self, parts: Sequence[bytes]) -> None:
        """Send the parts of a message unchanged."""
        self._socket.send_multipart(parts)

    def close(self) -> None:
        """Close the socket; messages that were not received are lost."""
        self._socket.close()
        self._context.term()

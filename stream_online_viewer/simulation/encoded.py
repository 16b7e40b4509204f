"""Messages that are encoded before they are sent, byte for byte as `bsread.Sender` encodes them.

Only the output of LZ4 may differ between its versions; it decodes to the same bytes.
"""

import hashlib
import json
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import zmq

from stream_online_viewer.simulation.camera import loop_index
from stream_online_viewer.simulation.camera_scene import camera_messages
from stream_online_viewer.simulation.message import Message, Scene
from stream_online_viewer.simulation.serialize import describe, value_bytes

_SIGNS = {"little": "<", "big": ">"}


@dataclass(frozen=True)
class EncodedMessage:
    """All parts of a message except those that change with each send: the main header and the timestamps.

    values: each with the byte order of its timestamp, None for a channel without a value.
    """

    data_header: bytes
    data_header_hash: str
    values: tuple[tuple[zmq.Frame, str | None], ...]

    def parts(self, pulse_id: int, seconds: int, nanoseconds: int) -> list[bytes | zmq.Frame]:
        """Return the parts of the message for this pulse id and time."""
        main_header = {
            "htype": "bsr_m-1.1",
            "hash": self.data_header_hash,
            "pulse_id": pulse_id,
            "global_timestamp": {"sec": seconds, "ns": nanoseconds},
        }
        parts: list[bytes | zmq.Frame] = [json.dumps(main_header).encode(), self.data_header]
        for value, order in self.values:
            parts += (value, b"" if order is None else struct.pack(_SIGNS[order] + "qq", seconds, nanoseconds))
        return parts


def encode(message: Message, compression: str) -> EncodedMessage:
    """Encode a message; `compression` is that of all channels that do not declare their own."""
    channels: list[dict[str, Any]] = []
    values: list[tuple[zmq.Frame, str | None]] = []
    for name, value in message.values.items():
        if message.declared is None:
            channel = {"name": name, **describe(value)}
        else:
            channel = {**message.declared[name], "name": name}
        if compression != "none":
            channel.setdefault("compression", compression)
        channel.setdefault("encoding", sys.byteorder)
        channels.append(channel)
        used = channel.get("compression", "none")
        packed = b"" if value is None else value_bytes(value, used)
        # A frame can be sent any number of times without a copy.
        values.append((zmq.Frame(packed, track=False, copy=False), None if value is None else channel["encoding"]))
    data_header = json.dumps({"htype": "bsr_d-1.1", "channels": channels}).encode()
    return EncodedMessage(data_header, hashlib.md5(data_header).hexdigest(), tuple(values))


class EncodedScene:
    """A scene whose messages are encoded one by one."""

    def __init__(self, scene: Scene[Message], compression: str) -> None:
        self._scene = scene
        self._compression = compression

    def message(self, pulse_id: int) -> EncodedMessage:
        return encode(self._scene.message(pulse_id), self._compression)


class EncodedCamera:
    """The scene `camera` with all messages encoded in advance: fast enough for any rate."""

    def __init__(
        self, size: tuple[int, int], dtype: str, compression: str, check: Callable[[], None] = lambda: None
    ) -> None:
        """Make and encode the images, which takes about a second; ``check`` is called before each and may raise."""
        self._loop = [encode(message, compression) for message in camera_messages(size, dtype, check)]

    def message(self, pulse_id: int) -> EncodedMessage:
        return self._loop[loop_index(pulse_id, len(self._loop))]

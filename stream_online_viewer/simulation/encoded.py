"""Messages that are encoded before they are sent, to the byte as `bsread.Sender` encodes them."""

import hashlib
import json
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import zmq
from bsread.data.helpers import get_channel_encoding, get_channel_specs, get_value_bytes

from stream_online_viewer.data import generate_metadata, get_stream_message_data
from stream_online_viewer.simulation.camera import loop_images, loop_index, to_dtype

_ENDIANNESS = {"little": "<", "big": ">"}


@dataclass(frozen=True)
class EncodedMessage:
    """All parts of a message but those that change with each send: the main header and the timestamps."""

    data_header: bytes
    data_header_hash: str
    values: tuple[zmq.Frame, ...]

    def parts(self, pulse_id: int, seconds: int, nanoseconds: int) -> list[bytes | zmq.Frame]:
        """Return the parts of the message as it is sent at this time."""
        main_header = {
            "htype": "bsr_m-1.1",
            "hash": self.data_header_hash,
            "pulse_id": pulse_id,
            "global_timestamp": {"sec": seconds, "ns": nanoseconds},
        }
        timestamp = struct.pack(_ENDIANNESS[sys.byteorder] + "qq", seconds, nanoseconds)
        parts: list[bytes | zmq.Frame] = [json.dumps(main_header).encode(), self.data_header]
        for value in self.values:
            parts += (value, timestamp)
        return parts


def encode(values: Mapping[str, Any], compression: str) -> EncodedMessage:
    """Encode channels in the byte order of this machine; `compression` is that of all of them."""
    used = None if compression == "none" else compression
    channels: list[dict[str, Any]] = []
    frames: list[zmq.Frame] = []
    for name, value in values.items():
        channel_type, shape = get_channel_specs(value)
        channel = {"name": name, "type": channel_type, "shape": shape, "encoding": get_channel_encoding(value)}
        if used is not None:
            channel["compression"] = used
        channels.append(channel)
        # A frame is sent without a copy, as often as one likes.
        frames.append(zmq.Frame(get_value_bytes(value, used, channel_type=channel_type), track=False, copy=False))
    data_header = json.dumps({"htype": "bsr_d-1.1", "channels": channels}).encode()
    return EncodedMessage(data_header, hashlib.md5(data_header).hexdigest(), tuple(frames))


class CameraLoop:
    """The scene `camera`: the channels of the scene `beam` for the images of `camera.loop_images`, encoded once."""

    def __init__(self, size: tuple[int, int], dtype: str, compression: str) -> None:
        """Take and encode the images, which needs about a second."""
        self._loop = [
            encode(get_stream_message_data(to_dtype(image, dtype), generate_metadata()), compression)
            for image in loop_images(size)
        ]

    def message(self, pulse_id: int) -> EncodedMessage:
        return self._loop[loop_index(pulse_id, len(self._loop))]

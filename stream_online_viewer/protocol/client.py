"""The messages that a viewer sends, checked before they have any effect."""

import json
import struct
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.protocol.rendition import Crop
from stream_online_viewer.protocol.shape import COLOUR_WISHES

FORMATS = ("exact", "raw", "bslz4", "float32", "preview")
CLIENT_MESSAGE_BYTES = 65536
ACK_BYTES = 16
_ACK = struct.Struct("<B3xIQ")
_ACK_KIND = 1
_MASKED_ACK = struct.Struct("<2sIQQ")
_MASKED_ACK_BYTES = _MASKED_ACK.size
_ACK_FRAME_HEAD = bytes((0x82, 0x80 | ACK_BYTES))
"""The head of a final, masked, binary WebSocket frame of 16 bytes."""
_TWICE = 0x00000001_00000001
MAX_NAME = 256
"""Characters in the name of a channel."""
MAX_EVERY = 64
"""Names that one viewer may ask for. The ingest process looks for all of them in each row."""
_LEAST_RATE = 0.001
_MOST_ACKS = 64
_MAX_SLICE = 2**24
_MAX_PIXELS = 2**24
_LARGEST = sys.float_info.max


@dataclass(frozen=True, slots=True)
class Want:
    """What a viewer wants. The defaults are those of a viewer that leaves a key out."""

    image: str | None = None
    slice: int = 0
    format: str = "auto"
    rate: float = 0.0
    """Largest number of images a second; 0 for no limit of its own."""
    every: bool | tuple[str, ...] = True
    hidden: bool = False
    picture: tuple[int, int] | None = None
    """Width and height, in pixels of the screen, in which the image or the crop is drawn."""
    crop: Crop | None = None
    """The visible part of the image."""
    levels: tuple[float, float] | None = None
    hover: tuple[int, int] | None = None
    saturation: float | None = None
    paused: bool = False
    colour: str | None = None
    """How an array that could be colour is shown, one of ``COLOUR_WISHES``; None: as colour only if it is uint8."""
    pieces: bool = False
    """Large images may come in pieces."""


def parse_ack(data: bytes) -> tuple[int, int]:
    """Return (sequence, microseconds from arrival to drawn); raise :class:`ProtocolError` for anything else."""
    if len(data) != ACK_BYTES or data[0] != _ACK_KIND:
        raise ProtocolError("a binary message must be an acknowledgement of 16 bytes")
    _, drawn_us, sequence = _ACK.unpack(data)
    return sequence, drawn_us


class AckReader:
    """Reads acknowledgements directly from the bytes of a WebSocket, before these are parsed as anything else.

    Nearly all messages of viewers are acknowledgements, each in a frame of its own: 25 000 a second from a thousand
    viewers. To recognise them costs a third of the general parser's time. That is only safe between two whole frames.
    So the reader follows the ends of frames, and leaves everything to the parser for good once a frame is cut by the
    end of the bytes or is not a whole message.
    """

    __slots__ = ("_certain",)

    def __init__(self) -> None:
        self._certain = True

    def read(self, data: bytes) -> list[tuple[int, int]] | None:
        """Return (sequence, microseconds from arrival to drawn) of each; None if there is anything else."""
        if not self._certain:
            return None
        if len(data) > _MOST_ACKS * _MASKED_ACK_BYTES and data[:2] == _ACK_FRAME_HEAD:
            # More than any viewer has to send; the parser takes them in pieces.
            self._certain = False
            return None
        if len(data) % _MASKED_ACK_BYTES:
            self._certain = _are_whole_messages(data)
            return None
        acks = []
        for head, mask, first, second in _MASKED_ACK.iter_unpack(data):
            if head != _ACK_FRAME_HEAD:
                self._certain = _are_whole_messages(data)
                return None
            twice = mask * _TWICE
            first ^= twice
            if first & 0xFF != _ACK_KIND:
                return None
            acks.append((second ^ twice, first >> 32))
        return acks


def _are_whole_messages(data: bytes) -> bool:
    """Return whether bytes that begin with a client's WebSocket frame are a few whole and final frames."""
    at = 0
    for _ in range(_MOST_ACKS):
        if at + 2 > len(data):
            break
        length = data[at + 1] & 0x7F
        head = 6
        if length == 126:
            length, head = int.from_bytes(data[at + 2 : at + 4], "big"), 8
        elif length == 127:
            return False
        if not data[at] & 0x80 or not data[at + 1] & 0x80:
            return False
        at += head + length
    return at == len(data)


def parse_want(text: str, before: Want) -> Want | None:
    """Return ``before`` changed by the keys of this message, None for an unknown kind.

    Raise :class:`ProtocolError` if the message is wrong.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise ProtocolError("the text is no JSON") from None
    if not isinstance(content, dict) or not isinstance(content.get("kind"), str):
        raise ProtocolError("a text message must be a JSON object with a kind")
    if content["kind"] != "want":
        return None
    changes: dict[str, Any] = {}
    for key, check in _CHECKS.items():
        if key in content:
            changes[key] = check(content[key])
    return replace(before, **changes)


def _is_name(value: Any) -> bool:
    if not isinstance(value, str) or len(value) > MAX_NAME:
        return False
    try:
        # JSON allows halves of surrogate pairs, which no channel's name contains.
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _image(value: Any) -> str | None:
    if value is None or (value != "" and _is_name(value)):
        return None if value is None else str(value)
    raise ProtocolError(f"image must be null or a name of 1 to {MAX_NAME} characters")


def _slice(value: Any) -> int:
    if type(value) is int and 0 <= value < _MAX_SLICE:
        return value
    raise ProtocolError("slice must be a whole number from 0")


def _format(value: Any) -> str:
    if value == "auto" or (isinstance(value, str) and value in FORMATS):
        return str(value)
    raise ProtocolError(f"format must be auto or one of {', '.join(FORMATS)}")


def _rate(value: Any) -> float:
    if type(value) in (int, float) and 0 <= value <= 1e6:
        return 0.0 if value == 0 else max(float(value), _LEAST_RATE)
    raise ProtocolError("rate must be a number of images a second")


def _every(value: Any) -> bool | tuple[str, ...]:
    if isinstance(value, bool):
        return value
    if not isinstance(value, list) or not all(map(_is_name, value)):
        raise ProtocolError(f"every must be true, false or a list of names of at most {MAX_NAME} characters")
    if len(value) > MAX_EVERY:
        raise ProtocolError(f"every names {len(value)} channels, more than the {MAX_EVERY} of a viewer")
    return tuple(dict.fromkeys(value))


def _flag(name: str) -> Callable[[Any], bool]:
    def check(value: Any) -> bool:
        if isinstance(value, bool):
            return value
        raise ProtocolError(f"{name} must be true or false")

    return check


def _pixels(value: Any, count: int, smallest: Sequence[int], problem: str) -> tuple[int, ...] | None:
    """Return a tuple of ``count`` integers, none below its ``smallest``; None for null."""
    if value is None:
        return None
    if (
        isinstance(value, list)
        and len(value) == count
        and all(type(n) is int and least <= n < _MAX_PIXELS for n, least in zip(value, smallest, strict=True))
    ):
        return tuple(value)
    raise ProtocolError(problem)


def _picture(value: Any) -> tuple[int, ...] | None:
    return _pixels(value, 2, (1, 1), "picture must be null or [width, height] in pixels")


def _crop(value: Any) -> tuple[int, ...] | None:
    return _pixels(value, 4, (0, 0, 1, 1), "crop must be null or [x, y, width, height] in pixels of the source")


def _hover(value: Any) -> tuple[int, ...] | None:
    return _pixels(value, 2, (0, 0), "hover must be null or [x, y] in pixels of the source")


def _colour(value: Any) -> str | None:
    if value is None or (isinstance(value, str) and value in COLOUR_WISHES):
        return value
    raise ProtocolError(f"colour must be null or one of {', '.join(COLOUR_WISHES)}")


def _number(value: Any) -> bool:
    # Python's JSON accepts NaN, Infinity and integers of any length.
    return type(value) in (int, float) and abs(value) <= _LARGEST


def _levels(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    if isinstance(value, list) and len(value) == 2 and all(map(_number, value)):
        low, high = float(value[0]), float(value[1])
        # Compared as floats, because two different large integers may become the same float.
        if low < high:
            return low, high
    raise ProtocolError("levels must be null or [low, high] with low < high")


def _saturation(value: Any) -> float | None:
    if value is None or _number(value):
        return None if value is None else float(value)
    raise ProtocolError("saturation must be null or a number")


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "image": _image,
    "slice": _slice,
    "format": _format,
    "rate": _rate,
    "every": _every,
    "hidden": _flag("hidden"),
    "picture": _picture,
    "crop": _crop,
    "levels": _levels,
    "hover": _hover,
    "saturation": _saturation,
    "pieces": _flag("pieces"),
    "paused": _flag("paused"),
    "colour": _colour,
}

"""Checks the main header and the data header of a bsread message (format 1.1).

The main header of every message is read, also without viewers. A data header is parsed if its bytes were not seen
before: the hash in the main header is only the sender's claim.
"""

import re
from collections import OrderedDict
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar, cast

from stream_online_viewer.model.channel import Channel
from stream_online_viewer.model.decompress import COMPRESSIONS, decompress_bytes
from stream_online_viewer.model.layout import MAX_CHANNELS, Layout
from stream_online_viewer.model.problems import Invalid, Refused, shorten
from stream_online_viewer.model.pulse import Notice, Part
from stream_online_viewer.sources.bsread.definition import parse_channel, repeated_channel
from stream_online_viewer.sources.zeromq.json_header import parse_first_part, parse_json

MAX_DATA_HEADER_BYTES = 4 * 1024 * 1024
MAX_VALUE_BYTES = 256 * 1024 * 1024
KEPT_HEADERS = 16

_MAX_PULSE_ID = 2**64 - 1
_MAX_TIME = 2**63 - 1
_COMMAND = re.compile(r"bsr_(stop|reconnect)(-[0-9.]{1,10})?")
"""The commands of the Java library (`ch.psi.bsread.message.commands`); no other sender has any."""
_Key = TypeVar("_Key")


class MainHeader(NamedTuple):
    """The checked main header. ``source_time`` is ns since 1970, None if it is missing or unusable.

    ``time_problem`` says what is wrong with an unusable time: object, seconds, nanoseconds, range or zero.
    """

    pulse_id: int
    source_time: int | None
    hash: str | None
    dh_compression: str
    time_problem: str | None


def parse_main_header(part: Part) -> MainHeader | Notice:
    """Parse the first part of a message; raise :class:`Refused`.

    A notice is another kind of message on the same socket, such as ``bsr_stop-1.0`` or ``bsr_reconnect-1.0``. A
    malformed time does not refuse the message, because its image is worth more than its time.
    """
    header = parse_first_part(part)
    htype = header.get("htype")
    if type(htype) is not str:
        found = shorten(htype) if "htype" in header else "missing"
        raise Refused("main header", f"htype is {found}, so this is no bsread message", found)
    if not htype.startswith("bsr_m"):
        if htype.startswith("bsr_d"):
            # A non-blocking sender of psi-bsread sends the rest of a message when a receiver connects in the middle of
            # it.
            raise Refused("main header", "a data header, so the message lost its beginning")
        if _COMMAND.fullmatch(htype):
            return Notice(htype)
        raise Refused("htype", f"{shorten(htype)} is no bsread message, which has bsr_m-1.1", shorten(htype))
    pulse_id = header.get("pulse_id")
    if type(pulse_id) is not int or not 0 <= pulse_id <= _MAX_PULSE_ID:
        raise Refused("pulse id", f"{shorten(pulse_id)} is no pulse id")
    source_time, time_problem = _parse_time(header.get("global_timestamp"))
    header_hash = header.get("hash")
    compression = header.get("dh_compression")
    if compression is None:
        compression = "none"
    return MainHeader(
        pulse_id,
        source_time,
        header_hash if type(header_hash) is str else None,
        compression if type(compression) is str else shorten(compression),
        time_problem,
    )


def _parse_time(timestamp: Any) -> tuple[int | None, str | None]:
    if timestamp is None:
        return None, None
    if type(timestamp) is not dict:
        return None, "object"
    seconds = timestamp.get("sec")
    if seconds is None:
        seconds = timestamp.get("epoch")
    nanoseconds = timestamp.get("ns")
    if type(seconds) is not int:
        return None, "seconds"
    if type(nanoseconds) is not int or not 0 <= nanoseconds < 1_000_000_000:
        return None, "nanoseconds"
    time = seconds * 1_000_000_000 + nanoseconds
    if not -_MAX_TIME <= time <= _MAX_TIME:
        return None, "range"
    return (time, None) if time else (None, "zero")


class DataHeaders:
    """Parses data headers and keeps the last few. Headers may alternate and may change with every message.

    A header is stored by its bytes and their compression, after it was parsed completely. :meth:`remember` stores
    separately which header a hash stands for, after the whole message was accepted; that is used only for messages with
    an empty data header.
    """

    def __init__(self, max_value_bytes: int = MAX_VALUE_BYTES) -> None:
        self._max_value_bytes = max_value_bytes
        self._parsed: OrderedDict[tuple[str, bytes], Layout] = OrderedDict()
        self._of_hash: OrderedDict[str, Layout] = OrderedDict()
        self._last: tuple[tuple[str, bytes], Layout] | None = None

    def parse(self, part: Part, main: MainHeader) -> Layout:
        """Return the layout in the second part of a message; raise :class:`Refused`."""
        if len(part) == 0:
            remembered = None if main.hash is None else self._of_hash.get(main.hash)
            if remembered is None:
                raise Refused("unknown header", f"empty data header, and hash {shorten(main.hash)} was not seen before")
            return remembered
        if len(part) > MAX_DATA_HEADER_BYTES:
            raise Refused("data header size", f"{len(part)} bytes")
        key = main.dh_compression, bytes(cast(bytes, part))
        if self._last is not None and self._last[0] == key:
            return self._last[1]
        header = self._parsed.get(key)
        if header is None:
            header = self._parse(key[1], main.dh_compression)
        _keep(self._parsed, key, header)
        self._last = key, header
        return header

    def remember(self, main: MainHeader, header: Layout) -> None:
        """Store that the hash in this main header stands for this layout."""
        if main.hash is not None and self._of_hash.get(main.hash) is not header:
            _keep(self._of_hash, main.hash, header)

    def _parse(self, raw: bytes, dh_compression: str) -> Layout:
        compression = COMPRESSIONS.get(dh_compression.lower())
        if compression is None:
            raise Refused("data header compression", f"unknown compression {shorten(dh_compression)}")
        try:
            text = decompress_bytes(memoryview(raw), compression, MAX_DATA_HEADER_BYTES)
        except Invalid as problem:
            raise Refused("data header compression", problem.detail) from None
        content = parse_json(text, "data header")
        if type(content) is not dict:
            raise Refused("data header", f"{shorten(content)} instead of an object")
        definitions = content.get("channels")
        if type(definitions) is not list:
            raise Refused("data header", f"channels is {shorten(definitions)}")
        if len(definitions) > MAX_CHANNELS:
            raise Refused("channel count", f"{len(definitions)} channels")
        channels: list[Channel] = []
        index: dict[str, int] = {}
        for definition in definitions:
            channel = parse_channel(definition, self._max_value_bytes)
            if channel.name in index:
                channel = repeated_channel(channel)
            elif channel.name:
                index[channel.name] = len(channels)
            channels.append(channel)
        return Layout(tuple(channels), MappingProxyType(index))


def _keep(kept: OrderedDict[_Key, Layout], key: _Key, header: Layout) -> None:
    kept[key] = header
    kept.move_to_end(key)
    if len(kept) > KEPT_HEADERS:
        kept.popitem(last=False)

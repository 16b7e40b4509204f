"""Helpers for tests of sources."""

import json
import struct
from collections.abc import Sequence
from typing import Any

from stream_online_viewer.model.layout import Layout
from stream_online_viewer.model.pulse import Pulse
from stream_online_viewer.sources.bsread.headers import DataHeaders, MainHeader, parse_main_header
from stream_online_viewer.sources.bsread.message import Message, MessagePulse
from tests.raw_source import Part, message

PLAIN_MAIN = MainHeader(pulse_id=1, source_time=None, hash=None, dh_compression="none", time_problem=None)


def main_bytes(**changes: Any) -> bytes:
    """Return a valid main header with these keys changed; ``...`` leaves a key out."""
    header = {"htype": "bsr_m-1.1", "pulse_id": 7, "global_timestamp": {"sec": 12, "ns": 34}, "hash": "abc"} | changes
    return json.dumps({key: value for key, value in header.items() if value is not ...}).encode()


def parse_header(raw: bytes, headers: DataHeaders | None = None, **main: Any) -> Layout:
    """Parse the bytes of a data header; ``main`` are keys of the main header."""
    parsed = parse_main_header(main_bytes(**main))
    assert isinstance(parsed, MainHeader)
    return (headers or DataHeaders()).parse(raw, parsed)


def header_bytes(*definitions: Any) -> bytes:
    """Return a data header with these entries as channels."""
    return json.dumps({"htype": "bsr_d-1.1", "channels": list(definitions)}).encode()


def received(parts: Sequence[Any], headers: DataHeaders | None = None, sequence: int = 1) -> MessagePulse:
    """Return the pulse made of these parts, as the ingest process makes it."""
    main = parse_main_header(parts[0])
    assert isinstance(main, MainHeader)
    return Message(parts, main, DataHeaders() if headers is None else headers).pulse(sequence, 1000, 2000)


def value_of(message: Pulse, index: int = 0) -> Any:
    """Return a value without its type, for comparisons."""
    return message.value(index)


def one_value(part: Part) -> Any:
    """Return the value of a message with this one channel."""
    return received(message(1, [part])).value(0)


def single(payload: bytes, timestamp: bytes = b"", **definition: Any) -> MessagePulse:
    """Return a message with one channel "x" of this definition and payload."""
    return received([main_bytes(), header_bytes({"name": "x", **definition}), payload, timestamp])


def seconds(order: str, sec: int, ns: int) -> bytes:
    """Return the timestamp part of a value."""
    return struct.pack((">" if order == "big" else "<") + "QQ", sec, ns)


def short_id(value: Any) -> str:
    """Return a short name for a test case that still differs where long values differ only at their ends."""
    text = repr(value)
    return text if len(text) <= 48 else f"{text[:28]}..{len(text)}..{text[-10:]}"

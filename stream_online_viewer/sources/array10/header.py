"""The header of an array-1.0 message, checked before anything is taken from it.

The first part of a message is a JSON object, the second the elements of the array, uncompressed. Keys of the object:
``htype`` (``array-1.0``; may be missing), ``shape`` (slowest dimension first), ``type`` (missing: int8), ``frame`` (a
count from 0; some senders write ``pulse_id`` instead, or as well), ``endianness`` (the description of the format spells
it ``endianess`` in its example; missing: little), ``encoding`` (says how data are compressed; empty: not at all) and
``source`` (a name).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from stream_online_viewer.model.channel import NUMPY_CODES, WIDENED, ByteOrder, Channel
from stream_online_viewer.model.layout import Layout
from stream_online_viewer.model.problems import Refused, shorten

HTYPE = "array-1.0"
MAX_DIMENSIONS = 4
MAX_DIMENSION = 2**24
_MAX_ID = 2**64 - 1
_DEFAULT_TYPE = "int8"
_TYPES = frozenset(NUMPY_CODES) - {"bool", "string"} | frozenset(WIDENED)
_PLAIN = (None, "", "none", "raw")
"""Values of ``encoding`` with which senders describe uncompressed data."""


@dataclass(frozen=True, slots=True)
class ArrayHeader:
    """The checked header. ``shape`` is slowest dimension first; ``type`` is None where the sender left it out."""

    shape: tuple[int, ...]
    type: str | None
    order: ByteOrder
    frame: int | None
    pulse_id: int | None
    source: str | None

    @property
    def id(self) -> int:
        """The frame, or the pulse id if there is no frame."""
        return self.frame if self.frame is not None else self.pulse_id or 0


def is_array(header: Mapping[str, Any]) -> bool:
    """Return whether the keys are those of an array's header; ``htype`` may be missing."""
    return header.get("htype") == HTYPE or "htype" not in header and type(header.get("shape")) is list


def parse_header(header: Mapping[str, Any]) -> ArrayHeader:
    """Return the checked header in the first part of a message; raise :class:`Refused`."""
    if not is_array(header):
        htype = shorten(header["htype"]) if "htype" in header else "missing"
        raise Refused("htype", f"{htype} is no {HTYPE} message", htype)
    frame, pulse_id = _id(header, "frame"), _id(header, "pulse_id")
    if frame is None and pulse_id is None:
        raise Refused("pulse id", "there is neither a frame nor a pulse_id")
    encoding = header.get("encoding")
    if encoding not in _PLAIN:
        raise Refused("array header", f"encoding is {shorten(encoding)}; only uncompressed arrays can be read")
    shape, name, order = _shape(header.get("shape")), _type(header), _order(header)
    return ArrayHeader(shape, name, order, frame, pulse_id, _source(header))


def _id(header: Mapping[str, Any], key: str) -> int | None:
    value = header.get(key)
    if value is not None and (type(value) is not int or not 0 <= value <= _MAX_ID):
        raise Refused("pulse id", f"{key} is {shorten(value)}")
    return value


def _shape(shape: Any) -> tuple[int, ...]:
    if type(shape) is not list or not 1 <= len(shape) <= MAX_DIMENSIONS:
        found = f"{len(shape)} dimensions" if type(shape) is list else shorten(shape)
        raise Refused("array header", f"shape is {found} instead of a list of 1 to {MAX_DIMENSIONS} lengths")
    for length in shape:
        if type(length) is not int or not 0 <= length <= MAX_DIMENSION:
            raise Refused("array header", f"{shorten(length)} in the shape is no length between 0 and {MAX_DIMENSION}")
    return tuple(shape)


def _type(header: Mapping[str, Any]) -> str | None:
    name = header.get("type")
    if name is not None and (type(name) is not str or name not in _TYPES):
        raise Refused("array header", f"unknown type {shorten(name)}")
    return name


def _order(header: Mapping[str, Any]) -> ByteOrder:
    # Both spellings are in use; a sender that writes both writes the same value.
    name = header.get("endianness", header.get("endianess"))
    if name is None or name == "little":
        return "little"
    if name == "big":
        return "big"
    raise Refused("array header", f"endianness is {shorten(name)} instead of little or big")


def _source(header: Mapping[str, Any]) -> str | None:
    """Return the name of the source. It is for information only, so an invalid one does not refuse the array."""
    name = header.get("source")
    # Half of a surrogate pair is not printable either.
    return name if type(name) is str and name.isprintable() else None


def layout_of(header: ArrayHeader) -> Layout:
    """Return the layout of such pulses: the array as ``image``, and the other values in the header."""
    sent = header.type or _DEFAULT_TYPE
    dtype = WIDENED.get(sent, sent)
    nbytes = math.prod(header.shape) * np.dtype(NUMPY_CODES[dtype]).itemsize
    widened = sent if dtype != sent else None
    channels = [Channel("image", dtype, header.shape, header.order, nbytes=nbytes, sent_dtype=widened)]
    channels += [
        Channel(name, "uint64", (1,), nbytes=8)
        for name, value in (("frame", header.frame), ("pulse_id", header.pulse_id))
        if value is not None
    ]
    if header.source is not None:
        channels.append(Channel("source", "string", (1,)))
    channels.append(Channel("format", "string", (1,)))
    return Layout.of(channels)


def note_of(header: ArrayHeader) -> str:
    """Return sentences for the page on what such pulses lack or how they are shown."""
    note = f"They are of the format {HTYPE}, which has no time of its own: the time of their receipt counts."
    if header.type is None:
        note += f" Their type is not said and taken for {_DEFAULT_TYPE}."
    elif header.type in WIDENED:
        note += f" {header.type} is widened to {WIDENED[header.type]}, which changes no number."
    return note

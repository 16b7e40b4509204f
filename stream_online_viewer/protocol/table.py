"""The table of scalars: many pulses in columns, every value with its own type (``docs/protocol.md``, "The table")."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from stream_online_viewer.protocol.dtypes import CODES, ITEM_BYTES, NOTHING, STRING

NO_TIME = -(2**63)
ABSENT, VALUE, NULL, INVALID = range(4)

_COUNTS = struct.Struct("<II")
_COLUMN = struct.Struct("<IBBH")


@dataclass(slots=True)
class Row:
    """The scalars of one pulse.

    ``cells`` maps a channel id to ``(dtype name, value)``; the value is a number, a ``str`` or a numpy scalar.
    ``nulls`` and ``invalids`` are the ids of channels that are listed without a value, or with one that cannot be used.
    """

    sequence: int
    pulse_id: int
    source_time: int | None
    cells: dict[int, tuple[str, Any]]
    nulls: Sequence[int] = ()
    invalids: Sequence[int] = field(default=())


def _pad(size: int) -> bytes:
    return bytes(-size % 8)


def _strings(values: Sequence[str]) -> bytes:
    encoded = [value.encode("utf-8", "replace") for value in values]
    offsets = np.zeros(len(values) + 1, "<u4")
    offsets[1:] = np.cumsum([len(part) for part in encoded])
    return offsets.tobytes() + b"".join(encoded)


def _column(channel_id: int, code: int, states: bytes, values: bytes) -> list[bytes]:
    parts = [_COLUMN.pack(channel_id, code, 1 if states else 0, 0)]
    if states:
        parts += [states, _pad(len(states))]
    if values:
        parts += [values, _pad(len(values))]
    return parts


def encode_table(rows: Sequence[Row]) -> bytes:
    """Return the bytes of the table of these rows, which must be in the order of their sequences."""
    if len(rows) == 1:
        return _encode_row(rows[0])
    count = len(rows)
    columns: dict[tuple[int, str | None], list[Any]] = {}
    states: dict[tuple[int, str | None], bytearray] = {}
    types: dict[int, str] = {}
    for index, row in enumerate(rows):
        for channel_id, (dtype, value) in row.cells.items():
            key: tuple[int, str | None] = (channel_id, dtype)
            column = columns.get(key)
            if column is None:
                column = columns[key] = ["" if dtype == "string" else 0] * count
                states[key] = bytearray(count)
            column[index] = value
            states[key][index] = VALUE
            types[channel_id] = dtype
    for index, row in enumerate(rows):
        for channel_ids, state in ((row.nulls, NULL), (row.invalids, INVALID)):
            for channel_id in channel_ids:
                key = (channel_id, types.get(channel_id))
                states.setdefault(key, bytearray(count))[index] = state
    complete = bytes([VALUE]) * count
    parts = _head(rows, len(states))
    for key, state_bytes in states.items():
        channel_id, kind = key
        flags = b"" if state_bytes == complete else bytes(state_bytes)
        if kind is None:
            parts += _column(channel_id, NOTHING, flags, b"")
        elif kind == "string":
            parts += _column(channel_id, STRING, flags, _strings(columns[key]))
        else:
            parts += _column(channel_id, CODES[kind], flags, np.array(columns[key], _numpy_type(kind)).tobytes())
    return b"".join(parts)


def _encode_row(row: Row) -> bytes:
    """Return the table of one row, as sent with every image: it needs no states for its values and no arrays."""
    parts = _head([row], len(row.cells) + len(row.nulls) + len(row.invalids))
    for channel_id, (kind, value) in row.cells.items():
        if kind == "string":
            parts += _column(channel_id, STRING, b"", _strings([value]))
        else:
            parts += _column(channel_id, CODES[kind], b"", np.array(value, _numpy_type(kind)).tobytes())
    for channel_ids, state in ((row.nulls, NULL), (row.invalids, INVALID)):
        for channel_id in channel_ids:
            parts += _column(channel_id, NOTHING, bytes([state]), b"")
    return b"".join(parts)


def _head(rows: Sequence[Row], columns: int) -> list[bytes]:
    return [
        _COUNTS.pack(len(rows), columns),
        np.array([row.sequence for row in rows], "<u8").tobytes(),
        np.array([row.pulse_id for row in rows], "<u8").tobytes(),
        np.array([NO_TIME if row.source_time is None else row.source_time for row in rows], "<i8").tobytes(),
    ]


_NUMPY_TYPES = {name: np.dtype(name).newbyteorder("<") for name in ITEM_BYTES}


def _numpy_type(name: str) -> np.dtype[Any]:
    return _NUMPY_TYPES[name]


def cell_bytes(dtype: str, value: Any) -> int:
    """Return about how many bytes a value takes in a long table, for the limits of the scalar lane."""
    if dtype == "string":
        return 4 + len(value)
    return ITEM_BYTES[dtype]

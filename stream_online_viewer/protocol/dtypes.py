"""Names and codes of the data types on the wire."""

from types import MappingProxyType

NOTHING = 12
"""Code of a column without values: the channel is null or invalid in all rows."""

STRING = 11

CODES = MappingProxyType(
    {
        "bool": 0,
        "int8": 1,
        "uint8": 2,
        "int16": 3,
        "uint16": 4,
        "int32": 5,
        "uint32": 6,
        "int64": 7,
        "uint64": 8,
        "float32": 9,
        "float64": 10,
        "string": STRING,
    }
)
"""Type name to the code used in the scalars table."""

ITEM_BYTES = MappingProxyType(
    {
        "bool": 1,
        "int8": 1,
        "uint8": 1,
        "int16": 2,
        "uint16": 2,
        "int32": 4,
        "uint32": 4,
        "int64": 8,
        "uint64": 8,
        "float32": 4,
        "float64": 8,
    }
)
"""Bytes of one element, for the types that have a fixed size."""

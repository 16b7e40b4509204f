"""The channels of a pulse and their order."""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from struct import Struct
from types import MappingProxyType
from typing import Any, NamedTuple

from stream_online_viewer.model.channel import SIGNS, Channel

MAX_CHANNELS = 4096

_LETTERS: Mapping[str, str] = MappingProxyType(
    {
        "bool": "?",
        "int8": "b",
        "uint8": "B",
        "int16": "h",
        "uint16": "H",
        "int32": "i",
        "uint32": "I",
        "int64": "q",
        "uint64": "Q",
        "float32": "f",
        "float64": "d",
    }
)
"""The codes of numeric types in struct."""

_serials = itertools.count(1)


class ScalarField(NamedTuple):
    """How to read a scalar quickly.

    ``channel`` is the index of the channel and ``nbytes`` the size of its value; ``make`` makes a numpy scalar of the
    result of ``unpack``. Without a quick way (strings, compressed or widened values, channels with a problem)
    ``unpack`` is None and ``nbytes`` -1.
    """

    channel: int
    nbytes: int
    unpack: Any
    make: Any


@dataclass(frozen=True, eq=False)
class Layout:
    """The channels of a pulse. Successive pulses share one object until something about their channels changes.

    ``index`` maps each usable name to its position in ``channels``. ``serial`` differs for each object, so it can be
    the key of anything derived from it.
    """

    channels: tuple[Channel, ...]
    index: Mapping[str, int]
    serial: int = field(default_factory=_serials.__next__)

    @classmethod
    def of(cls, channels: Iterable[Channel]) -> "Layout":
        """Return the layout of these channels, whose names must differ."""
        known = tuple(channels)
        return cls(known, MappingProxyType({channel.name: index for index, channel in enumerate(known)}))

    @cached_property
    def empty(self) -> frozenset[int]:
        """The arrays without elements: a length of their shape is 0."""
        return frozenset(index for index, channel in enumerate(self.channels) if channel.nbytes == 0)

    @cached_property
    def scalar_fields(self) -> tuple[ScalarField, ...]:
        """How to read each scalar channel, in their order."""
        return tuple(_scalar_field(index, channel) for index, channel in enumerate(self.channels) if channel.is_scalar)


def _scalar_field(index: int, channel: Channel) -> ScalarField:
    quick = channel.problem is None and channel.compression == "none" and channel.sent_dtype is None
    if not quick or channel.dtype == "string":
        return ScalarField(index, -1, None, None)
    fmt = Struct(SIGNS[channel.order] + _LETTERS[channel.dtype])
    return ScalarField(index, fmt.size, fmt.unpack, channel.numpy_dtype.type)

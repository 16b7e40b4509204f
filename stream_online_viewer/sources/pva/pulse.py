"""Makes a pulse of an NTNDArray: the image, its attributes as channels, and where it lies on the detector."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any, NamedTuple, cast

import numpy as np

from stream_online_viewer.model.channel import NUMPY_CODES, Channel, PixelFormat
from stream_online_viewer.model.decompress import decompress
from stream_online_viewer.model.layout import MAX_CHANNELS, Layout
from stream_online_viewer.model.problems import Refused, shorten
from stream_online_viewer.model.pulse import MAX_TEXT_BYTES, NONE_SPOILED, Arrival, Part, Pulse
from stream_online_viewer.sources.pva.header import Dimension, Header, read_time, structure_expected
from stream_online_viewer.sources.pva.unpack import bslz4_head, unpack

IMAGE = "image"
AXES = ("x_axis", "y_axis")
OWN = (IMAGE, *AXES, *(f"{axis}_unit" for axis in AXES), "uniqueId", "alarm_severity", "alarm_message", "codec")
"""Channels that are no attributes; an attribute of such a name is left out."""
MAX_NAME_CHARACTERS = 256
MAX_ATTRIBUTE_BYTES = 1024 * 1024
KEPT_LAYOUTS = 16
MONO, BAYER, RGB1, RGB2, RGB3 = range(5)
"""Values of the attribute ``ColorMode``; larger ones are kinds of YUV."""
_PICTURE_OF = {RGB1: (1, 2), RGB2: (0, 2)}
"""Which dimensions are columns and rows, where they are not the first two of three."""
LOSSY = "Its images are JPEG, which is lossy: these are not the values that the camera measured."
_INT32, _INT64, _UINT64, _FLOAT64 = Struct("<i"), Struct("<q"), Struct("<Q"), Struct("<d")


class Field(NamedTuple):
    """One value beside the image, as it goes into a payload."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    payload: bytes


@dataclass(slots=True, eq=False)
class ImagePulse(Pulse):
    """A pulse whose first value is compressed in a way that only its source knows; decoded when it is asked for."""

    header: Header
    lines_apart: bool
    """Each row is one of red, one of green and one of blue pixels; decoded to whole planes."""
    _image: memoryview | None = None

    def payload(self, index: int) -> memoryview:
        """Return the bytes of a value as viewers decode them. Raise :class:`.problems.Invalid`."""
        if index != 0:
            return Pulse.payload(self, index)
        if self._image is None:
            self._image = self._decoded()
        return self._image

    def passed(self, index: int) -> tuple[bytes, memoryview]:
        """Return the bytes of a value in two parts; see :meth:`.Pulse.passed`. Raise :class:`.problems.Invalid`."""
        if index == 0 and self.header.codec == "bslz4" and not self.lines_apart:
            return bslz4_head(self.header), Pulse.payload(self, 0)
        return b"", self.payload(index)

    def _decoded(self) -> memoryview:
        packed = Pulse.payload(self, 0)
        image = unpack(packed, self.header)
        if not self.lines_apart:
            return image
        header = self.header
        compression = "bitshuffle_lz4" if header.codec == "bslz4" else "none"
        dtype = np.dtype(f"<{NUMPY_CODES[header.dtype]}" if header.dtype != "bool" else "?")
        lines = decompress(image, cast(Any, compression), dtype, header.shape)
        return np.ascontiguousarray(lines.transpose(1, 0, 2)).data.cast("B")


class ArrayArrival(Arrival):
    """A value with a valid header. ``packed`` are the bytes of its image as they came."""

    __slots__ = ("_header", "_layouts", "_packed", "_value")

    def __init__(
        self, pulse_id: int, value: Mapping[str, Any], header: Header, packed: memoryview, layouts: "Layouts"
    ) -> None:
        time, problem = read_time(value["timeStamp"])
        super().__init__(pulse_id, time, problem)
        self._value, self._header, self._packed, self._layouts = value, header, packed, layouts

    def pulse(self, sequence: int, received: int, received_time: int) -> Pulse:
        """Return the pulse. Raise :class:`Refused` for attributes that cannot be read."""
        header, value = self._header, self._value
        with structure_expected():
            attributes = [(entry["name"], entry["value"]) for entry in value["attribute"]]
            mode = _colour_mode(attributes)
            fields = read_fields(value, header, attributes, mode)
        layout = self._layouts.of(header, mode, fields)
        payloads: list[Part] = [self._packed, *(field.payload for field in fields)]
        common = sequence, received, received_time, self.pulse_id, self.source_time, layout, payloads, NONE_SPOILED
        apart = _lines_apart(header, mode)
        if header.codec == "" and not apart:
            return Pulse(*common)
        return ImagePulse(*common, header, apart)


class Layouts:
    """Makes layouts, the same object as long as nothing about the channels changes."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[Any, ...], Layout] = OrderedDict()

    def of(self, header: Header, mode: int, fields: list[Field]) -> Layout:
        """Return the layout of an image and the values beside it."""
        key = (header.shape, header.dtype, header.codec, header.unknown, mode, *(field[:3] for field in fields))
        layout = self._known.get(key)
        if layout is None:
            beside = (
                Channel(
                    field.name, field.dtype, field.shape, nbytes=None if field.dtype == "string" else len(field.payload)
                )
                for field in fields
            )
            layout = self._known[key] = Layout.of([_image_channel(header, mode), *beside])
            if len(self._known) > KEPT_LAYOUTS:
                self._known.popitem(last=False)
        return layout


def _image_channel(header: Header, mode: int) -> Channel:
    shape = header.shape
    if header.unknown is not None:
        detail = f"unknown compression {header.unknown}"
        return Channel(IMAGE, header.dtype, shape, problem="compression", detail=detail, is_picture=True)
    apart = _lines_apart(header, mode)
    if apart:
        shape = (shape[1], shape[0], shape[2])
    passed = header.codec == "bslz4" and not apart
    colour = len(shape) == 3 and mode in (RGB1, RGB2, RGB3)
    pixel_format: PixelFormat = "rgb" if colour else "gray"
    return Channel(
        IMAGE,
        header.dtype,
        shape,
        compression="bitshuffle_lz4" if passed else "none",
        nbytes=header.nbytes,
        pixel_format=pixel_format,
    )


def _lines_apart(header: Header, mode: int) -> bool:
    return mode == RGB2 and len(header.shape) == 3 and header.shape[1] == 3 and header.unknown is None


def _colour_mode(attributes: Sequence[tuple[Any, Any]]) -> int:
    for name, mode in attributes:
        if name == "ColorMode":
            return mode if type(mode) is int else MONO
    return MONO


def read_fields(
    value: Mapping[str, Any], header: Header, attributes: Sequence[tuple[Any, Any]], mode: int
) -> list[Field]:
    """Return the values beside the image: its place on the detector, counter, alarm and attributes.

    ``attributes`` are their names and values, ``mode`` is the colour mode among them.
    """
    fields: list[Field] = []
    if len(attributes) > MAX_CHANNELS - len(OWN):
        raise Refused("channel count", f"{len(attributes)} attributes")
    places = _places(header.dimensions, mode)
    if places is not None:
        for name, place in zip(AXES, places, strict=True):
            fields.append(Field(name, "float64", (place.size,), axis_values(place)))
            # Axes of a stream are taken for um, if they do not simply count pixels.
            fields.append(_text(f"{name}_unit", "px"))
    unique = value["uniqueId"]
    if type(unique) is int and -(2**31) <= unique < 2**31:
        fields.append(Field("uniqueId", "int32", (1,), _INT32.pack(unique)))
    alarm = value["alarm"]
    severity, message = alarm["severity"], alarm["message"]
    if type(severity) is int and -(2**31) <= severity < 2**31:
        fields.append(Field("alarm_severity", "int32", (1,), _INT32.pack(severity)))
        fields.append(_text("alarm_message", message if type(message) is str else ""))
    if header.codec:
        fields.append(_text("codec", f"{header.codec}{' (lossy)' if header.codec == 'jpeg' else ''}"))
    taken = set(OWN)
    for name, entry in attributes:
        if type(name) is not str or not 1 <= len(name) <= MAX_NAME_CHARACTERS or name in taken:
            continue
        field = _attribute(name, entry)
        if field is not None:
            taken.add(name)
            fields.append(field)
    return fields


def _attribute(name: str, value: Any) -> Field | None:
    """Return the value of an attribute; None for one that is neither a number, a text nor an array of numbers."""
    if type(value) is bool:
        return Field(name, "bool", (1,), b"\1" if value else b"\0")
    if type(value) is int and -(2**63) <= value < 2**63:
        return Field(name, "int64", (1,), _INT64.pack(value))
    if type(value) is int and 0 <= value < 2**64:
        return Field(name, "uint64", (1,), _UINT64.pack(value))
    if type(value) is float:
        return Field(name, "float64", (1,), _FLOAT64.pack(value))
    if type(value) is str:
        return _text(name, value)
    if type(value) is np.ndarray and value.ndim == 1 and value.dtype.name in NUMPY_CODES:
        if 0 < value.nbytes <= MAX_ATTRIBUTE_BYTES:
            return Field(name, value.dtype.name, (value.size,), value.tobytes())
    return None


def _text(name: str, value: str) -> Field:
    # A value without bytes would be none at all; an empty text ends at once.
    raw = value.encode("utf-8", "replace")[:MAX_TEXT_BYTES] or b"\0"
    return Field(name, "string", (1,), raw)


def _places(dimensions: tuple[Dimension, ...], mode: int) -> tuple[Dimension, Dimension] | None:
    """Return the dimensions of columns and rows, None if these are simply the pixels of the detector."""
    if len(dimensions) == 2:
        x, y = dimensions
    elif len(dimensions) == 3:
        first, second = _PICTURE_OF.get(mode, (0, 1))
        x, y = dimensions[first], dimensions[second]
    else:
        return None
    return None if x.is_plain and y.is_plain else (x, y)


def axis_values(place: Dimension) -> bytes:
    """Return the pixel of the detector of each pixel along a dimension, float64 little endian.

    A pixel that stands for several has the number of the first of them. In a dimension that is reversed the offset
    is that of the last pixel.
    """
    numbers = place.offset + np.arange(place.size, dtype="<f8") * place.binning
    return (numbers[::-1] if place.reverse else numbers).tobytes()


def pulse_id_of(value: Mapping[str, Any], attribute: str | None) -> int:
    """Return the number of a value: that of an attribute, else its frame counter as an unsigned number.

    Raise :class:`Refused`.
    """
    if attribute is None:
        unique = value["uniqueId"]
        if type(unique) is not int:
            raise Refused("pulse id", f"uniqueId is {shorten(unique)}")
        return unique % 2**32
    for entry in value["attribute"]:
        if entry["name"] == attribute:
            number = entry["value"]
            if type(number) is float and number.is_integer():
                number = int(number)
            if type(number) is not int or not 0 <= number < 2**64:
                raise Refused("pulse id", f"the attribute {shorten(attribute)} is {shorten(number)}")
            return number
    raise Refused("pulse id", f"there is no attribute {shorten(attribute)} (--pulse-id-attribute)")

"""Reads what came as JSON into dataclasses and named tuples, and checks every field by its declared type. Pure.

Whoever writes to the bus is as little trusted as a camera: what is not of the declared type, not finite or absurdly
long is a :class:`ProtocolError`. Keys that are not known are ignored, so that versions may differ.
"""

import collections.abc
import dataclasses
import functools
import math
import types
import typing
from typing import Any, TypeVar

from stream_online_viewer.errors import ProtocolError

MOST_CHARACTERS = 4096
MOST_ITEMS = 16384
_LARGEST = 2**64

T = TypeVar("T")


def read_as(cls: type[T], content: Any) -> T:
    """Return an instance of a dataclass or a named tuple made of a JSON object; raise :class:`ProtocolError`."""
    found: T = _value(cls, content, cls.__name__)
    return found


@functools.cache
def _fields(cls: Any) -> dict[str, tuple[Any, bool]]:
    """Return the type of each field, and whether it has a default."""
    hints = typing.get_type_hints(cls)
    if dataclasses.is_dataclass(cls):
        missing = dataclasses.MISSING
        return {
            field.name: (hints[field.name], not (field.default is missing and field.default_factory is missing))
            for field in dataclasses.fields(cls)
        }
    return {name: (hints[name], name in cls._field_defaults) for name in cls._fields}


def _value(hint: Any, content: Any, where: str) -> Any:
    plain = _PLAIN.get(hint)
    if plain is not None:
        return plain(content, where)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _union(arguments, content, where)
    if origin is typing.Literal:
        if content not in arguments or not isinstance(content, str):
            raise ProtocolError(f"{where} is none of {', '.join(map(str, arguments))}")
        return content
    if origin is tuple:
        return _tuple(arguments, content, where)
    if origin is collections.abc.Mapping:
        if not isinstance(content, dict) or len(content) > MOST_ITEMS:
            raise ProtocolError(f"{where} is no object")
        key, item = arguments
        return {_value(key, name, where): _value(item, value, where) for name, value in content.items()}
    return _record(hint, content, where)


def _union(arguments: tuple[Any, ...], content: Any, where: str) -> Any:
    if content is None and types.NoneType in arguments:
        return None
    (other,) = [argument for argument in arguments if argument is not types.NoneType]
    return _value(other, content, where)


def _tuple(arguments: tuple[Any, ...], content: Any, where: str) -> Any:
    if not isinstance(content, list) or len(content) > MOST_ITEMS:
        raise ProtocolError(f"{where} is no list")
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_value(arguments[0], item, where) for item in content)
    if len(content) != len(arguments):
        raise ProtocolError(f"{where} has {len(content)} items instead of {len(arguments)}")
    return tuple(_value(hint, item, where) for hint, item in zip(arguments, content, strict=True))


def _record(cls: Any, content: Any, where: str) -> Any:
    if not isinstance(content, dict):
        raise ProtocolError(f"{where} is no object")
    values = {}
    for name, (hint, optional) in _fields(cls).items():
        if name in content:
            values[name] = _value(hint, content[name], name)
        elif not optional:
            raise ProtocolError(f"{where} has no {name}")
    return cls(**values)


def _text(content: Any, where: str) -> str:
    if not isinstance(content, str) or len(content) > MOST_CHARACTERS:
        raise ProtocolError(f"{where} is no text")
    try:
        content.encode()
    except UnicodeEncodeError:
        raise ProtocolError(f"{where} is no Unicode") from None
    return content


def _whole(content: Any, where: str) -> int:
    if type(content) is not int or not -_LARGEST < content < _LARGEST:
        raise ProtocolError(f"{where} is no whole number")
    return content


def _number(content: Any, where: str) -> float:
    if type(content) is float and math.isfinite(content):
        return content
    return float(_whole(content, where))


def _truth(content: Any, where: str) -> bool:
    if type(content) is not bool:
        raise ProtocolError(f"{where} is neither true nor false")
    return content


_PLAIN: dict[Any, Any] = {str: _text, int: _whole, float: _number, bool: _truth}

"""What can be wrong with a message of the stream, or with one value in it."""

from typing import Any, Literal, get_args

from stream_online_viewer.errors import ViewerError

RefusedReason = Literal[
    "main header",
    "main header size",
    "pulse id",
    "data header",
    "data header size",
    "data header compression",
    "channel count",
    "part count",
    "unknown header",
    "message size",
    "internal fault",
]
InvalidReason = Literal[
    "definition",
    "name",
    "duplicate name",
    "type",
    "shape",
    "encoding",
    "compression",
    "too large",
    "length",
    "compressed data",
    "text",
    "timestamp",
    "encoding",
]

REFUSED_REASONS: tuple[RefusedReason, ...] = get_args(RefusedReason)
INVALID_REASONS: tuple[InvalidReason, ...] = get_args(InvalidReason)


class Refused(ViewerError):
    """A message that cannot be used at all. ``reason`` is one of :data:`REFUSED_REASONS`, ``detail`` is one line."""

    def __init__(self, reason: RefusedReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: RefusedReason = reason
        self.detail = detail


class Invalid(ViewerError):
    """The value of one channel that cannot be used. ``reason`` is one of :data:`INVALID_REASONS`."""

    def __init__(self, reason: InvalidReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: InvalidReason = reason
        self.detail = detail


def shorten(value: Any) -> str:
    """Return a value that came from the stream as a short text for a detail line.

    Only the beginning of strings and no content of lists and objects is used: their ``repr`` may be long or too deeply
    nested.
    """
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:40] + "...")
    if value is None or isinstance(value, (bool, float)):
        return repr(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**20 else "a huge number"
    return "a list" if isinstance(value, list) else "an object"

"""What can be wrong with a message of the stream or with one value."""

from typing import Any, Literal, get_args

from stream_online_viewer.errors import ViewerError

RefusedReason = Literal[
    "htype",
    "main header",
    "main header size",
    "pulse id",
    "data header",
    "data header size",
    "data header compression",
    "channel count",
    "part count",
    "array header",
    "array size",
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
    "global timestamp",
    "encoder",
]

REFUSED_REASONS: tuple[RefusedReason, ...] = get_args(RefusedReason)
INVALID_REASONS: tuple[InvalidReason, ...] = get_args(InvalidReason)

MOST_TOLD = 120
_PACKAGE = "stream_online_viewer/"


class Refused(ViewerError):
    """A message that cannot be used. ``reason`` is one of :data:`REFUSED_REASONS`, ``detail`` is one line.

    ``htype`` is that of the message, as :func:`shorten` returns it, if it is the reason.
    """

    def __init__(self, reason: RefusedReason, detail: str, htype: str | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: RefusedReason = reason
        self.detail = detail
        self.htype = htype


class Invalid(ViewerError):
    """A value that cannot be used. ``reason`` is one of :data:`INVALID_REASONS`.

    ``channel`` is the name of the channel and ``picture`` whether it is an image, once known. ``of_definition``: the
    definition in the data header cannot be used, not only this value.
    """

    def __init__(self, reason: InvalidReason, detail: str, of_definition: bool = False) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: InvalidReason = reason
        self.detail = detail
        self.of_definition = of_definition
        self.channel: str | None = None
        self.picture = False

    def of(self, channel: str, picture: bool) -> "Invalid":
        """Store the channel of the value, and return self."""
        self.channel, self.picture = channel, picture
        return self


def shorten(value: Any) -> str:
    """Return a value from the stream as a short text for a detail line.

    Only the beginning of strings is used, and nothing of lists and objects, whose ``repr`` may be long or too deeply
    nested.
    """
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:40] + "...")
    if value is None or isinstance(value, (bool, float)):
        return repr(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**20 else "a huge number"
    return "a list" if isinstance(value, list) else "an object"


def problem_of(error: Exception) -> Invalid:
    """Return the problem for any exception, expected or not: one short line.

    It holds the text of the exception and its place in this program.
    """
    if isinstance(error, Invalid):
        return error
    at, place = error.__traceback__, ""
    while at is not None:
        name = at.tb_frame.f_code.co_filename
        if _PACKAGE in name:
            place = f" ({name.rpartition(_PACKAGE)[2]}:{at.tb_lineno})"
        at = at.tb_next
    text = " ".join(str(error).split())
    return Invalid("encoder", f"{type(error).__name__}{': ' if text else ''}{text[:MOST_TOLD]}{place}")

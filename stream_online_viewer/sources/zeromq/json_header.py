"""Reads the JSON object in the first part of a message, for formats that have one."""

import json
from typing import Any, cast

from stream_online_viewer.model.problems import Refused, RefusedReason, shorten
from stream_online_viewer.model.pulse import Part

MAX_HEADER_BYTES = 64 * 1024

_decode = json.JSONDecoder().decode


def parse_first_part(part: Part) -> dict[str, Any]:
    """Return the object in the first part of a message; raise :class:`Refused`."""
    if len(part) > MAX_HEADER_BYTES:
        raise Refused("main header size", f"{len(part)} bytes; at most {MAX_HEADER_BYTES} are read")
    if len(part) == 0:
        raise Refused("main header", "empty")
    header = parse_json(part, "main header")
    if type(header) is not dict:
        raise Refused("main header", f"{shorten(header)} instead of an object")
    return header


def parse_json(part: Part, what: RefusedReason) -> Any:
    """Return the value of a JSON text; raise :class:`Refused` with the reason ``what``."""
    try:
        return _decode(str(cast(bytes, part), "utf-8"))
    except RecursionError:
        raise Refused(what, "nested too deeply") from None
    except ValueError:
        # Not UTF-8, not JSON, or an integer of more than 4300 digits.
        raise Refused(what, "not JSON in UTF-8") from None


def claimed_htype(part: Part) -> str | None:
    """Return the ``htype`` of the object in the first part of a message, None if there is none."""
    try:
        htype = parse_first_part(part).get("htype")
    except Refused:
        return None
    return htype if type(htype) is str else None

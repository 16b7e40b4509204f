"""A viewer on a slow link: acknowledges like a page on a display of 60 Hz, and stores when everything arrived."""

import json
import struct
import time
from dataclasses import dataclass, field
from typing import Any

from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.support import deadline

DISPLAY_SECONDS = 1 / 60
FRAME = 1
OPEN_SECONDS = 30.0
_SCALARS_AT = 24
_HEAD_AT = 56


@dataclass
class Image:
    """One image: its arrival (monotonic seconds), the ages of its pulse at arrival and when drawn, and its bytes."""

    at: float
    age: float
    drawn_age: float
    size: int


@dataclass
class Seen:
    """What one viewer received after its warm-up."""

    seconds: float = 0.0
    images: list[Image] = field(default_factory=list)
    scalar_ages: list[float] = field(default_factory=list)
    """Seconds since the source's time of the newest pulse of each batch."""
    rows: int = 0
    lost_rows: int = 0
    missing_rows: int = 0
    """Rows missing between the first and the last that the server did not count as lost."""
    gaps: list[float] = field(default_factory=list)
    """Seconds between messages of any kind."""
    you: list[dict[str, Any]] = field(default_factory=list)
    """The server's ``you`` for this viewer, once a second."""
    shown_as: list[str] = field(default_factory=list)
    """How the images were sent: ``raw``, ``bslz4`` or ``jpeg``, with the shape of the picture."""


def watch(url: str, seconds: float, warm_up: float, **want: Any) -> Seen:
    """Watch for so many seconds after the warm-up.

    Source, server and viewer are on one machine, so the wall clock at receipt, which every frame carries, is also the
    viewer's: the age of a pulse is exact. The age of scalars is relative to the source's time.
    """
    seen = Seen()
    last_row = 0
    with connect(
        url,
        subprotocols=[Subprotocol("sov.1")],
        max_size=None,
        compression=None,
        open_timeout=deadline(OPEN_SECONDS),
        # A browser does not send pings of its own.
        ping_interval=None,
    ) as connection:
        connection.send(json.dumps({"kind": "want", **want}))
        begin = time.monotonic() + warm_up
        end = begin + seconds
        drawing: list[tuple[float, float, int]] = []
        last = begin
        while (now := time.monotonic()) < end:
            if drawing and now >= drawing[0][0]:
                _, came, sequence = drawing.pop(0)
                connection.send(struct.pack("<B3xIQ", 1, int((now - came) * 1e6), sequence))
                continue
            try:
                data = connection.recv(timeout=max(0.0, min(end, drawing[0][0] if drawing else end) - now))
            except TimeoutError:
                continue
            now, wall = time.monotonic(), time.time()
            counts = now >= begin
            if counts:
                seen.gaps.append(now - last)
                last = now
            if isinstance(data, str):
                content = json.loads(data)
                if content["kind"] == "status" and counts:
                    seen.you.append(content["you"])
            elif data[4] == FRAME:
                (head,) = struct.unpack_from("<I", data, 20)
                (sequence,) = struct.unpack_from("<Q", data, 24)
                (receipt,) = struct.unpack_from("<q", data, 48)
                draw = (now // DISPLAY_SECONDS + 1) * DISPLAY_SECONDS
                drawing.append((draw, now, sequence))
                if counts:
                    age = wall - receipt * 1e-9
                    seen.images.append(Image(now, age, age + draw - now, len(data)))
                    seen.shown_as.append(_kind(json.loads(data[_HEAD_AT : _HEAD_AT + head])))
            else:
                (lost,) = struct.unpack_from("<I", data, 12)
                rows, _ = struct.unpack_from("<II", data, _SCALARS_AT)
                sequences = struct.unpack_from(f"<{rows}Q", data, _SCALARS_AT + 8)
                times = struct.unpack_from(f"<{rows}q", data, _SCALARS_AT + 8 + 16 * rows)
                if last_row:
                    seen.lost_rows += lost
                    seen.missing_rows += sequences[-1] - last_row - rows - lost
                last_row = sequences[-1]
                if counts:
                    seen.rows += rows
                    seen.scalar_ages.append(wall - times[-1] * 1e-9)
        seen.seconds = end - begin
    return seen


def _kind(head: dict[str, Any]) -> str:
    for block in head["blocks"]:
        if block["role"] == "image":
            return f"{block['format']} {block['shape'][1]}x{block['shape'][0]}"
    return "no image"

"""Limits the lines that clients can cause in the log: one of each kind in ten seconds, then the number of others.

The kind of a line is its template (``record.msg``), which is part of a program, not what a client puts into it. A
traceback of a library becomes one line with the error and its place, unless the log level is ``debug``.
"""

import logging
import traceback
from dataclasses import dataclass

from stream_online_viewer.web.clock import MONOTONIC, Clock

SECONDS = 10.0
MOST_KINDS = 256
OWN = "stream_online_viewer"
BOUNDED = {"is_bounded": True}
"""``extra`` of a line of which whoever writes it has counted that there are only a few: it is not held back."""
UNLIMITED = tuple(f"{OWN}.{name}" for name in ("parent", "web.running", "web.session", "web.supervisor"))
"""Loggers of lines that no client can cause: about the source and the ingest process."""


@dataclass(slots=True)
class _Kind:
    since: float
    more: int = 0
    last: str = ""
    level: int = logging.WARNING
    name: str = OWN


class LogLimit(logging.Filter):
    """A filter for a log handler. :meth:`tick` is to be called about once a second, in any thread."""

    def __init__(self, debug: bool = False, clock: Clock = MONOTONIC) -> None:
        super().__init__()
        self._debug = debug
        self._clock = clock
        self._kinds: dict[tuple[str, int, str], _Kind] = {}
        self.suppressed = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether this record is written; it may be changed."""
        if getattr(record, "is_bounded", False):
            return True
        if record.exc_info and not self._debug and not record.name.startswith(f"{OWN}."):
            record.msg, record.args = f"{record.getMessage().strip()}: {_in_a_line(record)}", ()
            record.exc_info, record.exc_text = None, None
        if record.name.startswith(UNLIMITED) and record.levelno > logging.DEBUG:
            return True
        now = self._clock()
        # Without arguments the text of a library may contain words of a client; such records share the kind of their
        # line.
        key = (record.name, record.levelno, str(record.msg) if record.args else f"{record.module}:{record.lineno}")
        kind = self._kinds.get(key)
        if kind is not None and now - kind.since < SECONDS:
            kind.more += 1
            kind.last = record.getMessage()[:500]
            self.suppressed += 1
            return False
        if kind is None and len(self._kinds) >= MOST_KINDS:
            self.suppressed += 1
            return False
        more = 0 if kind is None else kind.more
        self._kinds[key] = _Kind(now, level=record.levelno, name=record.name)
        if more:
            record.msg, record.args = f"{record.getMessage()} ({more} more like it before)", ()
        return True

    def tick(self) -> None:
        """Log the number of lines held back in ten seconds, one line for each kind, and forget kinds without any."""
        now = self._clock()
        for key, kind in list(self._kinds.items()):
            if now - kind.since < SECONDS:
                continue
            if not kind.more:
                del self._kinds[key]
                continue
            more, kind.more, kind.since = kind.more, 0, now
            logging.getLogger(kind.name).log(
                kind.level,
                "%d more like it in %.0f s, the last: %s",
                more,
                SECONDS,
                kind.last,
                extra=BOUNDED,
            )


def _in_a_line(record: logging.LogRecord) -> str:
    kind, error, trace = record.exc_info if isinstance(record.exc_info, tuple) else (None, None, None)
    frames = traceback.extract_tb(trace)
    where = f" ({frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno})" if frames else ""
    return f"{kind.__name__ if kind else 'error'}: {error}{where}".replace("\n", " ")[:500]

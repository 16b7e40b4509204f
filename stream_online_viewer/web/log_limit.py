"""What clients do never fills the log: of each kind of line one in ten seconds, then a line that says how many more.

A kind is what a record's text is made from (``record.msg``), which is written in a program, not what a client puts
into it. A library's traceback becomes one line that names the error and its place: what a client can bring about is no
reason for more, and ``--log-level debug`` still shows it.
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
UNLIMITED = (f"{OWN}.web.station", f"{OWN}.web.supervisor", f"{OWN}.web.server")
"""Loggers of what no client brings about: the source and the receiving process."""


@dataclass(slots=True)
class _Kind:
    since: float
    more: int = 0
    last: str = ""
    level: int = logging.WARNING
    name: str = OWN


class LogLimit(logging.Filter):
    """The filter of a handler; :meth:`tick` is to be called about once a second from any thread."""

    def __init__(self, debug: bool = False, clock: Clock = MONOTONIC) -> None:
        super().__init__()
        self._debug = debug
        self._clock = clock
        self._kinds: dict[tuple[str, int, str], _Kind] = {}
        self.suppressed = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether this record is written; it may be changed."""
        if getattr(record, "is_summary", False) or getattr(record, "is_bounded", False):
            return True
        if record.exc_info and not self._debug and not record.name.startswith(f"{OWN}."):
            record.msg, record.args = f"{record.getMessage().strip()}: {_in_a_line(record)}", ()
            record.exc_info, record.exc_text = None, None
        if record.name.startswith(UNLIMITED) and record.levelno > logging.DEBUG:
            return True
        now = self._clock()
        # The template of Flask, asyncio and the like may hold words of a client; those are few, and share a kind.
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
        """Write what was held back for ten seconds, one line for each kind, and forget the kinds that came no more."""
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
                extra={"is_summary": True},
            )


def _in_a_line(record: logging.LogRecord) -> str:
    kind, error, trace = record.exc_info if isinstance(record.exc_info, tuple) else (None, None, None)
    frames = traceback.extract_tb(trace)
    where = f" ({frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno})" if frames else ""
    return f"{kind.__name__ if kind else 'error'}: {error}{where}".replace("\n", " ")[:500]

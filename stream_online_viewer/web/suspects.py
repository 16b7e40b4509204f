"""Renditions of images whose encoding ended an ingest process, so that they are not tried again."""

import json
import signal
from collections import OrderedDict
from collections.abc import Sequence

from stream_online_viewer.protocol.encodings import Encoding
from stream_online_viewer.protocol.jsontext import to_json

CRASHES = frozenset(
    [signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL, signal.SIGSYS, signal.SIGTRAP]
)
MOST = 64
MOST_OF_A_KIND = 2
"""When so many renditions that differ only in part, levels and so on ended the process, all such are refused."""
KILLED_TIMES = 3
"""A kill from outside, perhaps by the kernel for lack of memory, says nothing about the encoding under way. Only the
same encoding so many times does."""

FORGET_SECONDS = 60.0


class Suspects:
    """The renditions that are not encoded any more, with the reasons."""

    def __init__(self) -> None:
        self._refused: OrderedDict[str, str] = OrderedDict()
        self._of_kind: dict[str, set[str]] = {}
        self._killed: OrderedDict[str, int] = OrderedDict()

    @property
    def refused(self) -> list[tuple[str, str]]:
        """What must not be encoded again, as the ingest process describes it, and why."""
        return list(self._refused.items())

    def ended(self, code: int, under_way: Sequence[Encoding], hung: Sequence[Encoding], lived: float) -> str | None:
        """Note how a process ended; return the description of what is refused from now on, None if nothing is.

        ``code`` is as ``Popen`` gives it. ``under_way`` is what was being encoded at the end, ``hung`` what was being
        encoded when the process became silent, if it was killed for that. ``lived`` are the seconds for which it ran.
        """
        if lived > FORGET_SECONDS:
            self._killed.clear()
        found = [encoding for encoding in under_way if encoding.hung]
        how = "did not end"
        if not found and hung:
            found = sorted(hung, key=lambda encoding: encoding.started)
        elif not found and -code in CRASHES:
            # The encoder thread before the one that only passes images on.
            found, how = sorted(under_way, key=lambda encoding: encoding.slot), f"crashed ({signal_name(code)})"
        elif not found and -code == signal.SIGKILL:
            found = [encoding for encoding in under_way if self._was_killed(encoding) >= KILLED_TIMES]
            how = f"was killed {KILLED_TIMES} times"
        if not found:
            return None
        return self._refuse(found[0].what, how)

    def _was_killed(self, encoding: Encoding) -> int:
        what = encoding.what.decode(errors="replace")
        self._killed[what] = self._killed.pop(what, 0) + 1
        while len(self._killed) > MOST:
            self._killed.popitem(last=False)
        return self._killed[what]

    def _refuse(self, what: bytes, how: str) -> str | None:
        try:
            text = what.decode()
            facts = json.loads(text)
            kind = to_json({**facts, "form": facts["form"]["name"]}).decode()
        except (ValueError, KeyError, TypeError):
            return None
        why = f"making this form of this image {how} before; it is not tried again until the server is started anew"
        others = self._of_kind.setdefault(kind, set())
        others.add(text)
        if len(others) >= MOST_OF_A_KIND:
            text = kind
        self._refused[text] = why
        while len(self._refused) > MOST:
            self._refused.popitem(last=False)
        return text


def signal_name(code: int) -> str:
    """Return the name of the signal of a negative exit code."""
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"

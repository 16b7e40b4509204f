"""The text messages of viewers, one in each of the :mod:`.turns` of the event loop.

One message costs as much time as sending an image to several viewers, and many may arrive together.
"""

from collections import deque
from collections.abc import Callable

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.protocol.client import Want, parse_want
from stream_online_viewer.web.allowance import CHANGE_SECONDS
from stream_online_viewer.web.clock import Clock, Later, Timer
from stream_online_viewer.web.turns import Turns

REASON_CHARACTERS = 120
"""Longest reason that is told in a close frame, which holds 123 bytes."""


class Words:
    """The text messages of one viewer.

    ``apply`` is called with its newest want: at once, or ``CHANGE_SECONDS`` after it was called last. ``refuse`` is
    called with a WebSocket close code and a reason for a message that breaks the protocol; nothing is read after it.
    How many messages may wait is limited by who receives them, see :mod:`.allowance`.
    """

    def __init__(
        self,
        turns: Turns,
        clock: Clock,
        later: Later,
        apply: Callable[[Want], None],
        refuse: Callable[[int, str], None],
    ) -> None:
        self._turns = turns
        self._clock = clock
        self._later = later
        self._apply = apply
        self._refuse = refuse
        self._texts: deque[bytes] = deque()
        self._newest = Want()
        self._next = 0.0
        self._timer = Timer()
        self._awaited = False
        """Whether the newest want is yet to take effect."""
        self._closed = False

    def add(self, text: bytes) -> None:
        """Read a message when it is its turn."""
        self._texts.append(text)
        if len(self._texts) == 1:
            self._turns.give(self._read)

    def close(self) -> None:
        """Forget all that was not read, and the want that has not taken effect."""
        self._closed = True
        self._texts.clear()
        self._timer.cancel()

    def _read(self) -> None:
        if self._closed:
            return
        try:
            want = parse_want(self._texts.popleft().decode("utf-8"), self._newest)
        except UnicodeDecodeError:
            self._refuse(1007, "the text is no UTF-8")
            return
        except ProtocolError as error:
            self._refuse(1008, str(error)[:REASON_CHARACTERS])
            return
        if want is not None:
            self._newest = want
            self._take_effect_soon()
        if self._texts:
            self._turns.give(self._read)

    def _take_effect_soon(self) -> None:
        if self._awaited:
            return
        self._awaited = True
        wait = self._next - self._clock()
        if wait > 0:
            self._timer.start(self._later, wait, self._due)
        else:
            self._due()

    def _due(self) -> None:
        self._turns.give(self._take_effect)

    def _take_effect(self) -> None:
        self._awaited = False
        if not self._closed:
            self._next = self._clock() + CHANGE_SECONDS
            self._apply(self._newest)

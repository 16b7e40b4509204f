"""Work that is no frame, in small parts: between any two of them the event loop does what else there is to do.

What all viewers say, and what is told to each of them once a second, would together delay the frame that arrives behind
it by milliseconds. Done in turns it delays that frame by one part only.
"""

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

T = TypeVar("T")
ITEMS = 4
"""Items of one turn, of work that takes about 0.1 ms for each."""


class Turns:
    """Calls functions in the order in which they were given, one in each turn of the event loop.

    ``soon`` calls a function in the next turn, after what has been received meanwhile.
    """

    def __init__(self, soon: Callable[[Callable[[], None]], object]) -> None:
        self._soon = soon
        self._waiting: deque[Callable[[], None]] = deque()

    def give(self, function: Callable[[], None]) -> None:
        """Call ``function`` when it is its turn."""
        self._waiting.append(function)
        if len(self._waiting) == 1:
            self._soon(self._next)

    def _next(self) -> None:
        function = self._waiting[0]
        try:
            function()
        finally:
            self._waiting.popleft()
            if self._waiting:
                self._soon(self._next)

    def share(self, items: Sequence[T], function: Callable[[T], None]) -> None:
        """Call ``function`` for each of the items, a few of them in each turn."""
        for at in range(0, len(items), ITEMS):
            self.give(partial(_for_each, items[at : at + ITEMS], function))


def _for_each(items: Sequence[T], function: Callable[[T], None]) -> None:
    for item in items:
        function(item)

"""An event loop that is turned by a test."""

from collections import deque
from collections.abc import Callable


class Loop:
    """The turns of an event loop, taken one by one."""

    def __init__(self) -> None:
        self.waiting: deque[Callable[[], None]] = deque()

    def turn(self) -> None:
        for function in [self.waiting.popleft() for _ in range(len(self.waiting))]:
            function()

    def run(self) -> None:
        while self.waiting:
            self.turn()

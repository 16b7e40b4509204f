"""Work in turns of the event loop."""

import pytest

from stream_online_viewer.web.turns import ITEMS, Turns
from tests.unit.loop_turns import Loop


def test_a_few_items_have_each_turn() -> None:
    """What is to be done for each of many items is shared by several turns, in their order, and others come between."""
    loop = Loop()
    turns = Turns(loop.waiting.append)
    done: list[int] = []
    turns.share(list(range(3 * ITEMS - 1)), done.append)
    turns.give(lambda: done.append(-1))
    counts = []
    while loop.waiting:
        loop.turn()
        counts.append(len(done))
    assert counts == [ITEMS, 2 * ITEMS, 3 * ITEMS - 1, 3 * ITEMS]
    assert done == [*range(3 * ITEMS - 1), -1]


def test_a_failure_ends_no_turns() -> None:
    """If one function raises, the next ones have their turns all the same."""
    loop = Loop()
    turns = Turns(loop.waiting.append)
    called: list[int] = []

    def fail() -> None:
        raise RuntimeError("broken")

    turns.give(fail)
    turns.give(lambda: called.append(1))
    with pytest.raises(RuntimeError, match="broken"):
        loop.turn()
    loop.run()
    assert called == [1]
    turns.give(lambda: called.append(2))
    loop.run()
    assert called == [1, 2]

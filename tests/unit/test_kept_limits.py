"""The limits of several web processes: exact over all, and free again when one has ended. And what is divided."""

from typing import Any

import pytest

from stream_online_viewer.parent.limits import KeptLimits
from stream_online_viewer.parent.shares import shares
from stream_online_viewer.web.answers import MOST_BYTES_EACH
from stream_online_viewer.web.lent import Lender
from stream_online_viewer.web.limits import ALL_IMAGES_BURST, IMAGE_BURST, MOST_REQUESTS, MOST_REQUESTS_EACH, limits_of


class Parent:
    """A parent without processes: both ends of what is asked, and who had to give way."""

    def __init__(self, max_viewers: int = 5) -> None:
        self.now = 1000.0
        self.limits = limits_of(max_viewers)
        self.gave_way: list[tuple[int, int]] = []
        self.kept = KeptLimits(self.limits, lambda: self.now, lambda *which: self.gave_way.append(which))
        self.silent = False

    def lender(self, process: int) -> Lender:
        """Return what a web process has of it."""
        control: Any = _Control(self, process)
        return Lender(control)


class _Control:
    """Stands for the socket: a question that the parent answers too late is granted all the same."""

    def __init__(self, parent: Parent, process: int) -> None:
        self._parent = parent
        self._process = process

    def ask(self, message: dict[str, Any], seconds: float) -> Any:
        answer = self._parent.kept.ask(self._process, message)
        return None if self._parent.silent else answer

    def send(self, message: dict[str, Any]) -> None:
        assert message["kind"] == "give_back"
        self._parent.kept.give_back(self._process, message["number"])


def test_places_for_viewers_are_those_of_all() -> None:
    """Two processes together have as many as one would; what leaves in one is free for the other."""
    parent = Parent(max_viewers=5)
    one, other = (parent.lender(number).limits().viewers for number in (1, 2))
    places = [entrance.enter("here") for entrance in (one, other, one, other, one)]
    assert all(places)
    assert one.enter("here") is None and other.enter("here") is None
    assert (parent.kept.viewers(1), parent.kept.viewers(2), parent.kept.all_viewers) == (3, 2, 5)
    assert places[0] is not None
    places[0].leave()
    places[0].leave()
    assert parent.kept.all_viewers == 4
    assert other.enter("here") is not None and one.enter("here") is None


def test_a_viewer_gives_way_to_one_of_another_process() -> None:
    """The process that has it is told its number, once; that it leaves afterwards changes nothing."""
    parent = Parent(max_viewers=4)
    lender = parent.lender(1)
    crowd = [lender.limits().viewers, parent.lender(2).limits().viewers]
    places = [crowd[0].enter("crowd") for _ in range(4)]
    assert crowd[1].enter("alone") is not None
    assert parent.gave_way == [(1, 4)]
    assert (parent.kept.viewers(1), parent.kept.viewers(2)) == (3, 1)
    last = lender.viewers[4]
    assert last is places[3]
    last.leave()
    assert (parent.kept.viewers(1), parent.kept.viewers(2)) == (3, 1)
    assert lender.viewers.keys() == {1, 2, 3}


def test_a_process_that_ends_holds_nothing_any_more() -> None:
    """Its viewers, answers and requests are free for the others."""
    parent = Parent(max_viewers=2)
    one, other = (parent.lender(number).limits() for number in (1, 2))
    assert one.viewers.enter("here") and one.viewers.enter("here")
    assert one.answers.take("here", object(), MOST_BYTES_EACH) is not None
    assert all(callable(one.requests.enter("here")) for _ in range(MOST_REQUESTS_EACH))
    assert other.viewers.enter("here") is None
    assert other.answers.take("here", object(), 1) is None
    assert other.requests.enter("here") == MOST_REQUESTS_EACH
    parent.kept.end(1)
    assert parent.limits.answers.bytes == 0
    assert parent.kept.all_viewers == 0
    assert other.viewers.enter("here") and other.viewers.enter("here")
    assert other.answers.take("here", object(), MOST_BYTES_EACH) is not None
    assert callable(other.requests.enter("here"))


def test_an_answer_counts_once_in_its_process() -> None:
    """However many read it there; each process has a copy of its own."""
    parent = Parent()
    one, other = (parent.lender(number).limits().answers for number in (1, 2))
    body = object()
    first, second = one.take("a", body, 1000), one.take("b", body, 1000)
    third = other.take("a", body, 1000)
    assert first and second and third
    assert parent.limits.answers.bytes == 2000
    first()
    assert parent.limits.answers.bytes == 2000
    second()
    third()
    assert parent.limits.answers.bytes == 0


def test_requests_that_wait_are_those_of_all() -> None:
    """Few for one address and few together; one that has ended makes room."""
    parent = Parent()
    one, other = (parent.lender(number).limits().requests for number in (1, 2))
    waiting = [(one, other)[number % 2].enter("here") for number in range(MOST_REQUESTS_EACH)]
    assert one.enter("here") == other.enter("here") == MOST_REQUESTS_EACH
    for number in range(MOST_REQUESTS - MOST_REQUESTS_EACH):
        assert callable(one.enter(f"address {number}"))
    assert other.enter("another") == MOST_REQUESTS
    leave = waiting[1]
    assert callable(leave)
    leave()
    assert callable(other.enter("another"))


def test_rates_are_those_of_all() -> None:
    """Images and arrivals of one address, wherever it asks."""
    parent = Parent(max_viewers=5)
    one, other = (parent.lender(number).limits() for number in (1, 2))
    taken = sum((one, other)[number % 2].images.wait("here", 0.0) == 0 for number in range(100))
    assert taken == IMAGE_BURST
    assert 0 < other.images.wait("here", 0.0) <= 0.1
    every = sum((one, other)[number % 2].images.wait("proxy", 0.0, exempt=True) == 0 for number in range(1000))
    assert every == ALL_IMAGES_BURST - IMAGE_BURST
    assert sum((one, other)[number % 2].arrivals.wait("here", 0.0) == 0 for number in range(100)) == 50
    parent.now += 1.0
    assert one.arrivals.wait("here", 0.0) == 0


def test_a_parent_that_does_not_answer_grants_nothing() -> None:
    """And what it granted too late is given back."""
    parent = Parent()
    limits = parent.lender(1).limits()
    parent.silent = True
    assert limits.viewers.enter("here") is None
    assert limits.answers.take("here", object(), 1) is None
    assert limits.requests.enter("here") == MOST_REQUESTS
    assert limits.images.wait("here", 0.0) > 0
    assert parent.kept.all_viewers == parent.limits.answers.bytes == 0
    parent.silent = False
    assert all(callable(limits.requests.enter("here")) for _ in range(MOST_REQUESTS_EACH))


def test_shares_of_the_bandwidth() -> None:
    """By the viewers that are far, and never none, which would mean no limit; 0 is no limit for each."""
    assert shares(800.0, {1: 3, 2: 1}) == pytest.approx({1: 600.0, 2: 200.0})
    assert shares(800.0, {1: 0, 2: 0}) == pytest.approx({1: 400.0, 2: 400.0})
    alone = shares(800.0, {1: 20, 2: 0})
    assert sum(alone.values()) == pytest.approx(800.0)
    assert alone[1] > 0.95 * 800 and alone[2] > 0
    assert shares(0.0, {1: 5, 2: 0}) == {1: 0.0, 2: 0.0}
    assert shares(800.0, {}) == {}

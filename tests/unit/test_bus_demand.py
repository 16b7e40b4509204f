"""What web servers on the bus want together."""

import pytest

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.link.nats.messages import Beat, Interest, WebServer
from stream_online_viewer.protocol.rendition import Rendition
from stream_online_viewer.publisher.demand import MEMBER_SECONDS, MOST_MEMBERS, PULL_SECONDS, Demand

RAW, SMALL = Rendition(None, encoding="raw"), Rendition("cam", encoding="preview", binning=2)


def interest(sender: str, version: int, *lanes: Rendition, names: tuple[str, ...] = (), all_: bool = False) -> Interest:
    return Interest(sender, version, lanes, all_, names)


def beat(sender: str, version: int, *pulled: int, rate: float = 60.0, viewers: int = 1) -> Beat:
    return Beat(sender, version, pulled, rate, 1, 0, 0, WebServer("h", 1, "v", 80, viewers, 0.0, 0.0))


def test_the_union_of_all_lasts_as_long_as_anybody_wants_it() -> None:
    """Renditions, names and all scalars, through changes and the end of a web server."""
    demand = Demand()
    demand.take_interest(interest("a", 1, RAW, names=("x", "y")), 0.0)
    demand.take_interest(interest("b", 1, RAW, SMALL, names=("y",), all_=True), 0.0)
    assert set(demand.renditions) == {RAW, SMALL}
    assert demand.names == {"x", "y"} and demand.everything
    demand.take_interest(interest("a", 2, SMALL), 0.1)
    assert set(demand.renditions) == {RAW, SMALL} and demand.names == {"y"}
    demand.take_beat(beat("a", 2), 2.0)
    assert demand.tick(MEMBER_SECONDS + 0.5)
    assert demand.renditions == [SMALL] and not demand.names and not demand.everything
    assert list(demand.members) == ["a"]


def test_an_older_interest_changes_nothing() -> None:
    """It was overtaken."""
    demand = Demand()
    demand.take_interest(interest("a", 5, RAW), 0.0)
    demand.take_interest(interest("a", 4, SMALL), 0.0)
    assert demand.renditions == [RAW]


def test_frames_are_wanted_for_a_moment_after_they_were_asked_for() -> None:
    """As fast as the fastest of those that ask."""
    demand = Demand()
    demand.take_interest(interest("a", 1, RAW, SMALL), 0.0)
    demand.take_interest(interest("b", 1, RAW), 0.0)
    assert demand.rate(RAW, 0.0) == 0
    assert demand.take_beat(beat("a", 1, 0, rate=10.0), 1.0)
    assert demand.take_beat(beat("b", 1, 0, rate=30.0), 1.5)
    assert demand.rate(RAW, 1.6) == 30 and demand.rate(SMALL, 1.6) == 0
    demand.take_beat(beat("a", 1, 0, rate=10.0), 2.2)
    demand.tick(1.5 + PULL_SECONDS + 0.1)
    assert demand.rate(RAW, 2.7) == 10
    assert demand.rate(RAW, 2.2 + PULL_SECONDS + 0.1) == 0


def test_frames_that_nobody_hears_are_wanted_by_nobody() -> None:
    """Until somebody asks again."""
    demand = Demand()
    demand.take_interest(interest("a", 1, RAW), 0.0)
    demand.take_beat(beat("a", 1, 0), 0.0)
    demand.nobody_listens(RAW)
    assert demand.rate(RAW, 0.1) == 0
    demand.take_beat(beat("a", 1, 0), 0.2)
    assert demand.rate(RAW, 0.3) == 60


def test_a_lane_that_is_given_up_is_wanted_no_more() -> None:
    """At once, without waiting for its time to end."""
    demand = Demand()
    demand.take_interest(interest("a", 1, RAW, SMALL), 0.0)
    demand.take_beat(beat("a", 1, 0, 1), 0.0)
    demand.take_interest(interest("a", 2, SMALL), 0.1)
    assert demand.rate(RAW, 0.2) == 0 and demand.rate(SMALL, 0.2) == 60


def test_a_sign_of_life_of_somebody_unknown_is_answered_with_a_question() -> None:
    """Its interest is not known here, or is another one by now."""
    demand = Demand()
    assert not demand.take_beat(beat("a", 3, 0), 0.0)
    demand.take_interest(interest("a", 3, RAW), 0.0)
    assert demand.take_beat(beat("a", 3, 0), 0.0)
    assert not demand.take_beat(beat("a", 4, 0), 0.0)


def test_what_cannot_be_is_refused() -> None:
    """Ids that are no token of a subject, lanes that there are not, more web servers than anybody has."""
    demand = Demand()
    for sender in ("", "a.b", "a>", "*", "a b", "x" * 81, "\n"):
        with pytest.raises(ProtocolError):
            demand.take_interest(interest(sender, 1, RAW), 0.0)
    demand.take_interest(interest("a", 1, RAW), 0.0)
    for position in (-1, 1):
        with pytest.raises(ProtocolError):
            demand.take_beat(beat("a", 1, position), 0.0)
    for number in range(MOST_MEMBERS - 1):
        demand.take_interest(interest(f"m{number}", 1), 0.0)
    with pytest.raises(ProtocolError):
        demand.take_interest(interest("late", 1), 0.0)

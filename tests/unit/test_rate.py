"""How often something happens."""

import pytest

from stream_online_viewer.ingest.rate import Rate


def rate_of(times: list[float]) -> Rate:
    """Return a rate that has seen these times."""
    rate = Rate()
    for time in times:
        rate.add(time)
    return rate


@pytest.mark.parametrize("hertz", [0.2, 1.0, 10.0, 100.0, 1000.0])
def test_a_steady_rate_is_found(hertz: float) -> None:
    """From one in five seconds to a thousand a second."""
    times = [index / hertz for index in range(2000 if hertz > 1 else 12)]
    assert rate_of(times).value(times[-1]) == pytest.approx(hertz)


def test_nothing_is_said_before_there_are_two() -> None:
    """One occurrence has no rate."""
    assert rate_of([]).value(1.0) == 0.0
    assert rate_of([1.0]).value(1.0) == 0.0
    assert rate_of([1.0]).period() is None


def test_a_hiccup_does_not_move_the_rate() -> None:
    """A pause of a few periods is no other rate."""
    times = [index / 20 for index in range(40)]
    assert rate_of(times).value(times[-1] + 0.3) == pytest.approx(20.0)


def test_the_rate_falls_while_nothing_comes() -> None:
    """A source that stopped has no rate that stands, but the period stays known."""
    times = [index / 20 for index in range(40)]
    rate = rate_of(times)
    assert rate.value(times[-1] + 4.0) == pytest.approx(0.25)
    assert rate.value(times[-1] + 100.0) == 0.0


def test_the_rate_follows_a_change_within_two_seconds() -> None:
    """What was before the window does not count."""
    times = [index / 100 for index in range(500)]
    times += [times[-1] + (index + 1) / 10 for index in range(25)]
    assert rate_of(times).value(times[-1]) == pytest.approx(10.0, rel=0.1)


def test_what_comes_all_at_once_is_no_rate_that_lasts() -> None:
    """Hundred messages that waited somewhere and come within 10 ms, after a pause of three seconds, at 50 Hz."""
    times = [index / 50 for index in range(100)]
    times += [times[-1] + 3 + index / 10_000 for index in range(100)]
    rate = rate_of(times)
    assert rate.value(times[-1]) > 9000
    assert rate.sustained() <= 100


@pytest.mark.parametrize("hertz", [0.5, 10.0, 3000.0])
def test_a_steady_rate_lasts(hertz: float) -> None:
    """The rate for limits is the rate, once it was there for a second."""
    assert rate_of([index / hertz for index in range(int(4 * hertz) + 10)]).sustained() == pytest.approx(hertz)

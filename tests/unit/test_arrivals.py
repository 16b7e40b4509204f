"""How often viewers may come from one address."""

from stream_online_viewer.web.arrivals import ARRIVALS_PER_SECOND, MOST_ADDRESSES, Arrivals


def test_all_places_may_be_taken_at_once_and_then_some_a_second() -> None:
    """After a restart everybody behind a proxy comes back together; a storm from there is held to a rate."""
    arrivals = Arrivals(100)
    assert sum(arrivals.take("proxy", 1000.0) for _ in range(300)) == 100
    taken = sum(arrivals.take("proxy", 1000.0 + number / 1000) for number in range(1, 10_001))
    assert abs(taken - 10 * ARRIVALS_PER_SECOND) <= 1
    # After a while all may come again.
    assert sum(arrivals.take("proxy", 1020.0) for _ in range(300)) == 100


def test_one_address_does_not_count_for_another() -> None:
    """Whatever comes from elsewhere, a viewer from an address of its own comes in."""
    arrivals = Arrivals(1)
    assert arrivals.take("a", 0.0)
    assert not arrivals.take("a", 0.0)
    assert arrivals.take("b", 0.0)


def test_addresses_are_forgotten() -> None:
    """However many addresses come, the memory is bounded."""
    arrivals = Arrivals(10)
    for number in range(3 * MOST_ADDRESSES):
        assert arrivals.take(f"2001:db8::{number:x}", 0.0)
    assert len(arrivals) == MOST_ADDRESSES

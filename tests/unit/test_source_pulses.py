"""Pulse ids: what is lost, what is a jump."""

import random
from collections import Counter

import pytest

from stream_online_viewer.ingest.pulse_counter import WINDOW, PulseCounter


def _fed(*pulse_ids: int) -> tuple[PulseCounter, list[str]]:
    counter = PulseCounter()
    return counter, [counter.feed(pulse_id) for pulse_id in pulse_ids]


def test_steady_stream() -> None:
    """Ten pulses apart, as at 10 Hz of a 100 Hz machine: nothing is lost."""
    counter, kinds = _fed(*range(1000, 1500, 10))
    assert kinds == ["first"] + ["next"] * 49
    assert (counter.received, counter.lost, counter.step, counter.last) == (50, 0, 10, 1490)


def test_nothing_before_the_first_message() -> None:
    """Without messages there is no step and no last pulse."""
    counter, _ = _fed()
    assert (counter.received, counter.step, counter.last) == (0, None, None)


def test_a_gap_of_whole_steps_counts_as_lost() -> None:
    """From 20 to 50 in steps of ten, two are missing."""
    counter, kinds = _fed(0, 10, 20, 50, 60)
    assert kinds == ["first", "next", "next", "lost", "next"]
    assert (counter.lost, counter.jumps) == (2, 0)


def test_a_difference_that_is_no_multiple_is_a_jump() -> None:
    """Half a step forward says nothing about lost messages."""
    counter, kinds = _fed(0, 10, 20, 35, 45)
    assert kinds[3] == "jump"
    assert (counter.lost, counter.jumps) == (0, 1)


@pytest.mark.parametrize(("difference", "kind", "lost"), [(999, "lost", 998), (1000, "jump", 0), (10**15, "jump", 0)])
def test_a_thousand_pulses_are_a_jump(difference: int, kind: str, lost: int) -> None:
    """After a long break the pulses between were not lost on the way."""
    counter, kinds = _fed(0, 1, 2, 2 + difference)
    assert (kinds[-1], counter.lost) == (kind, lost)


def test_a_slow_stream_may_have_steps_of_more_than_a_thousand() -> None:
    """One message every twenty seconds is no jump."""
    counter, kinds = _fed(*range(0, 20000, 2000))
    assert set(kinds[1:]) == {"next"} and counter.step == 2000


def test_backwards_and_repeated() -> None:
    """A restarted source begins anew, and its next differences are judged as before."""
    counter, kinds = _fed(100, 101, 102, 102, 5, 6, 7)
    assert kinds == ["first", "next", "next", "repeated", "backwards", "next", "next"]
    assert (counter.backwards, counter.repeated, counter.received, counter.lost) == (1, 1, 7, 0)


def test_largest_pulse_ids() -> None:
    """64 bits are enough for no overflow."""
    counter, kinds = _fed(2**64 - 3, 2**64 - 2, 2**64 - 1, 0, 1)
    assert kinds == ["first", "next", "next", "backwards", "next"]
    assert counter.last == 1


def test_step_follows_the_stream() -> None:
    """When most of the last hundred differences are new, the step is the new one."""
    counter, _ = _fed(*range(0, 2000, 10))
    assert counter.step == 10
    last = counter.last or 0
    for pulse_id in range(last + 1, last + 52):
        counter.feed(pulse_id)
    assert counter.step == 1


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("variety", [2, 3, 200])
def test_step_is_the_most_frequent_difference(seed: int, variety: int) -> None:
    """The running count gives what counting all differences anew gives, after every message."""
    rng = random.Random(seed)
    counter, last, differences = PulseCounter(), 0, []
    counter.feed(0)
    for _ in range(600):
        difference = rng.choice([0, -3, *range(1, variety)])
        last = max(0, last + difference)
        if counter.last is not None and last > counter.last:
            differences.append(last - counter.last)
        counter.feed(last)
        counts = Counter(differences[-WINDOW:])
        if counts:
            most = max(counts.values())
            assert counter.step == min(step for step, count in counts.items() if count == most)


def test_sums_are_consistent() -> None:
    """Every message is one of the kinds."""
    rng = random.Random(1)
    counter = PulseCounter()
    kinds = Counter(counter.feed(rng.randrange(50)) for _ in range(1000))
    assert counter.received == 1000 == sum(kinds.values())
    assert (kinds["jump"], kinds["backwards"], kinds["repeated"]) == (
        counter.jumps,
        counter.backwards,
        counter.repeated,
    )

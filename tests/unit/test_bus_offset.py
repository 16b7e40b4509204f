"""The difference between two clocks, an hour apart, drifting, stepping: never wrong by more than it says."""

import random
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from stream_online_viewer.link.nats.offset import DRIFT, ClockOffset

SECOND = 1_000_000_000
HOUR = 3600 * SECOND


@dataclass
class World:
    """Two clocks and a way between them; ``now`` is true time in ns."""

    ahead: int = 0
    """What the other clock shows more than ours."""
    now: int = 10**15
    drift: float = 0.0

    def there(self) -> int:
        return self.now + self.ahead + int((self.now - 10**15) * self.drift)

    def trip(self, offset: ClockOffset, out: int, thinking: int, back: int) -> bool:
        """Make a round trip whose parts take these times, ns."""
        sent = self.now
        self.now += out
        received = self.there()
        self.now += thinking
        answered = self.there()
        self.now += back
        return offset.add(sent, received, answered, self.now)

    def check(self, offset: ClockOffset) -> int:
        """Assert that the true difference is within what is said, and return the error."""
        found = offset.at(self.now)
        assert found is not None
        assert abs(self.there() - self.now - found.ns) <= found.error_ns + 1
        return found.error_ns


def test_clocks_an_hour_apart() -> None:
    """One round trip tells the difference to half of itself; the shortest of many counts."""
    for ahead in (-HOUR, 0, HOUR):
        world, offset = World(ahead), ClockOffset()
        assert offset.at(world.now) is None
        world.trip(offset, 3_000_000, 100_000, 1_000_000)
        assert world.check(offset) <= 2_000_001
        world.trip(offset, 50_000, 100_000, 90_000)
        # Asked again after the answer of the last moment.
        world.now += SECOND
        assert world.check(offset) <= 75_001 + DRIFT * SECOND


@settings(deadline=None)
@given(st.integers(-HOUR, HOUR), st.floats(-DRIFT / 2, DRIFT / 2), st.integers(0, 2**32))
def test_it_is_never_wrong_by_more_than_it_says(ahead: int, drift: float, seed: int) -> None:
    """Whatever the ways take, and while the clocks drift."""
    chance = random.Random(seed)
    world, offset = World(ahead, drift=drift), ClockOffset()
    for _ in range(100):
        assert world.trip(offset, chance.randrange(10**7), chance.randrange(10**6), chance.randrange(10**7))
        world.check(offset)
        world.now += chance.randrange(SECOND)
        if offset.at(world.now) is not None:
            world.check(offset)
    assert offset.steps == 0


@settings(deadline=None)
@given(st.sampled_from((-HOUR, -SECOND, SECOND, HOUR)))
def test_a_step_is_found_with_the_next_round_trip(step: int) -> None:
    """Everything that was known before is forgotten."""
    world, offset = World(HOUR), ClockOffset()
    for _ in range(10):
        world.trip(offset, 10**6, 10**5, 10**6)
        world.now += SECOND
    world.ahead += step
    world.trip(offset, 10**6, 10**5, 10**6)
    assert offset.steps == 1
    world.check(offset)


def test_what_comes_from_the_future_shows_a_step_at_once() -> None:
    """Before any round trip: from then on nothing is known, so nothing can count as later than a viewer."""
    world, offset = World(-HOUR), ClockOffset()
    world.trip(offset, 10**6, 10**5, 10**6)
    sent = world.there()
    world.now += 500_000
    assert offset.heard(sent, world.now)
    world.ahead += 10 * SECOND
    assert not offset.heard(world.there(), world.now)
    assert offset.at(world.now) is None and offset.steps == 1
    world.trip(offset, 10**6, 10**5, 10**6)
    world.check(offset)


def test_a_round_trip_that_cannot_be_is_not_used() -> None:
    """Answered before it was received there, or thought about for longer than it took."""
    offset = ClockOffset()
    assert not offset.add(100, 20, 10, 200)
    assert not offset.add(100, 10, 200, 150)
    assert not offset.add(200, 10, 20, 100)
    assert offset.at(300) is None

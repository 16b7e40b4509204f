"""Exact or preview: on simulated links, what a viewer is sent over time."""

from dataclasses import dataclass

import pytest

from stream_online_viewer.web.quality import GOOD_RATE, LinkEstimate, QualityController

PREVIEW_BYTES = 30_000


@dataclass
class Link:
    """A link of so many bytes a second and a fixed time for each image, beside the round trip."""

    bytes_per_second: float
    rtt: float = 0.001
    drawing: float = 0.005

    def seconds(self, size: int) -> float:
        """Return the time from sending to the acknowledgement."""
        return self.rtt + self.drawing + size / self.bytes_per_second


class World:
    """A viewer that is sent one image after the other."""

    def __init__(self, link: Link, exact_bytes: int, local: bool = False, rate: float = 25.0) -> None:
        self.link, self.exact_bytes, self.rate = link, exact_bytes, rate
        self.quality = QualityController(local)
        self.now = 100.0
        self.limit: float | None = None
        self.history: list[tuple[float, bool]] = []

    def estimate(self) -> LinkEstimate:
        """What there is now."""
        return LinkEstimate(self.exact_bytes, self.rate, self.limit, 1, self.link.rtt)

    def play(self, seconds: float) -> list[bool]:
        """Let time pass; return what each image was: exact or not."""
        end = self.now + seconds
        begun = len(self.history)
        exact = self.quality.decide(self.now, self.estimate())
        while self.now < end:
            size = self.exact_bytes if exact else PREVIEW_BYTES
            took = max(self.link.seconds(size), 1 / self.rate)
            self.now += took
            self.quality.acknowledged(self.now, self.link.seconds(size), size, self.link.rtt)
            self.history.append((self.now, exact))
            exact = self.quality.decide(self.now, self.estimate())
        return [exact for _, exact in self.history[begun:]]


def changes(images: list[bool]) -> int:
    """Return how often the picture changed between exact and preview."""
    return sum(one != other for one, other in zip(images, images[1:], strict=False))


def test_a_fast_link_gets_the_exact_image_within_a_second_and_keeps_it() -> None:
    """A gigabit link: a preview until the link is measured, exact from then on, one change in all."""
    world = World(Link(110e6), 4_000_000)
    first = world.play(1.0)
    assert first[0] is False
    assert first[-1] is True
    assert changes(first) == 1
    assert all(world.play(120))
    assert world.quality.why is None


def test_a_viewer_on_this_machine_begins_with_the_exact_image() -> None:
    """There is nothing to be measured first."""
    world = World(Link(2e9), 4_000_000, local=True)
    assert all(world.play(60))


def test_a_slow_link_is_never_tried_with_an_image_that_is_hopeless() -> None:
    """2 Mbit/s: an exact image would take 16 s."""
    world = World(Link(250_000, rtt=0.04), 4_000_000)
    assert not any(world.play(300))
    assert world.quality.why == "link"


def test_trials_on_a_middling_link_become_rare() -> None:
    """50 Mbit/s and 1 MB: 5.4 exact images a second are too few; ten minutes see a handful of trials of one image."""
    world = World(Link(6.25e6, rtt=0.02), 1_000_000)
    images = world.play(600)
    assert 1 <= sum(images) <= 8
    assert changes(images) == 2 * sum(images)
    assert not images[-1]
    assert world.quality.why == "link"


def test_full_quality_comes_back_by_itself() -> None:
    """A link that was bad for a while: the exact image is given up within 2 s, and is back within a minute after."""
    world = World(Link(110e6), 4_000_000)
    world.play(30)
    world.link = Link(5e6)
    assert not world.play(2.0)[-1]
    world.play(20)
    world.link = Link(110e6)
    assert world.play(60)[-1]


def test_one_slow_image_changes_nothing() -> None:
    """A hiccup of half a second is no reason for another picture."""
    world = World(Link(110e6), 1_000_000, local=True)
    world.play(10)
    good, world.link = world.link, Link(110e6, drawing=0.5)
    world.play(0.1)
    world.link = good
    assert all(world.play(10))


@pytest.mark.parametrize("factor", [0.85, 0.95, 1.0, 1.05, 1.2])
def test_a_link_at_the_threshold_does_not_flicker(factor: float) -> None:
    """Just around what is needed: at most a change a minute in ten minutes."""
    size = 1_000_000
    world = World(Link(size * GOOD_RATE / 2 * factor, drawing=0.0), size, local=True)
    assert changes(world.play(600)) <= 12


def test_the_bandwidth_limit_decides_without_a_trial() -> None:
    """A limit of 20 Mbit/s on a fast link: previews, and why; without the limit exact again."""
    world = World(Link(110e6), 4_000_000, local=True)
    world.play(5)
    world.limit = 20e6
    assert not any(world.play(30)[1:])
    assert world.quality.why == "limit"
    world.limit = None
    assert world.play(10)[-1]


def test_zooming_in_makes_the_exact_part_possible_at_once() -> None:
    """What was measured of the link tells that a small part of the image is no problem."""
    world = World(Link(6.25e6, rtt=0.02), 4_000_000)
    world.play(30)
    world.exact_bytes = 200_000
    assert world.play(3.0)[-1]
    world.exact_bytes = 4_000_000
    assert not world.play(1.5)[-1]


def test_a_slow_source_is_no_reason_for_previews() -> None:
    """One image a second that takes 0.4 s is as good as it gets."""
    world = World(Link(10e6), 4_000_000, local=True, rate=1.0)
    assert all(world.play(60))


def test_before_an_image_was_seen_nothing_is_decided() -> None:
    """Without a size the choice is what it was at the start."""
    for local in (True, False):
        assert QualityController(local).decide(1.0, LinkEstimate(None, 25.0, None, 1, 0.0)) is local
        assert QualityController(local).decide(1.0, LinkEstimate(0, 25.0, 1e6, 1, 0.0)) is local


def test_previews_get_coarser_where_even_they_are_slow_and_finer_again() -> None:
    """30 kB at 50 kB/s: 1.6 previews a second are made coarser; on a better link fine again."""
    world = World(Link(50_000, rtt=0.1), 4_000_000)
    world.play(10)
    assert world.quality.coarse > 1
    world.link = Link(1e6, rtt=0.1)
    world.link = Link(1e6, rtt=0.01)
    world.play(20)
    assert world.quality.coarse == 1

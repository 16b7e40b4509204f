"""Which channel is shown by default: found by the rules, and kept while it is there."""

from typing import Any

import numpy as np
import pytest

from stream_online_viewer.ingest.channels import ImageChoice
from stream_online_viewer.sources.bsread.headers import DataHeaders
from tests.raw_source import channel, message
from tests.unit.source_helpers import received

PERIOD = 0.1


class Stream:
    """Messages at 10 Hz, and what is chosen of each."""

    def __init__(self, configured: str | None = None) -> None:
        self.choice = ImageChoice(configured)
        self.headers = DataHeaders()
        self.now = 1000.0

    def send(self, period: float = PERIOD, **channels: Any) -> str | None:
        """Return the channel that is shown of one message; a value is a shape, or None for a channel without one."""
        self.now += period
        parts = [
            channel(name, None, type="uint16", shape=[5, 4]) if shape is None else channel(name, np.ones(shape, "u2"))
            for name, shape in channels.items()
        ]
        found = received(message(1, parts), self.headers)
        index = self.choice.find(found, self.now)
        return None if index is None else found.layout.channels[index].name

    def shown(self, seconds: float, **channels: Any) -> set[str | None]:
        """Return all that is shown while such messages come for some seconds."""
        return {self.send(**channels) for _ in range(round(seconds / PERIOD))}


def test_of_two_cameras_the_larger_one_is_shown_and_stays() -> None:
    """Sizes change every message, either may be the larger one: no jump, and no pulse without a picture."""
    stream = Stream()
    assert stream.send(a=(40, 50), b=(30, 50)) == "a"
    assert stream.shown(3, a=(4, 5), b=(300, 50)) == {"a"}
    for size in range(1, 60):
        assert stream.send(a=(size, 5), b=(60 - size, 5)) == "a"
    assert stream.shown(3, b=(10, 10), a=(1, 1)) == {"a"}
    # Nor does a third one that comes later, and is the largest.
    assert stream.shown(3, c=(500, 500), b=(10, 10), a=(1, 1)) == {"a"}


def test_two_cameras_that_take_turns_do_not_make_the_picture_jump() -> None:
    """Each message has the image of one of them: the first is shown, the other one's messages pass by."""
    stream = Stream()
    assert stream.send(a=(4, 5)) == "a"
    for _ in range(30):
        assert stream.send(b=(40, 50)) is None
        assert stream.send(a=(4, 5)) == "a"


def test_a_camera_that_comes_seldom_keeps_its_place() -> None:
    """Every two seconds among messages of another one at 10 Hz: as soon as its period is known it is waited for."""
    stream = Stream()
    assert stream.send(image=(4, 5)) == "image"
    for _ in range(5):
        for _ in range(9):
            stream.send(b=(40, 50))
        assert stream.send(image=(4, 5)) == "image"
    for _ in range(5):
        for _ in range(19):
            assert stream.send(b=(40, 50)) is None
        assert stream.send(image=(4, 5)) == "image"


@pytest.mark.parametrize(
    ("before", "after"), [("x", "cam:FPICTURE"), ("x", "image"), ("cam:FPICTURE", "image")], ids=lambda name: name
)
def test_a_channel_that_comes_first_by_its_name_takes_over_at_once(before: str, after: str) -> None:
    """The rules of the names hold whenever the channel comes, and however small it is."""
    stream = Stream()
    assert stream.send(PERIOD, **{before: (40, 50)}) == before
    assert stream.send(PERIOD, **{before: (40, 50), after: (2, 2)}) == after
    assert stream.send(PERIOD, **{before: (400, 500), after: (2, 2)}) == after


def test_an_image_takes_the_place_of_a_curve_at_once() -> None:
    """And a curve never that of an image that is there."""
    stream = Stream()
    assert stream.send(curve=(1000,)) == "curve"
    assert stream.send(curve=(1000,), a=(4, 5)) == "a"
    assert stream.shown(3, curve=(1000,), a=(4, 5)) == {"a"}


def test_an_image_that_is_a_curve_for_a_moment_loses_no_pulse() -> None:
    """It is shown as what it is; when it stays a curve, another image is shown after a second."""
    stream = Stream()
    assert stream.send(a=(4, 5), b=(3, 5)) == "a"
    for _ in range(5):
        assert stream.send(a=(7,), b=(3, 5)) == "a"
    assert stream.shown(2, a=(4, 5), b=(3, 5)) == {"a"}
    assert stream.shown(0.8, a=(7,), b=(3, 5)) == {"a"}
    assert stream.shown(1.5, a=(7,), b=(3, 5)) == {"a", "b"}
    assert stream.shown(1.5, a=(7,), b=(3, 5)) == {"b"}


def test_when_it_is_gone_the_largest_of_the_others_is_shown_and_stays() -> None:
    """After a second, when messages come without it; it does not take its place back."""
    stream = Stream()
    assert stream.shown(3, a=(40, 50), b=(3, 5), c=(4, 5)) == {"a"}
    assert stream.shown(0.9, b=(3, 5), c=(4, 5)) == {None}
    assert stream.shown(0.5, b=(3, 5), c=(4, 5)) <= {None, "c"}
    assert stream.shown(3, a=(40, 50), b=(30, 50), c=(4, 5)) == {"c"}


def test_a_channel_that_is_listed_without_a_value_is_waited_for() -> None:
    """Ten seconds, at the start as well as later."""
    stream = Stream()
    assert stream.shown(9, image=None, b=(3, 5)) == {None}
    assert stream.send(image=(2, 2), b=(3, 5)) == "image"
    assert stream.shown(9, image=None, b=(3, 5)) == {None}
    assert stream.shown(2, image=None, b=(3, 5)) == {None, "b"}
    assert stream.send(image=(2, 2), b=(3, 5)) == "image"


def test_the_configured_channel_alone_is_shown() -> None:
    """Whatever else there is, and however long it does not come."""
    stream = Stream("small")
    assert stream.shown(12, image=(40, 50)) == {None}
    assert stream.send(image=(40, 50), small=(1, 1)) == "small"
    assert stream.shown(12, image=(40, 50)) == {None}

"""From a wish to a rendition: which part of the image, which binning, which levels, and what viewers share."""

import sys
from dataclasses import replace
from typing import Any

import pytest

from stream_online_viewer.link.report import SourceImage
from stream_online_viewer.protocol.client import Want, parse_want
from stream_online_viewer.protocol.rendition import BINNINGS, FILES, Rendition
from stream_online_viewer.web.plan import (
    MOST_OWN,
    ImageFacts,
    Plan,
    binning_for,
    image_facts,
    make_plan,
    round_levels,
    seen_part,
)

CAMERA = ImageFacts("uint16", "plane", 2160, 2560, 4_000_000)


def plan(
    want: Want,
    exact: bool = False,
    local: bool = False,
    facts: Any = CAMERA,
    renditions: Any = (),
    coarse: int = 1,
    why: str | None = None,
) -> Plan:
    """The plan of a viewer while these renditions are sent."""
    own = [rendition for rendition in renditions if rendition.is_own]
    same = [rendition for rendition in renditions if (rendition.channel, rendition.slice) == (want.image, want.slice)]
    wishes = {rendition.colour for rendition in same if rendition.encoding not in FILES}
    return make_plan(want, exact, coarse, why, local, facts, own, wishes)


@pytest.mark.parametrize(
    ("picture", "crop", "binning"),
    [
        ((1000, 700), None, 3),
        ((2560, 2160), None, 1),
        ((5000, 5000), None, 1),
        ((1280, 1080), None, 2),
        ((1260, 1070), None, 2),
        ((100, 100), None, 24),
        ((1, 1), None, 32),
        ((1000, 700), (0, 0, 1280, 1080), 1),
        ((400, 400), (100, 100, 1200, 1200), 3),
        (None, None, 1),
    ],
)
def test_the_binning_fits_the_picture(
    picture: tuple[int, int] | None, crop: tuple[int, int, int, int] | None, binning: int
) -> None:
    """As coarse as possible while a preview has the pixels that it is drawn in; one of a few values."""
    assert binning_for(Want(picture=picture, crop=crop), CAMERA) == binning


def test_windows_that_differ_a_little_share_a_rendition() -> None:
    """Fifty windows around one size: a few encodings."""
    renditions = {plan(Want(picture=(900 + 7 * n, 640 + 5 * n))).rendition for n in range(50)}
    assert len(renditions) <= 3
    assert {rendition.binning for rendition in renditions} <= set(BINNINGS)


def test_levels_that_differ_a_little_share_a_rendition() -> None:
    """Levels are widened to a grid, by less than a thirtieth of their distance at each side."""
    renditions = {plan(Want(levels=(100.0 + 0.4 * n, 3000.0 + 0.7 * n))).rendition for n in range(20)}
    assert len(renditions) <= 3
    for low, high in [(100.0, 3000.0), (-1.5, 2.25), (1e-9, 2e-9), (-1e300, 1e300), (5.0, 5.0000001)]:
        rounded = round_levels(low, high)
        assert rounded[0] <= low < high <= rounded[1]
        assert rounded[1] - rounded[0] <= 1.07 * (high - low)


@pytest.mark.parametrize("crop", [(0, 0, 10, 10), (2550, 2150, 10, 10), (1000, 900, 300, 200), (0, 500, 2560, 300)])
def test_what_is_seen_comes_with_a_margin_on_a_grid(crop: tuple[int, int, int, int]) -> None:
    """The part holds what is seen, lies in the image, and is rounded, so that small movements change nothing."""
    seen = seen_part(crop, CAMERA)
    assert seen is not None
    x, y, width, height = seen
    assert x <= crop[0] and y <= crop[1]
    assert x + width >= min(2560, crop[0] + crop[2]) and y + height >= min(2160, crop[1] + crop[3])
    assert x % 64 == y % 64 == 0
    assert x + width <= 2560 and y + height <= 2160
    assert x + width == 2560 or (x + width) % 64 == 0
    assert width * height <= 0.5 * 2560 * 2160


@pytest.mark.parametrize("crop", [None, (0, 0, 2560, 2160), (100, 100, 2000, 1900), (3000, 3000, 50, 50)])
def test_most_of_the_image_is_sent_as_a_whole(crop: tuple[int, int, int, int] | None) -> None:
    """Nothing is cut where it would save little, and where nothing is seen."""
    assert seen_part(crop, CAMERA) is None


def test_exact_forms_for_near_and_far() -> None:
    """As it came on this machine, compressed once for all elsewhere; a part of it when that is what is seen."""
    assert plan(Want(), exact=True, local=True).rendition == Rendition(None, 0, "source")
    assert plan(Want(), exact=True).rendition == Rendition(None, 0, "bslz4")
    part = plan(Want(crop=(1000, 900, 300, 200)), exact=True)
    assert (part.sent_as, part.why, part.rendition.encoding) == ("crop", "zoom", "bslz4")
    assert part.rendition.crop is not None
    assert plan(Want(), exact=True).sent_as == "exact"


def test_wishes_are_kept_whatever_the_link() -> None:
    """Fixed formats are not subject to the choice, and the status says that they were wished."""
    for exact in (True, False):
        assert plan(Want(format="exact"), exact).sent_as == "exact"
        assert plan(Want(format="preview"), exact).sent_as == "preview"
        assert plan(Want(format="raw"), exact).rendition.encoding == "raw"
        assert plan(Want(format="float32"), exact, facts=replace(CAMERA, dtype="float64")).sent_as == "float32"
        for wish in ("exact", "preview", "raw", "bslz4"):
            assert plan(Want(format=wish), exact).why == "wish"
    assert plan(Want(format="float32")).sent_as == "exact"


def test_why_a_preview_is_sent_is_the_reason_of_the_choice() -> None:
    """The link, the limits, or that nothing is known yet."""
    for why in ("link", "limit", "start"):
        assert plan(Want(), why=why).why == why


def test_a_pause_is_the_whole_exact_image() -> None:
    """Whatever was wished or seen."""
    for want in (Want(paused=True), Want(paused=True, format="preview", crop=(0, 0, 10, 10), hover=(3, 4))):
        made = plan(want)
        assert (made.rendition, made.sent_as, made.why) == (Rendition(None, 0, "bslz4"), "exact", "pause")


def test_a_curve_is_never_a_preview() -> None:
    """One dimension has no picture."""
    assert plan(Want(format="preview"), facts=ImageFacts("float64", "curve", 1, 4096, 32768)).sent_as == "exact"


def test_the_place_under_the_cursor_is_rounded() -> None:
    """A move within the detail's inner part asks for nothing new."""
    renditions = {plan(Want(hover=(1000 + n, 500))).rendition for n in range(8)}
    assert len(renditions) == 1


def test_a_coarser_choice_is_for_automatic_previews_only() -> None:
    """Who asks for a preview gets the one that fits the window."""
    assert plan(Want(picture=(1280, 1080)), coarse=4).rendition.binning == 8
    assert plan(Want(picture=(1280, 1080), format="preview"), coarse=4).rendition.binning == 2


def test_forms_of_ones_own_are_bounded() -> None:
    """Beyond so many, the viewer gets what others share, and is told why; those who have a rendition keep it."""
    renditions: list[Any] = []
    for n in range(MOST_OWN + 5):
        renditions.append(plan(Want(picture=(1000, 700), hover=(100 * n, 0)), renditions=renditions).rendition)
    assert len({rendition for rendition in renditions if rendition.hover}) == MOST_OWN
    late = plan(Want(picture=(1000, 700), hover=(5, 2000)), renditions=renditions)
    assert (late.rendition, late.why) == (Rendition(None, 0, "preview", binning=3), "encoders")
    assert plan(Want(picture=(1000, 700), hover=(300, 0)), renditions=renditions).rendition == renditions[3]
    zoomed = plan(Want(crop=(1000, 900, 300, 200)), exact=True, renditions=renditions)
    assert (zoomed.rendition, zoomed.sent_as, zoomed.why) == (Rendition(None, 0, "bslz4"), "exact", "encoders")


def test_before_the_image_is_known_nothing_is_cut() -> None:
    """The first preview is binned by who sees the image first, to about the picture on the screen."""
    made = plan(Want(picture=(1000, 700), crop=(10, 10, 20, 20)), facts=None)
    assert made.rendition == Rendition(None, 0, "preview", fit=(1000, 696))
    assert plan(Want(), facts=None).rendition == Rendition(None, 0, "preview")


def test_levels_up_to_the_largest_number_are_levels() -> None:
    """Rounded to a grid they stay numbers, and so does what a viewer may say."""
    largest = sys.float_info.max
    for low, high in [(0.0, largest), (-largest, 0.0), (-largest, largest), (largest / 2, largest)]:
        assert parse_want(f'{{"kind": "want", "levels": [{low!r}, {high!r}]}}', Want()).levels == (low, high)
        rounded = round_levels(low, high)
        assert -largest <= rounded[0] <= low < high <= rounded[1] <= largest


@pytest.mark.parametrize("shape", [(480, 640, 3), (3, 480, 640), (480, 640, 4)])
def test_an_image_that_could_be_colour_is_what_a_viewer_wants(shape: tuple[int, int, int]) -> None:
    """A colour image has the bytes of all of its parts, a stack those of one slice; each wish has its own lane."""
    size = 2 * 480 * 640 * 3
    facts = image_facts(SourceImage("cam", "uint16", shape, None, size))
    assert {wish: fact.kind in ("interleaved", "planar") for wish, fact in facts.items()} == {
        None: False, "auto": True, "colour": True, "slices": False,
    }  # fmt: skip
    assert (facts["auto"].rows, facts["auto"].columns, facts["auto"].bytes) == (480, 640, size)
    assert facts["slices"].bytes == size // shape[0]
    for wish in (None, "auto", "slices"):
        assert plan(Want(colour=wish), exact=True, facts=facts[wish]).rendition == Rendition(
            None, 0, "bslz4", colour=wish
        )


def test_viewers_that_cannot_differ_share_a_lane() -> None:
    """Of an image that cannot be colour, the wish of colour changes nothing, whoever came first; files do not count."""
    facts = image_facts(SourceImage("cam", "uint16", (480, 640), None, 1000))[None]
    first = plan(Want(colour="auto"), facts=None).rendition
    assert first.colour == "auto"
    for wish in (None, "auto", "slices"):
        assert plan(Want(colour=wish), facts=facts, renditions=[first]).rendition.colour == "auto"
        assert plan(Want(colour=wish), facts=facts).rendition.colour is None
        assert (
            plan(
                Want(colour=wish), facts=facts, renditions=[Rendition(None, encoding="png", colour="auto")]
            ).rendition.colour
            is None
        )

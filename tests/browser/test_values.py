"""The values beside the picture: of its own pulse, exact, and nothing of the stream ever taken for HTML."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Dialog, Page

from tests.browser.steady_source import USUAL_RATE, SteadySource, constant, source_time
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import Order, Part, channel
from tests.server import ServerProcess, running_server
from tests.support import wait_until

IMAGE = np.arange(12, dtype=np.uint16).reshape(3, 4)
LARGE = 2**60

PAYLOADS = (
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 2'>",
    '"><svg onload="window.hacked = 3">',
    "'); window.hacked = 4; ('",
    "</textarea></title></style><iframe srcdoc='<script>parent.hacked = 5</script>'></iframe>",
    "javascript:window.hacked=6",
    "<a href='javascript:window.hacked = 7'>click</a>",
    "<details open ontoggle='window.hacked = 8'>",
    "&lt;b&gt; &amp; &quot;",
    "${window.hacked = 9} {{window.hacked = 10}}",
    "<style>body { display: none }</style>",
    "\u202e right to left \u0007 and a bell",
)


def by_pulse(pulse_id: int) -> list[Part]:
    """Return channels that tell the pulse id in several ways."""
    return [
        channel("image", np.full((3, 4), pulse_id, np.uint32)),
        channel("small", np.int32(pulse_id)),
        channel("large", np.int64(LARGE + pulse_id)),
        channel("text", f"pulse {pulse_id}"),
        channel("curve", pulse_id + np.arange(20.0)),
    ]


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source, whose messages each test sets."""
    with SteadySource(by_pulse) as source:
        yield source


@pytest.fixture
def slow_source(source: SteadySource) -> Iterator[SteadySource]:
    """The same at 2 Hz: so slow that the table follows each pulse, on a busy machine too."""
    source.make, source.rate = by_pulse, 2
    yield source
    source.rate = USUAL_RATE


@pytest.fixture
def viewer(page: Page, server: ServerProcess) -> ViewerPage:
    """The page of that server."""
    return ViewerPage(page).open(server)


def shown(viewer: ViewerPage, source: SteadySource, *parts: Part) -> None:
    """Send these channels beside an image until they are on the page."""
    source.make = constant(channel("image", IMAGE), *parts)
    viewer.wait_until_playing(after=source.next_pulse)
    viewer.wait_for("(id) => viewer.values.pulse.pulseId > id", "the table is of now", argument=source.next_pulse - 1)


def test_the_pulse_id_above_is_that_of_the_table(viewer: ViewerPage, slow_source: SteadySource) -> None:
    """At each look the pulse id of the picture, in the strip, and the one over the table are the same."""
    viewer.wait_until_playing(after=slow_source.next_pulse)
    pulses = viewer.page.evaluate(PULSES_OF_STRIP_AND_TABLE, 6)
    assert len({strip for strip, _ in pulses}) == 6
    assert all(strip == table for strip, table in pulses)


PULSES_OF_STRIP_AND_TABLE = """(count) => new Promise((resolve) => {
  const text = (id) => document.querySelector(`[data-testid=${id}]`).textContent;
  const seen = new Map();
  const look = () => {
    const pair = [text("pulse"), text("table-pulse")];
    seen.set(pair.join(), pair);
    if (new Set([...seen.values()].map(([strip]) => strip)).size >= count) resolve([...seen.values()]);
    else requestAnimationFrame(look);
  };
  look();
})"""

TABLE = """() => [document.querySelector("[data-testid=table-pulse]").textContent, ...["small", "large", "text"].map(
  (name) => document.querySelector(`[data-channel=${name}] [data-testid=value]`).textContent)]"""


def assert_of_one_pulse(table: dict[str, Any]) -> None:
    """The texts of the table, read at one moment, all tell the same pulse."""
    pulse = int(table[0])
    assert table[1:] == [str(pulse), str(LARGE + pulse), f"pulse {pulse}"]


def test_the_values_are_of_the_pulse_on_screen(viewer: ViewerPage, slow_source: SteadySource) -> None:
    """Picture, scalars and curve belong to the same pulse: by their ids, and by what the source made of it."""
    viewer.wait_until_playing(after=slow_source.next_pulse)
    seen: set[int] = set()
    while len(seen) < 5:
        moment = viewer.wait_for(MATCHED, "picture and table are of one pulse", 2)
        pulse_id = moment["pixels"][0]
        assert set(moment["pixels"]) == {pulse_id}
        assert moment["shown"] == moment["table"] == pulse_id
        assert moment["scalars"] == [pulse_id, LARGE + pulse_id, f"pulse {pulse_id}"]
        assert moment["curve"] == pulse_id
        seen.add(pulse_id)


# The pixels take a moment to come: only a look is taken during which the picture stayed the same.
MATCHED = """async () => {
  const before = viewer.shown.pulse.pulseId;
  const { values } = viewer;
  const pixels = await viewer.pixels();
  if (pixels.pulseId !== before || viewer.shown.pulse.pulseId !== before) return null;
  if (values.pulse.pulseId !== before) return null;
  return {
    shown: before, table: values.pulse.pulseId, pixels: Array.from(pixels.data),
    scalars: ["small", "large", "text"].map((name) => values.scalars.get(name).value),
    curve: values.arrays.get("curve").values[0],
  };
}"""


def test_the_table_is_of_one_pulse_at_any_rate(page: Page) -> None:
    """At 50 Hz, faster than the table is written anew, its texts still belong to one pulse, the one that it names."""
    with SteadySource(by_pulse, rate=50) as source, running_server(source.port) as server:
        viewer = ViewerPage(page).open(server)
        viewer.wait_until_playing()
        for _ in range(50):
            assert_of_one_pulse(page.evaluate(TABLE))


def test_the_picture_that_stands_has_its_own_values(viewer: ViewerPage, source: SteadySource) -> None:
    """The stream stops: what stays in the table is of the pulse of the picture that stays, not of one before."""
    source.make = by_pulse
    viewer.wait_until_playing(after=source.next_pulse)
    last = source.pause()
    try:
        viewer.wait_for("(id) => viewer.shown.pulse.pulseId == id", "the last picture is shown", argument=last)
        viewer.wait_for("(id) => viewer.values.pulse.pulseId == id", "the last values are shown", argument=last)
        table = viewer.page.evaluate(TABLE)
        assert_of_one_pulse(table)
        assert int(table[0]) == last
        viewer.wait_for_text("pulse", str(last))
    finally:
        source.resume()


def test_the_time_is_the_one_of_the_source(viewer: ViewerPage, source: SteadySource) -> None:
    """The time of the picture is the source's, to the nanosecond, whatever the clock of this machine says."""
    source.make = by_pulse
    viewer.wait_until_playing(after=source.next_pulse)
    pulse = viewer.moment().shown["pulse"]
    assert pulse["sourceTime"] == source_time(pulse["pulseId"])
    viewer.wait_for_text("time-note", "2020-09-13")


NUMBERS = [
    ("int64", np.int64(2**53 + 1), "9007199254740993", None),
    ("uint64", np.uint64(2**64 - 1), "18446744073709551615", None),
    ("int64_low", np.int64(-(2**63)), "-9223372036854775808", None),
    ("uint8", np.uint8(255), "255", None),
    ("int16", np.int16(-32768), "-32768", None),
    ("float64", np.float64(0.1) + 0.2, "0.300000", "0.30000000000000004"),
    ("float32", np.float32(0.1), "0.100000", "0.1"),
    ("tiny", np.float64(5e-324), "4.94066e-324", "5e-324"),
    ("nan", np.float64(np.nan), "NaN", "NaN"),
    ("infinity", np.float32(np.inf), "inf", "inf"),
    ("minus", np.float64(-np.inf), "-inf", "-inf"),
    ("yes", np.bool_(True), "true", None),
    ("no", np.bool_(False), "false", None),
    ("words", "Sätze, ≥ 2", "Sätze, ≥ 2", None),
]


@pytest.mark.parametrize("order", ["little", "big"])
def test_scalars_are_shown_as_sent(viewer: ViewerPage, source: SteadySource, order: Order) -> None:
    """Numbers of all kinds, 64-bit integers with all digits, strings and truth values are as they were sent."""
    shown(viewer, source, *(channel(name, value, order=order) for name, value, _, _ in NUMBERS))
    for name, _, text, title in NUMBERS:
        assert viewer.value(name).inner_text() == text, name
        if title is not None:
            assert viewer.value(name).get_attribute("title") == title, name


def test_null_and_invalid_are_shown_as_such(viewer: ViewerPage, source: SteadySource) -> None:
    """A channel without value says null, one that cannot be read says why; neither looks like a number."""
    shown(
        viewer,
        source,
        channel("nothing", None),
        channel("broken", np.float64(1), shape=[7]),
        channel("fine", np.int32(3)),
    )
    assert viewer.value("nothing").inner_text() == "null"
    assert viewer.value("nothing").get_attribute("data-tone") == "null"
    assert viewer.value("broken").inner_text().startswith("invalid: ")
    assert viewer.value("broken").get_attribute("data-tone") == "invalid"
    assert viewer.value("fine").inner_text() == "3"


def test_a_channel_that_left_shows_its_last_value_as_such(viewer: ViewerPage, source: SteadySource) -> None:
    """A channel that the message of this pulse does not list keeps its value for a while, marked with pulse and age."""
    shown(viewer, source, channel("guest", np.int32(41)), channel("host", np.int32(1)))
    assert viewer.value("guest").inner_text() == "41"
    assert viewer.row("guest").get_attribute("data-held") is None
    shown(viewer, source, channel("host", np.int32(2)))
    assert viewer.value("guest").inner_text() == "41"
    assert viewer.row("guest").get_attribute("data-held") is not None
    assert re.search(r"Of pulse \d+, \d+\.\d s ago", viewer.value("guest").get_attribute("title") or "")
    assert viewer.value("host").inner_text() == "2"
    # It came with each pulse before, so it is not waited for long.
    wait_until(lambda: viewer.value("guest").inner_text() == "not in this pulse", 10, "the value is old")
    assert "last: 41" in (viewer.value("guest").get_attribute("title") or "")


def test_a_long_string_can_be_read_whole(viewer: ViewerPage, source: SteadySource) -> None:
    """A long text is cut in its row, and a click shows all of it, JSON with its lines."""
    text = '{"processing": {"threshold": 9007199254740993, "region": [1, 2, 3]}, "name": "' + "x" * 80 + '"}'
    shown(viewer, source, channel("parameters", text))
    assert viewer.value("parameters").inner_text().endswith("…")
    viewer.value("parameters").click()
    full = viewer.row("parameters").locator("pre").inner_text()
    assert '"threshold": 9007199254740993,' in full
    assert "x" * 80 in full


def test_the_table_can_be_filtered(viewer: ViewerPage, source: SteadySource) -> None:
    """A part of a name typed into the filter leaves the rows whose names hold it."""
    shown(
        viewer, source, *(channel(name, np.int32(1)) for name in ("SAR-CVME:ENERGY", "SAR-CVME:CHARGE", "OTHER:energy"))
    )
    viewer.page.get_by_label("Filter channels by name").fill("energy")
    assert viewer.row("SAR-CVME:ENERGY").is_visible()
    assert viewer.row("OTHER:energy").is_visible()
    assert viewer.row("SAR-CVME:CHARGE").is_hidden()


def test_html_in_the_stream_is_text(viewer: ViewerPage, source: SteadySource) -> None:
    """Names and strings that are HTML or script stand literally in the table, and nothing of them is run or loaded."""
    dialogs = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    viewer.page.on("dialog", dismiss)
    elements = "() => document.querySelectorAll('script, iframe, img, style, a, details, svg').length"
    named = [channel(f"{payload} in a name", np.int32(1)) for payload in PAYLOADS]
    valued = [channel(f"text {number}", payload) for number, payload in enumerate(PAYLOADS)]
    reasons = [channel(f"{payload} invalid", np.float64(1), shape=[7]) for payload in PAYLOADS]
    shown(viewer, source)
    before = viewer.page.evaluate(elements)
    shown(viewer, source, *named, *valued, *reasons)
    for number, payload in enumerate(PAYLOADS):
        row = viewer.row(f"{payload} in a name")
        assert row.locator(".row-name").text_content() == f"{payload} in a name"
        assert row.get_by_test_id("value").text_content() == "1"
        assert viewer.value(f"{payload} invalid").inner_text().startswith("invalid: ")
        assert payload.startswith(viewer.value(f"text {number}").text_content().removesuffix("…"))
        viewer.value(f"text {number}").click()
        assert viewer.row(f"text {number}").locator("pre").text_content() == payload
    viewer.row(f"{PAYLOADS[0]} in a name").click()
    assert viewer.page.evaluate(elements) == before
    assert viewer.page.evaluate("() => window.hacked") is None
    assert viewer.page.evaluate("() => getComputedStyle(document.body).display") == "grid"
    assert dialogs == []


def test_html_in_the_name_of_an_image_channel_is_text(page: Page) -> None:
    """The same for channels that are offered as image, kept in the URL, and for a curve that is enlarged."""
    names = [f"{payload} image" for payload in PAYLOADS[:4]]
    curve = f"{PAYLOADS[1]} curve"
    parts = [channel(name, IMAGE) for name in names] + [channel(curve, np.arange(30.0))]
    with SteadySource(constant(*parts)) as source, running_server(source.port) as server:
        viewer = ViewerPage(page).open(server)
        viewer.wait_until_playing()
        options = viewer.by_id("image-channel").locator("option")
        viewer.wait_for(
            "(count) => document.querySelectorAll('#image-channel option').length === count", "the choice", argument=4
        )
        texts = options.all_text_contents()
        assert {text.split("  (")[0] for text in texts} == set(names)
        viewer.by_id("image-channel").select_option(label=next(text for text in texts if names[2] in text))
        viewer.wait_for("(name) => viewer.shown?.channel === name", "the chosen channel is shown", argument=names[2])
        viewer.row(curve).locator("canvas").wait_for()
        viewer.value(curve).click()
        assert viewer.by_id("curve-name").text_content() == curve
        viewer.wait_for("() => location.hash.startsWith('#image=')", "the URL keeps the choice")
        page.reload()
        viewer.wait_until_playing()
        assert viewer.moment().shown["channel"] == names[2]
        assert page.evaluate("() => window.hacked") is None

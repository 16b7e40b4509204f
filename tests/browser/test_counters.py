"""Lost pulses, refused messages and limits are counted on the page, and are alarms only where they are one."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Locator, Page

from tests.browser.steady_source import SteadySource
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import Part, channel, message
from tests.server import ServerProcess, running_server
from tests.support import wait_until


def by_pulse(pulse_id: int) -> list[Part]:
    """Return the channels of a message."""
    return [channel("image", np.full((6, 8), pulse_id % 250, np.uint8))]


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source at 20 Hz."""
    with SteadySource(by_pulse, rate=20) as source:
        yield source


@pytest.fixture(scope="module")
def server(source: SteadySource) -> Iterator[ServerProcess]:
    """A server on that source, with a limit of five pictures a second."""
    with running_server(source.port, "--max-rate", "5") as server:
        yield server


@pytest.fixture
def viewer(page: Page, server: ServerProcess) -> ViewerPage:
    """The page of that server, playing, with a status that tells the step of the pulse ids."""
    viewer = ViewerPage(page).open(server)
    viewer.wait_until_playing()
    viewer.wait_for("() => viewer.status?.source.step === 1", "the step is known")
    return viewer


def alarm(viewer: ViewerPage, field: str) -> str | None:
    """Return how loud a field is."""
    return viewer.page.locator(f"[data-field={field}]").get_attribute("data-alarm")


def details(viewer: ViewerPage, field: str) -> Locator:
    """Open a field and return what holds its parts."""
    viewer.by_id(field).click()
    return viewer.page.get_by_role("region", name="Details")


def test_lost_pulses_are_counted_and_an_alarm(viewer: ViewerPage, source: SteadySource) -> None:
    """Three pulses do not arrive: the page counts 3 more, as an alarm."""
    before = int(viewer.wait_for_text("lost"))
    source.skip(3)
    viewer.wait_for_text("lost", str(before + 3))
    assert alarm(viewer, "lost") == "now"


def test_refused_messages_are_counted_with_their_reasons(viewer: ViewerPage, source: SteadySource) -> None:
    """Messages that cannot be used are counted, and the opened field says why; the stream plays on."""
    assert alarm(viewer, "refused") is None
    for _ in range(4):
        source.send_parts([b"this is no header", b""])
    source.send_parts(message(1, by_pulse(1))[:3])
    viewer.wait_for_text("refused", "5")
    assert alarm(viewer, "refused") == "now"
    assert {"4", "1"} <= set(details(viewer, "refused").inner_text().splitlines())
    viewer.wait_for_frames(3)


def test_a_limit_is_said_and_is_no_alarm(viewer: ViewerPage) -> None:
    """With `--max-rate 5` on a 20 Hz stream the page shows no more than 5 a second and says why."""
    viewer.wait_for_text("limits", "5 /s")
    viewer.wait_for_text("limits-note", "rate holds back")

    def per_second(field: str) -> float:
        return float(viewer.text(field).split()[0])

    wait_until(lambda: 0 < per_second("shown") < 6.5, 10, "five pictures a second are shown")
    wait_until(lambda: per_second("received") > per_second("shown"), 10, "more images are received than are shown")
    wait_until(lambda: int(viewer.text("replaced")) > 0, 10, "images that were not shown are counted")
    assert alarm(viewer, "replaced") is None


def test_a_restarted_source_is_told_from_lost_pulses(viewer: ViewerPage, source: SteadySource) -> None:
    """Pulse ids that go backwards are no loss: the field says that the source was restarted or reordered."""
    before = viewer.text("lost")
    told = details(viewer, "lost")

    def backwards() -> int:
        return int(told.inner_text().replace("\n\n", "\n").partition("(source restarted or reordered)\n")[2].split()[0])

    # A message that was refused has gone backwards already.
    times = backwards()
    source.skip(1 - source.next_pulse)
    wait_until(lambda: backwards() == times + 1, 10, "it is told")
    assert viewer.text("lost") == before


def test_each_viewer_is_counted(viewer: ViewerPage, new_page: Callable[[], Page]) -> None:
    """The number of viewers is that of the pages that are open."""
    viewer.wait_for_text("viewers", "1")
    other = new_page()
    other.goto(viewer.page.url)
    viewer.wait_for_text("viewers", "2")
    other.close()
    viewer.wait_for_text("viewers", "1")

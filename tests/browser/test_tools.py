"""Tools on the picture: zoom to a rectangle, markers, ruler, reticle, map, orientation, steps back, and their keys."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.profiles import Kind
from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage, expected_place
from tests.raw_source import channel
from tests.server import ServerProcess, running_server
from tests.support import wait_until

ROWS, COLUMNS = SHAPE = (120, 160)
# A spot that is easy to find: its middle at row 30, column 110.
_Y, _X = np.mgrid[:ROWS, :COLUMNS]
IMAGE = (50 + 3000 * np.exp(-((_X - 110) ** 2 + (_Y - 30) ** 2) / (2 * 4.0**2))).astype(np.uint16)


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server on a source, all of whose images are alike."""
    with SteadySource(constant(channel("image", IMAGE))) as source, running_server(source.port) as server:
        yield server


def percent(viewer: ViewerPage) -> float:
    """Return the zoom that the page shows, in percent."""
    return float(viewer.wait_for_text("zoom-percent", "%").removesuffix("%"))


def fitted_percent(viewer: ViewerPage) -> float:
    """Return the zoom at which the whole image fills the canvas."""
    box = viewer.canvas_box()
    return 100 * min(box["height"] / ROWS, box["width"] / COLUMNS)


def wait_for_zoom(viewer: ViewerPage, expected: float, within: float = 1.0) -> None:
    """Wait until the page shows this zoom, in percent."""
    wait_until(lambda: abs(percent(viewer) - expected) <= within, 5, f"a zoom of {expected} %")


def pixel(viewer: ViewerPage, row: float, column: float) -> tuple[float, float]:
    """Return where a pixel lies on the page while the whole image is shown."""
    return expected_place(viewer.canvas_box(), SHAPE, row, column)


def drag(viewer: ViewerPage, start: tuple[float, float], end: tuple[float, float], key: str | None = None) -> None:
    """Drag with the mouse, while a key is held."""
    viewer.page.mouse.move(*start)
    if key is not None:
        viewer.page.keyboard.down(key)
    viewer.page.mouse.down()
    viewer.page.mouse.move(*end, steps=6)
    viewer.page.mouse.up()
    if key is not None:
        viewer.page.keyboard.up(key)


def hash_has(viewer: ViewerPage, part: str) -> None:
    """Wait until the fragment of the URL holds this part."""
    viewer.wait_for("(part) => location.hash.slice(1).split('&').includes(part)", f"{part} in the URL", argument=part)


def hash_lacks(viewer: ViewerPage, name: str) -> None:
    """Wait until the fragment of the URL does not hold a parameter."""
    viewer.wait_for("(name) => !location.hash.includes(`${name}=`)", f"no {name} in the URL", argument=name)


def pressed(viewer: ViewerPage, name: str) -> bool:
    """Return whether a tool or switch is on."""
    return viewer.by_id(f"tool-{name}").get_attribute("aria-pressed") == "true"


def seen_place(viewer: ViewerPage, x: float, y: float) -> tuple[int, ...]:
    """Return row and column under a place of the page."""
    viewer.page.mouse.move(x, y)
    text = viewer.wait_for_text("readout-place", "row")
    return tuple(int(part.split()[-1]) for part in text.split(","))


class TestZoom:
    """What is seen of the image."""

    def test_ctrl_and_drag_zoom_to_a_rectangle(self, viewer: ViewerPage) -> None:
        """The rectangle that is drawn with Ctrl is as large as it fits in the middle of the stage."""
        drag(viewer, pixel(viewer, 20.5, 90.5), pixel(viewer, 49.5, 129.5), "Control")
        # 40 columns and 30 rows have the aspect of the image: four times the zoom.
        wait_for_zoom(viewer, 4 * fitted_percent(viewer), within=0.06 * 4 * fitted_percent(viewer))
        box = viewer.canvas_box()
        row, column = seen_place(viewer, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert abs(row - 35) <= 1
        assert abs(column - 110) <= 1

    def test_the_tool_zooms_once(self, viewer: ViewerPage) -> None:
        """The tool is in hand until it was used; then dragging moves the picture again."""
        viewer.by_id("tool-zoom").click()
        assert pressed(viewer, "zoom")
        drag(viewer, pixel(viewer, 10, 10), pixel(viewer, 60, 80))
        wait_until(lambda: percent(viewer) > 1.5 * fitted_percent(viewer), 5, "it is enlarged")
        assert pressed(viewer, "pan")
        assert not pressed(viewer, "zoom")

    def test_escape_ends_a_drag(self, viewer: ViewerPage) -> None:
        """Escape while a rectangle is drawn: nothing is zoomed, and the tool is still in hand; again, and it is not."""
        viewer.page.keyboard.press("w")
        viewer.page.mouse.move(*pixel(viewer, 10, 10))
        viewer.page.mouse.down()
        viewer.page.mouse.move(*pixel(viewer, 60, 80), steps=4)
        viewer.page.keyboard.press("Escape")
        viewer.page.mouse.move(*pixel(viewer, 70, 90), steps=2)
        viewer.page.mouse.up()
        assert pressed(viewer, "zoom")
        assert percent(viewer) == pytest.approx(fitted_percent(viewer), abs=1)
        viewer.page.keyboard.press("Escape")
        assert pressed(viewer, "pan")

    def test_the_menu_has_the_sizes(self, viewer: ViewerPage) -> None:
        """Fill covers the stage, 2 : 1 shows a pixel on two by two, and Fit shows all."""
        box = viewer.canvas_box()
        for name, expected in (
            ("fill", 100 * max(box["height"] / ROWS, box["width"] / COLUMNS)),
            ("2", 200),
            ("1", 100),
            ("fit", fitted_percent(viewer)),
        ):
            viewer.by_id("view-menu").click()
            viewer.by_id(f"view-{name}").click()
            wait_for_zoom(viewer, expected)

    def test_the_keys_have_the_sizes(self, viewer: ViewerPage) -> None:
        """l fills the stage, 2 is 2 : 1."""
        box = viewer.canvas_box()
        viewer.page.keyboard.press("l")
        wait_for_zoom(viewer, 100 * max(box["height"] / ROWS, box["width"] / COLUMNS))
        viewer.page.keyboard.press("2")
        wait_for_zoom(viewer, 200)

    def test_the_beam_is_found(self, viewer: ViewerPage) -> None:
        """b zooms to where the light is."""
        viewer.page.keyboard.press("b")
        wait_until(lambda: percent(viewer) > 2 * fitted_percent(viewer), 5, "it is enlarged")
        box = viewer.canvas_box()
        row, column = seen_place(viewer, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert abs(row - 30) <= 3
        assert abs(column - 110) <= 3

    def test_the_map_moves_the_part_that_is_seen(self, viewer: ViewerPage) -> None:
        """Zoomed in, a click in the map of the whole image brings that place to the middle."""
        for _ in range(4):
            viewer.page.keyboard.press("+")
        wait_until(lambda: percent(viewer) > 4 * fitted_percent(viewer), 5, "it is enlarged")
        box = viewer.canvas_box()
        # The map is 128 x 96, 10 from the corner; a quarter from its left and upper side.
        viewer.page.mouse.click(box["x"] + box["width"] - 138 + 32, box["y"] + box["height"] - 106 + 24)
        row, column = seen_place(viewer, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert abs(row - 30) <= 2
        assert abs(column - 40) <= 2


def test_another_size_keeps_the_part_that_is_seen(page: Page) -> None:
    """The camera is binned: the part that is looked at stays on screen; of another aspect, all of the image is seen."""
    small, wide = IMAGE[::2, ::2], IMAGE[::4]
    with SteadySource(constant(channel("image", IMAGE))) as source, running_server(source.port) as server:
        viewer = ViewerPage(page).open(server)
        viewer.wait_until_playing()
        viewer.page.mouse.move(*pixel(viewer, 30, 110))
        for _ in range(4):
            viewer.page.mouse.wheel(0, -240)
        wait_until(lambda: percent(viewer) > 3 * fitted_percent(viewer), 5, "it is enlarged")
        before = percent(viewer)
        x, y = pixel(viewer, 30, 110)
        source.make = constant(channel("image", small))
        wait_for_zoom(viewer, 2 * before, within=2)
        row, column = seen_place(viewer, x, y)
        assert abs(row - 15) <= 1
        assert abs(column - 55) <= 1
        source.make = constant(channel("image", wide))
        box = viewer.canvas_box()
        wait_for_zoom(viewer, 100 * min(box["height"] / len(wide), box["width"] / COLUMNS))


FIVE_TURNS = """([clientX, clientY]) => {
  const turn = { bubbles: true, cancelable: true, clientX, clientY, deltaY: -120 };
  const under = document.elementFromPoint(clientX, clientY);
  for (let number = 0; number < 5; number++) under.dispatchEvent(new WheelEvent("wheel", turn));
}"""


class TestStepsBack:
    """Changes of the view are taken back and done again."""

    @pytest.fixture
    def viewer(self, page: Page, server: ServerProcess) -> ViewerPage:
        """A page that was just loaded: it has no steps of others."""
        viewer = ViewerPage(page).open(server)
        viewer.wait_until_playing()
        return viewer

    def test_a_gesture_is_one_step(self, viewer: ViewerPage) -> None:
        """Several turns of the wheel are one step, a drag is another."""
        fitted = percent(viewer)
        # Of one moment: turns that a busy machine brings one by one would be steps of their own.
        viewer.page.evaluate(FIVE_TURNS, pixel(viewer, 40, 60))
        # Each turn enlarges by a fifth, about.
        wait_for_zoom(viewer, fitted * math.exp(5 * 120 * 0.0015), within=5)
        zoomed = percent(viewer)
        x, y = pixel(viewer, 40, 60)
        before = seen_place(viewer, x, y)
        drag(viewer, (x, y), (x + 120, y + 60))
        wait_until(lambda: seen_place(viewer, x, y) != before, 5, "it is moved")
        viewer.page.keyboard.press("z")
        wait_until(lambda: seen_place(viewer, x, y) == before, 5, "the drag is taken back")
        assert percent(viewer) == zoomed
        viewer.page.keyboard.press("Control+z")
        wait_for_zoom(viewer, fitted)
        viewer.page.keyboard.press("Shift+Z")
        wait_for_zoom(viewer, zoomed)
        viewer.page.keyboard.press("Control+y")
        wait_until(lambda: seen_place(viewer, x, y) != before, 5, "the drag is done again")

    def test_a_turn_is_a_step(self, viewer: ViewerPage) -> None:
        """A turn is taken back, by the menu."""
        viewer.by_id("tool-turn").click()
        hash_has(viewer, "turn=5")
        viewer.by_id("view-menu").click()
        viewer.by_id("view-undo").click()
        hash_lacks(viewer, "turn")

    def test_reset_shows_it_as_it_was_opened(self, viewer: ViewerPage) -> None:
        """r: the whole picture, upright, with no tool in hand."""
        viewer.page.keyboard.press("+")
        viewer.page.keyboard.press("h")
        hash_has(viewer, "turn=2")
        viewer.page.keyboard.press("u")
        assert pressed(viewer, "ruler")
        viewer.page.keyboard.press("r")
        wait_for_zoom(viewer, fitted_percent(viewer))
        hash_lacks(viewer, "turn")
        assert pressed(viewer, "pan")


class TestOrientation:
    """Turned and mirrored."""

    def test_the_readout_follows(self, viewer: ViewerPage) -> None:
        """Mirrored, the first pixel is on the other side; turned to the right, it is at the upper right."""
        viewer.page.keyboard.press("h")
        x, y = pixel(viewer, 0, COLUMNS - 1)
        wait_until(lambda: seen_place(viewer, x, y) == (0, 0), 5, "the first pixel is at the right")
        viewer.page.keyboard.press("h")
        viewer.page.keyboard.press("v")
        x, y = pixel(viewer, ROWS - 1, 0)
        wait_until(lambda: seen_place(viewer, x, y) == (0, 0), 5, "the first pixel is at the bottom")
        viewer.page.keyboard.press("v")
        viewer.page.keyboard.press("]")
        x, y = expected_place(viewer.canvas_box(), (COLUMNS, ROWS), 0, ROWS - 1)
        wait_until(lambda: seen_place(viewer, x, y) == (0, 0), 5, "the first pixel is at the upper right")
        viewer.page.keyboard.press("[")
        hash_lacks(viewer, "turn")


class TestMarkers:
    """Two marked pixels."""

    def test_the_tool_sets_them_with_clicks(self, viewer: ViewerPage) -> None:
        """A click sets the first, with Shift the second; their distance is told; the tool stays until Escape."""
        viewer.by_id("tool-marker").click()
        viewer.page.mouse.click(*pixel(viewer, 40, 50))
        viewer.page.keyboard.down("Shift")
        viewer.page.mouse.click(*pixel(viewer, 80, 80))
        viewer.page.keyboard.up("Shift")
        viewer.wait_for_text("readout-measured", "dx 30, dy 40, length 50 px")
        hash_has(viewer, "marker=50,40")
        hash_has(viewer, "marker2=80,80")
        assert pressed(viewer, "marker")
        viewer.page.keyboard.press("Escape")
        assert pressed(viewer, "pan")

    def test_the_tool_pressed_twice_sets_the_second(self, viewer: ViewerPage) -> None:
        """For those without a Shift key."""
        viewer.by_id("tool-marker").click()
        viewer.by_id("tool-marker").click()
        viewer.page.mouse.click(*pixel(viewer, 10, 20))
        hash_has(viewer, "marker2=20,10")
        hash_lacks(viewer, "marker")

    def test_two_clicks_do_not_fit(self, viewer: ViewerPage) -> None:
        """Clicks of a tool that follow each other quickly are no double click on the picture."""
        viewer.page.keyboard.press("+")
        wait_for_zoom(viewer, 1.5 * fitted_percent(viewer))
        viewer.by_id("tool-marker").click()
        viewer.page.mouse.dblclick(*pixel(viewer, 60, 80))
        viewer.wait_for("() => location.hash.includes('marker=')", "the marker is set")
        viewer.wait_for_frames(3)
        wait_for_zoom(viewer, 1.5 * fitted_percent(viewer))

    def test_keys_set_and_remove_them(self, viewer: ViewerPage) -> None:
        """m marks the pixel that is read out, Shift+M is the second marker, Delete removes what was set last."""
        viewer.page.mouse.move(*pixel(viewer, 30, 40))
        viewer.wait_for_text("readout-place", "row 30, column 40")
        viewer.page.keyboard.press("m")
        hash_has(viewer, "marker=40,30")
        viewer.page.mouse.move(*pixel(viewer, 33, 44))
        viewer.wait_for_text("readout-place", "row 33, column 44")
        viewer.page.keyboard.press("Shift+M")
        viewer.wait_for_text("readout-measured", "length 5 px")
        viewer.page.keyboard.press("Delete")
        hash_lacks(viewer, "marker2")
        hash_has(viewer, "marker=40,30")

    def test_they_are_dragged(self, viewer: ViewerPage) -> None:
        """A marker follows the mouse; the picture does not move."""
        viewer.page.mouse.move(*pixel(viewer, 60, 60))
        viewer.wait_for_text("readout-place", "row 60, column 60")
        viewer.page.keyboard.press("m")
        hash_has(viewer, "marker=60,60")
        drag(viewer, pixel(viewer, 60, 60), pixel(viewer, 90, 100))
        hash_has(viewer, "marker=100,90")
        assert seen_place(viewer, *pixel(viewer, 20, 20)) == (20, 20)

    def test_they_are_drawn(self, viewer: ViewerPage) -> None:
        """A cross over the whole picture is seen on the screen."""
        before = viewer.canvas_picture(marks=True).astype(int)
        viewer.page.mouse.move(*pixel(viewer, 90, 40))
        viewer.wait_for_text("readout-place", "row 90, column 40")
        viewer.page.keyboard.press("m")
        box = viewer.canvas_box()
        x, y = pixel(viewer, 90, 40)

        def drawn() -> Any:
            changed = np.abs(viewer.canvas_picture(marks=True).astype(int) - before).sum(axis=2) > 60
            column, row = round(x - box["x"]), round(y - box["y"])
            across = changed[row - 2 : row + 3].any(axis=0).mean()
            down = changed[:, column - 2 : column + 3].any(axis=1).mean()
            return across > 0.8 and down > 0.8

        wait_until(drawn, 5, "a cross is drawn")

    def test_the_panel_lists_and_removes_them(self, viewer: ViewerPage) -> None:
        """The page View tells what is marked, and removes it."""
        viewer.page.mouse.move(*pixel(viewer, 30, 40))
        viewer.wait_for_text("readout-place", "row 30, column 40")
        viewer.page.keyboard.press("m")
        viewer.by_id("tab-view").click()
        viewer.wait_for_text("mark-marker1", "x 40, y 30 px")
        viewer.by_id("remove-marker1").click()
        hash_lacks(viewer, "marker")
        assert viewer.by_id("mark-marker1").count() == 0


class TestRuler:
    """A measured line."""

    def test_it_is_drawn_and_its_ends_are_moved(self, viewer: ViewerPage) -> None:
        """A drag with the tool measures once; later an end alone is dragged; Delete removes it."""
        viewer.page.keyboard.press("u")
        drag(viewer, pixel(viewer, 20, 20), pixel(viewer, 60, 50))
        viewer.wait_for_text("readout-measured", "dx 30, dy 40, length 50 px, 53.1°")
        assert pressed(viewer, "pan")
        drag(viewer, pixel(viewer, 60, 50), pixel(viewer, 20, 120))
        viewer.wait_for_text("readout-measured", "dx 100, dy 0, length 100 px, 0.0°")
        hash_has(viewer, "ruler=20,20,120,20")
        viewer.page.keyboard.press("Delete")
        hash_lacks(viewer, "ruler")

    def test_shift_keeps_it_straight(self, viewer: ViewerPage) -> None:
        """With Shift the ruler is level, upright or at 45 degrees."""
        viewer.page.keyboard.press("u")
        drag(viewer, pixel(viewer, 20, 20), pixel(viewer, 24, 90), "Shift")
        viewer.wait_for_text("readout-measured", "dx 70, dy 0")


class TestSwitches:
    """What is on or off."""

    def test_they_follow_key_and_url(self, viewer: ViewerPage) -> None:
        """e and the button switch the reticle, d the profiles, and the buttons show it."""
        viewer.page.keyboard.press("e")
        hash_has(viewer, "reticle=1")
        assert pressed(viewer, "reticle")
        viewer.by_id("tool-reticle").click()
        hash_lacks(viewer, "reticle")
        assert not pressed(viewer, "profiles")
        viewer.page.keyboard.press("d")
        assert pressed(viewer, "profiles")

    def test_a_url_brings_everything(self, page: Page, server: ServerProcess) -> None:
        """Somebody else's URL shows the same marks, turned the same way."""
        viewer = ViewerPage(page).open(server, "#turn=2&reticle=1&axes=0&marker=10,20&marker2=13,24&ruler=0,0,3,4")
        viewer.wait_until_playing()
        viewer.wait_for_text("readout-measured", "dx 3, dy 4, length 5 px")
        assert pressed(viewer, "reticle")
        assert not pressed(viewer, "axes")
        assert viewer.by_id("axis-x").is_hidden()
        viewer.by_id("tab-view").click()
        viewer.wait_for_text("mark-ruler", "length 5 px")

    def test_a_click_leaves_the_focus_on_the_picture(self, viewer: ViewerPage) -> None:
        """After a click in the bar of tools the keys of the picture still work."""
        viewer.page.locator("#stage").focus()
        viewer.by_id("tool-axes").click()
        assert viewer.page.evaluate("() => document.activeElement.id") == "stage"

    def test_the_bar_is_walked_by_arrows(self, viewer: ViewerPage) -> None:
        """One tab stop; the arrows go from tool to tool."""
        viewer.wait_for("() => document.querySelector('[data-testid=tool-beam]')", "what comes after the first picture")
        viewer.by_id("tool-pan").focus()
        viewer.page.keyboard.press("ArrowDown")
        viewer.page.keyboard.press("ArrowDown")
        assert viewer.page.evaluate("() => document.activeElement.dataset.testid") == "tool-marker"
        viewer.page.keyboard.press("Enter")
        assert pressed(viewer, "marker")
        viewer.page.keyboard.press("End")
        assert viewer.page.evaluate("() => document.activeElement.dataset.testid") == "tool-beam"
        viewer.page.keyboard.press("ArrowUp")
        assert viewer.page.evaluate("() => document.activeElement.dataset.testid") == "tool-mirror-y"


def test_the_help_lists_all_keys(viewer: ViewerPage) -> None:
    """The help is made from the register: keys of all groups are in it."""
    viewer.page.keyboard.press("?")
    dialog = viewer.page.get_by_role("dialog", name="Keys and gestures")
    text = dialog.inner_text()
    for words in ("Picture", "Tools and marks", "zoom to the beam", "turn right", "second marker", "pause, resume"):
        assert words in text, words
    keys = [key.inner_text() for key in dialog.locator("kbd").all()]
    for key in ("z", "Ctrl+Z", "[", "m", "u", "Esc", "?"):
        assert key in keys, key


class TestWithFingers:
    """A phone: the bar of tools lies above the picture."""

    @pytest.fixture
    def kind(self) -> Kind:
        """A phone."""
        return Kind(390, 844, ratio=2, phone=True)

    def test_a_tap_sets_a_marker(self, viewer: ViewerPage) -> None:
        """The tool is tapped, then the picture; tools at the end of the bar are reached by moving it sideways."""
        viewer.by_id("tool-marker").tap()
        viewer.page.touchscreen.tap(*pixel(viewer, 60, 80))
        viewer.wait_for("() => location.hash.includes('marker=')", "the marker is set")
        strip = viewer.by_id("tool-strip").bounding_box()
        assert strip["height"] < 60
        viewer.by_id("tool-mirror-y").tap()
        hash_has(viewer, "turn=4")
        assert viewer.by_id("axis-x").is_hidden()

    def test_the_help_is_read_on_a_phone(self, viewer: ViewerPage) -> None:
        """The help is not wider than the screen, and is moved upwards."""
        viewer.page.get_by_role("button", name="Help (?)").tap()
        dialog = viewer.page.get_by_role("dialog", name="Keys and gestures")
        box = dialog.bounding_box()
        assert box["width"] <= 390
        assert box["height"] <= 844
        assert dialog.evaluate("(dialog) => dialog.scrollWidth <= dialog.clientWidth")


def test_tools_are_dragged_by_keys(viewer: ViewerPage) -> None:
    """Enter begins at the pixel that is read out and ends at another one: a ruler, a region, and a zoom given up."""
    keyboard = viewer.page.keyboard
    viewer.by_id("image-area").focus()
    for key, parameter in (("u", "ruler="), ("o", "roi=")):
        keyboard.press(key)
        keyboard.press("Enter")
        for _ in range(12):
            keyboard.press("Shift+ArrowRight")
        for _ in range(7):
            keyboard.press("Shift+ArrowDown")
        keyboard.press("Enter")
        viewer.wait_for("(part) => location.hash.includes(part)", f"{parameter} in the URL", argument=parameter)
        keyboard.press("Escape")
        viewer.by_id("image-area").focus()
    before = viewer.text("zoom-percent")
    keyboard.press("w")
    keyboard.press("Enter")
    for _ in range(12):
        keyboard.press("Shift+ArrowLeft")
    keyboard.press("Escape")
    assert viewer.text("zoom-percent") == before
    # What was begun is given up, the tool is still in hand.
    keyboard.press("Enter")
    for _ in range(12):
        keyboard.press("Shift+ArrowLeft")
        keyboard.press("Shift+ArrowUp")
    keyboard.press("Enter")
    wait_until(lambda: viewer.text("zoom-percent") != before, 5, "the picture is enlarged")

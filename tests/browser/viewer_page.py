"""The viewer's page in the hands of a test: what it shows, read by the page's own labels and by `window.viewer`."""

import base64
import io
import math
import re
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import CDPSession, Error, FloatRect, Locator, Page

from tests.support import wait_until

AS_TEXT = """(pixels) => {
  const bytes = new Uint8Array(pixels.data.buffer, pixels.data.byteOffset, pixels.data.byteLength);
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return { ...pixels, pulseId: String(pixels.pulseId), sequence: String(pixels.sequence), data: btoa(text) };
}"""
PIXELS = f"""async () => {{
  const pixels = await viewer.pixels();
  return pixels === null ? null : ({AS_TEXT})(pixels);
}}"""
# One call, so that both are of the same moment.
SHOWN_AND_VALUES = """() => ({ shown: viewer.shown, values: viewer.values && {
  pulse: viewer.values.pulse,
  scalars: Object.fromEntries(viewer.values.scalars),
  arrays: Object.fromEntries([...viewer.values.arrays].map(([name, array]) => [name, Array.from(array.values)])),
} })"""
# Looked for within the page: by the driver it takes minutes until a large picture and a table are of one pulse.
BOTH_OF_ONE_PULSE = f"""async () => {{
  const pixels = await viewer.pixels();
  const moment = ({SHOWN_AND_VALUES})();
  return pixels !== null && moment.values?.pulse.pulseId === pixels.pulseId ? [moment, ({AS_TEXT})(pixels)] : null;
}}"""
NEWER = "(id) => viewer.shown !== null && viewer.shown.pulse.pulseId > id && document.getElementById('veil').hidden"
WHOLE = "() => document.getElementById('page-view') !== null"
HAS_TEXT = """([testId, parts]) => {
  const found = document.querySelectorAll(`[data-testid="${testId}"]`);
  if (found.length > 1) throw new Error(`there are ${found.length} of ${testId}`);
  const text = found[0]?.textContent;
  return text !== undefined && parts.every((part) => text.includes(part)) ? { text } : null;
}"""
VEIL_SAYS = """([kind, parts]) => {
  const veil = document.getElementById("veil");
  if (veil.hidden || veil.dataset.kind !== kind) return null;
  const text = veil.innerText;
  return parts.every((part) => text.includes(part)) ? { text } : null;
}"""
LOOK_AGAIN = """async ([argument, longest]) => {
  const condition = CONDITION;
  const end = performance.now() + longest;
  for (;;) {
    const value = await condition(argument);
    if (value || performance.now() >= end) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}"""
LOOK_MS = 500
"""How long the page looks by itself, so that what ends a test is noticed."""
GONE = re.compile("context was destroyed|Cannot find context")
WAIT_S = 20.0
"""Long, because only a test that fails waits so long, and other work on the machine must not make it fail."""


@dataclass(frozen=True)
class Pixels:
    """What `viewer.pixels()` gives: the array has the shape (rows, columns) and the dtype of the camera."""

    pulse_id: int
    sequence: int
    dtype: str
    array: NDArray[Any]


def read_pixels(answer: Any) -> Pixels:
    """Return what the JavaScript function `PIXELS` answered; AssertionError if nothing is on screen."""
    assert answer is not None, "nothing is on screen"
    array = np.frombuffer(base64.b64decode(answer["data"]), answer["dtype"]).reshape(answer["shape"])
    return Pixels(int(answer["pulseId"]), int(answer["sequence"]), answer["dtype"], array)


@dataclass(frozen=True)
class Moment:
    """Picture and table at one moment: `viewer.shown` and `viewer.values`, 64-bit integers as int."""

    shown: dict[str, Any] | None
    values: dict[str, Any] | None

    def scalar(self, name: str) -> Any:
        """Return the value of a scalar in the table; KeyError if it has none."""
        assert self.values is not None
        return self.values["scalars"][name]["value"]


@dataclass(frozen=True)
class Veil:
    """A state of the veil: its kind (None: there is none), and when it came, in ms of the page's monotonic clock."""

    kind: str | None
    since: float
    picture_at: float
    """When the last picture before it was drawn; 0 if none was since the veil is watched."""


class HasPort(Protocol):
    """A server, or what stands before one."""

    @property
    def port(self) -> int: ...


class ViewerPage:
    """A page on which the viewer is, or will be."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, server: HasPort, path: str = "", host: str = "127.0.0.1") -> "ViewerPage":
        """Load the page of a server; ``path`` may hold a query and a fragment."""
        self.page.goto(f"http://{host}:{server.port}/{path}")
        return self

    def by_id(self, test_id: str) -> Locator:
        """Return the element that the page labels for tests."""
        return self.page.get_by_test_id(test_id)

    def text(self, test_id: str) -> str:
        """Return the text of an element as it can be read, now."""
        return self.by_id(test_id).inner_text()

    def value(self, channel: str) -> Locator:
        """Return the cell of a channel in the table of values."""
        return self.row(channel).get_by_test_id("value")

    def row(self, channel: str) -> Locator:
        """Return the row of a channel in the table of values."""
        return self.page.locator(f"[data-channel={quoted(channel)}]")

    def wait_for(self, expression: str, what: str, seconds: float = WAIT_S, argument: Any = None) -> Any:
        """Return the first true value of a JavaScript function; AssertionError with ``what`` if there is none in time.

        The page itself looks again and again, which costs less than to ask it each time, and sees what is short. Not
        Playwright's `wait_for_function`, which the page's policy against evaluated text forbids.
        """
        look = LOOK_AGAIN.replace("CONDITION", expression)

        def first_true() -> Any:
            try:
                return self.page.evaluate(look, [argument, LOOK_MS])
            except Error as error:
                # The page was loaded anew while it looked.
                if not GONE.search(str(error)):
                    raise
                return None

        return wait_until(first_true, seconds, what)

    def wait_for_text(self, test_id: str, *parts: str, seconds: float = WAIT_S) -> str:
        """Return the text of an element as soon as all parts are in it."""
        try:
            found = self.wait_for(HAS_TEXT, f"{test_id} says {parts}", seconds, [test_id, parts])
        except AssertionError as error:
            last = self.page.get_by_test_id(test_id).all_text_contents()
            raise AssertionError(f"{error}; it says {last!r}") from None
        text: str = found["text"]
        return text

    def wait_until_playing(self, after: int = -1, seconds: float = WAIT_S) -> None:
        """Wait until a picture of a pulse after ``after`` is on screen, without a veil over it, and the page is whole.

        Some of the page is loaded after the first picture.
        """
        try:
            self.wait_for(WHOLE, "the page is whole", seconds)
            self.wait_for(NEWER, "the page plays", seconds, after)
        except AssertionError as error:
            raise AssertionError(f"{error}; the veil says {self.veil()!r}") from None

    def wait_for_frames(self, count: int) -> list[int]:
        """Return the pulse ids of so many frames, as they follow each other on screen."""
        return [int(pulse) for pulse in self.page.evaluate(NEXT_PULSES, count)]

    def moment(self) -> Moment:
        """Return picture and table of one moment."""
        return Moment(**self.page.evaluate(SHOWN_AND_VALUES))

    def pulse_id(self) -> int:
        """Return the pulse id of the picture on screen."""
        pulse_id: int = self.page.evaluate("() => viewer.shown.pulse.pulseId")
        return pulse_id

    def pixels(self) -> Pixels:
        """Return the pixels on screen."""
        return read_pixels(self.page.evaluate(PIXELS))

    def moment_and_pixels(self) -> tuple[Moment, Pixels]:
        """Return picture, table and the pixels on screen of one pulse."""
        moment, pixels = self.wait_for(BOTH_OF_ONE_PULSE, "pixels and table of one pulse")
        return Moment(**moment), read_pixels(pixels)

    def veil(self) -> str | None:
        """Return all that the veil says, None if there is none."""
        found: str | None = self.page.evaluate(
            "() => { const veil = document.getElementById('veil'); return veil.hidden ? null : veil.innerText; }"
        )
        return found

    def wait_for_veil(self, kind: str, *parts: str, seconds: float = WAIT_S) -> str:
        """Return what the veil says as soon as it is of this kind and says all parts."""
        try:
            found = self.wait_for(VEIL_SAYS, f"a veil of the kind {kind} that says {parts}", seconds, [kind, parts])
        except AssertionError as error:
            raise AssertionError(f"{error}; it is {self.veil()!r}") from None
        text: str = found["text"]
        return text

    def watch_veil(self) -> None:
        """Let the page note from now on when its veil comes, changes and goes; see :meth:`veils`."""
        self.page.evaluate(WATCH_VEIL)

    def veils(self) -> list[Veil]:
        """Return the states of the veil since it is watched, the first at the beginning."""
        return [Veil(*state) for state in self.page.evaluate("() => window.veilStates")]

    def canvas_box(self) -> FloatRect:
        """Return where the canvas is on the page, in CSS pixels."""
        box: FloatRect = self.page.evaluate(CANVAS_BOX)
        return box

    def canvas_picture(self, marks: bool = False) -> NDArray[np.uint8]:
        """Return what the screen shows where the canvas is: (rows, columns, 3) in pixels of the device.

        Without the marks and numbers that lie over the picture, unless they are asked for.
        """
        box: FloatRect = self.page.evaluate(SET_MARKS, "" if marks else "hidden")
        try:
            return picture_of(screenshot(self.page, box))
        finally:
            if not marks:
                self.page.evaluate(SET_MARKS, "")


CANVAS_BOX = """() => {
  const { x, y, width, height } = document.querySelector("[data-testid=canvas]").getBoundingClientRect();
  return { x, y, width, height };
}"""
SET_MARKS = f"""(how) => {{
  document.querySelector("[data-testid=overlay]").style.visibility = how;
  return ({CANVAS_BOX})();
}}"""

_devtools: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()


def screenshot(page: Page, box: FloatRect) -> bytes:
    """Return a part of the screen as a PNG file, with all pixels that the box touches.

    By Chromium's own protocol: Playwright looks at the whole page before and after, which costs five times as much.
    """
    if page not in _devtools:
        _devtools[page] = page.context.new_cdp_session(page)
    left, top = math.floor(box["x"] + 1e-3), math.floor(box["y"] + 1e-3)
    right, bottom = math.ceil(box["x"] + box["width"] - 1e-3), math.ceil(box["y"] + box["height"] - 1e-3)
    clip = {"x": left, "y": top, "width": right - left, "height": bottom - top, "scale": 1}
    options = {"format": "png", "optimizeForSpeed": True, "clip": clip}
    return base64.b64decode(_devtools[page].send("Page.captureScreenshot", options)["data"])


WATCH_VEIL = """() => {
  const veil = document.getElementById("veil");
  const kind = () => veil.hidden ? null : veil.dataset.kind;
  let pulse = null;
  let pictureAt = 0;
  window.veilStates = [[kind(), performance.now(), 0]];
  const look = () => {
    const id = viewer.shown?.pulse.pulseId ?? null;
    if (id !== pulse) pictureAt = performance.now();
    pulse = id;
    if (kind() !== window.veilStates.at(-1)[0]) window.veilStates.push([kind(), performance.now(), pictureAt]);
    requestAnimationFrame(look);
  };
  look();
}"""

# A frame may be drawn between two looks of Python: the page notes them itself, in its animation frames.
NEXT_PULSES = """(count) => new Promise((resolve) => {
  const seen = [];
  const look = () => {
    const id = viewer.shown?.pulse.pulseId;
    if (id !== undefined && id !== seen.at(-1)) seen.push(id);
    if (seen.length > count) resolve(seen.slice(1).map(String));
    else requestAnimationFrame(look);
  };
  look();
})"""


def expected_place(box: FloatRect, shape: tuple[int, int], row: float, column: float) -> tuple[float, float]:
    """Return where the centre of a pixel lies on the page when the whole image is shown in a canvas."""
    scale = min(box["height"] / shape[0], box["width"] / shape[1])
    left = box["x"] + (box["width"] - shape[1] * scale) / 2
    top = box["y"] + (box["height"] - shape[0] * scale) / 2
    return left + (column + 0.5) * scale, top + (row + 0.5) * scale


def quoted(text: str) -> str:
    """Return a CSS string that means this text."""
    return '"' + "".join(f"\\{ord(letter):x} " if letter in '"\\\n' else letter for letter in text) + '"'


def picture_of(png: bytes) -> NDArray[np.uint8]:
    """Return the pixels of a PNG file, (rows, columns, 3)."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))

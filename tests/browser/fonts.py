"""Text whose look does not depend on the fonts of the machine, for tests that look at pixels or at places.

What counts drawn pixels draws without text, or with a box in the place of each text; what asks whether things have room
uses a font that comes with Pillow (Aileron, CC0), so that it says the same on every machine.
"""

import base64
import io

from PIL import ImageFont
from playwright.sync_api import BrowserContext, Page

WITHOUT_TEXT = """(() => {
  const context = CanvasRenderingContext2D.prototype;
  context.fillText = context.strokeText = () => {};
})()"""
TEXT_AS_BOXES = """(() => {
  const context = CanvasRenderingContext2D.prototype;
  context.strokeText = () => {};
  context.fillText = function (text, x, y) {
    this.fillRect(x - 3, y - 4, 6, 8);
  };
})()"""
KNOWN_FONT = """((data) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const font = new FontFace("known", bytes.buffer);
  document.fonts.add(font);
  font.load();
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { font-family: known, sans-serif !important; }");
  document.adoptedStyleSheets = [sheet];
})("DATA")"""


def draw_without_text(page: Page) -> None:
    """Draw no text on the canvases of the pages that this tab will load; to be called before."""
    page.add_init_script(WITHOUT_TEXT)


def draw_text_as_boxes(page: Page) -> None:
    """Draw a box of 6 x 8 pixels in the place of each text on the canvases of the pages that this tab will load."""
    page.add_init_script(TEXT_AS_BOXES)


def use_known_font(context: BrowserContext) -> None:
    """Write all elements of the pages of a context in one font, which is the same on every machine."""
    font = ImageFont.load_default(12)
    assert isinstance(font, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
    data = font.font_bytes if hasattr(font, "font_bytes") else _read(font.path)
    context.add_init_script(KNOWN_FONT.replace("DATA", base64.b64encode(data).decode()))


def _read(source: object) -> bytes:
    assert isinstance(source, io.BytesIO)
    return source.getvalue()

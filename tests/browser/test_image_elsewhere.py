"""`/image.png` in a page of another host: it is seen there, and nothing of it can be read."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Complaints
from tests.browsers import PLAIN_HOST
from tests.server import running_server
from tests.simulator import running_simulator
from tests.support import deadline

PAGE = b"""<!doctype html><title>elsewhere</title><link rel="icon" href="data:,"><img alt="">"""

READ = """async (address) => {
    const image = document.querySelector("img");
    const canvas = document.createElement("canvas");
    canvas.getContext("2d").drawImage(image, 0, 0);
    const found = [];
    try { canvas.getContext("2d").getImageData(0, 0, 1, 1); found.push("pixels"); }
    catch (error) { found.push(error.name); }
    try { await fetch(address); found.push("bytes"); } catch (error) { found.push(error.name); }
    return found;
}"""


class Elsewhere(BaseHTTPRequestHandler):
    """A web server of somebody else."""

    def do_GET(self) -> None:
        """Answer with the page."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of a page of another host."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def test_the_picture_is_seen_and_not_read(page: Page, complaints: Complaints, elsewhere: str) -> None:
    """An `<img>` shows the whole picture; a canvas with it is tainted, and a script cannot fetch it."""
    complaints.expect("request to another host")
    complaints.expect("blocked by CORS policy|Failed to load resource")
    with running_simulator("--rate", "10", "--size", "64x48") as (_, port), running_server(port) as server:
        address = f"http://{PLAIN_HOST}:{server.port}/image.png"
        page.goto(elsewhere)
        page.evaluate("(address) => { document.querySelector('img').src = address; }", address)
        page.wait_for_function("() => document.querySelector('img').naturalWidth", timeout=1000 * deadline(15))
        assert page.evaluate("() => document.querySelector('img').naturalWidth") == 64
        assert page.evaluate(READ, address) == ["SecurityError", "TypeError"]

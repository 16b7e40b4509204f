"""What a browser loads before its first picture, counted on the wire."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.gate import Gate, running_gate
from tests.browser.viewer_page import ViewerPage
from tests.browsers import PLAIN_HOST
from tests.server import running_server
from tests.simulator import running_simulator

BUDGET_BYTES = 120_000
"""Page, styles, scripts and decoders, with gzip, which is what browsers take over plain http."""
LATER = (b"/assets/extras-", b"/assets/analysis-worker-", b"/assets/processing-", b"/assets/curve-plot-")
"""What is asked for beside or after the first picture: without an answer here, so that its moment decides nothing."""


@pytest.fixture(scope="module")
def gate() -> Iterator[Gate]:
    """The way to a server whose images come compressed, so that the page needs its decoder."""
    options = ("--scene", "camera", "--compression", "bitshuffle_lz4", "--rate", "20", "--size", "160x120")
    with running_simulator(*options) as (_, port), running_server(port) as server, running_gate(server.port) as gate:
        yield gate


@pytest.fixture
def responses(page: Page) -> list[Any]:
    """The answers that the page got."""
    seen = []
    page.on("response", lambda response: seen.append(response))
    return seen


@pytest.mark.fresh_profile
def test_the_first_load_is_small_and_the_next_one_smaller(page: Page, gate: Gate, responses: list[Any]) -> None:
    """All that the first picture needs keeps to the budget, compressed; the second time only the page comes."""
    gate.held = LATER
    viewer = ViewerPage(page)
    page.goto(f"http://{PLAIN_HOST}:{gate.port}/")
    viewer.wait_for("() => viewer.shown?.format", "the first picture")
    first = gate.loaded_bytes
    print(f"first load: {first} bytes of {BUDGET_BYTES}")
    assert 30_000 < first <= BUDGET_BYTES
    assert len(responses) >= 4
    for response in responses:
        assert response.status == 200
        assert response.header_value("content-encoding") == "gzip", response.url

    page.reload()
    viewer.wait_for("() => viewer.shown?.format", "the first picture of the second load")
    assert gate.loaded_bytes - first < 5_000

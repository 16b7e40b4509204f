"""A page that outlives an update of the server."""

import itertools
import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, Route

from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import channel
from tests.server import ServerProcess, running_server


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server on a source."""
    image = channel("image", np.arange(48, dtype=np.uint16).reshape(6, 8))
    with SteadySource(constant(image)) as source, running_server(source.port) as server:
        yield server


@pytest.fixture
def loads(page: Page) -> dict[str, int]:
    """The loads of the page so far; those for which the entry `old` is still there get the page of another build."""
    loads = {"count": 0, "old": 1}

    def answer(route: Route) -> None:
        loads["count"] += 1
        answer = route.fetch()
        body = answer.text()
        if loads["count"] <= loads["old"]:
            body = re.sub(r'name="build" content="\w+"', 'name="build" content="old"', body)
        route.fulfill(response=answer, body=body)

    page.route(re.compile(r"http://[^/]+/$"), answer)
    return loads


def opened_twice(page: Page, server: ServerProcess, fragment: str = "") -> ViewerPage:
    """Open the page and return when it has been loaded twice."""
    loads = itertools.count(1)
    viewer = ViewerPage(page)
    with page.expect_event("load", lambda _: next(loads) == 2):
        viewer.open(server, fragment)
    return viewer


def test_a_page_of_another_build_reloads_itself(page: Page, server: ServerProcess, loads: dict[str, int]) -> None:
    """The server was updated: the page loads itself again, keeps its URL, and plays."""
    viewer = opened_twice(page, server, "#map=gray")
    viewer.wait_until_playing()
    assert page.url.endswith("/#map=gray")
    assert viewer.by_id("colour-map").input_value() == "gray"
    assert viewer.page.get_by_test_id("error").count() == 0


def test_it_reloads_itself_only_once(page: Page, server: ServerProcess, loads: dict[str, int]) -> None:
    """A cache between gives the old page again: the page loads itself no more, plays, and says what is wrong."""
    loads["old"] = 100
    viewer = opened_twice(page, server)
    viewer.wait_until_playing()
    viewer.wait_for_text("error", "This page is of build old", "Reload it")
    viewer.wait_for_frames(5)
    assert loads["count"] == 2

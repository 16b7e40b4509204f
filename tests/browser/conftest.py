"""Real browsers for the tests of the page.

A page that writes to its console, throws, or asks another host for anything fails the test that opened it, unless the
test says beforehand what it expects.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request

from tests.browser.profiles import Kind, Profile, Profiles, Used
from tests.browser.steady_source import SteadySource
from tests.browser.used_page import look_of, put_back
from tests.browser.viewer_page import HasPort, ViewerPage
from tests.browsers import Say, find_firefox
from tests.conftest import found
from tests.firefox import Firefox, running_firefox
from tests.server import ServerProcess, running_server

RESULTS = Path(__file__).resolve().parent.parent.parent / "test-results"


class Complaints:
    """What pages said that nobody should have to say."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._expected: list[re.Pattern[str]] = []

    def expect(self, pattern: str) -> None:
        """Take complaints in which the pattern is found for part of the test."""
        self._expected.append(re.compile(pattern))

    def unexpected(self) -> list[str]:
        """Return the complaints that no test expects."""
        return [line for line in self.lines if not any(pattern.search(line) for pattern in self._expected)]

    def watch(self, page: Page) -> Callable[[], None]:
        """Collect all that the console, the errors and the requests of a page say; returns what ends that."""
        home: list[str | None] = []

        def on_console(message: ConsoleMessage) -> None:
            self.lines.append(f"console {message.type}: {message.text} ({message.location.get('url')})")

        def on_request(request: Request) -> None:
            address = urlsplit(request.url)
            if address.scheme in ("blob", "data", "about"):
                return
            if not home:
                home.append(address.netloc)
            if address.netloc not in home:
                self.lines.append(f"request to another host: {request.url}")

        def on_error(error: Error) -> None:
            self.lines.append(f"page error: {error}")

        def on_crash(_: Page) -> None:
            self.lines.append("the page crashed")

        # Past the page's own methods, which say that the page cannot be lent again.
        handlers: dict[Any, Callable[[Any], None]] = {
            "console": on_console,
            "pageerror": on_error,
            "crash": on_crash,
            "request": on_request,
        }
        for event, handler in handlers.items():
            Page.on(page, event, handler)

        def end() -> None:
            for event, handler in handlers.items():
                page.remove_listener(event, handler)

        return end


@pytest.fixture(scope="session")
def profiles(browser: Browser) -> Iterator[Profiles]:
    """The profiles that the tests lend each other."""
    profiles = Profiles(browser)
    yield profiles
    profiles.close()


@pytest.fixture
def kind() -> Kind:
    """What the profile of a test is like; modules and classes that want it otherwise have a kind of their own."""
    return Kind()


@pytest.fixture
def profile(profiles: Profiles, kind: Kind, request: pytest.FixtureRequest) -> Iterator[Profile]:
    """A profile that is as a fresh one. Marked with `fresh_profile`, a test gets one in which nothing was loaded."""
    fresh = request.node.get_closest_marker("fresh_profile") is not None
    failed = request.session.testsfailed
    profile = profiles.fresh(kind) if fresh else profiles.lend(kind, request.node.nodeid.partition("::")[0])
    yield profile
    profiles.give_back(profile, again=not fresh and request.session.testsfailed == failed)


@pytest.fixture
def complaints() -> Complaints:
    """What the pages of this test said; the test fails if it did not expect it."""
    return Complaints()


@pytest.fixture
def new_page(profile: Profile, complaints: Complaints, request: pytest.FixtureRequest) -> Iterator[Callable[[], Page]]:
    """Opens further pages in the browser, all watched. A picture of each is kept if the test fails."""
    pages: list[Page] = []
    ends: list[Callable[[], None]] = []
    if "use" not in request.fixturenames:
        profile.end_use()

    def open_page() -> Page:
        page = profile.open_page()
        ends.append(complaints.watch(page))
        pages.append(page)
        return page

    failed = request.session.testsfailed
    yield open_page
    unexpected = complaints.unexpected()
    for end in ends:
        end()
    profile.spoilt |= bool(unexpected)
    if unexpected or request.session.testsfailed > failed:
        _keep_pictures(request.node.name, pages)
    assert not unexpected, "\n".join(unexpected)


def _keep_pictures(name: str, pages: list[Page]) -> None:
    RESULTS.mkdir(exist_ok=True)
    file_name = re.sub(r"[^\w.-]+", "_", name)
    for number, page in enumerate(pages):
        if not page.is_closed():
            page.screenshot(path=RESULTS / f"{file_name}-{number}.png")


@pytest.fixture
def page(new_page: Callable[[], Page]) -> Page:
    """An empty page in Chromium."""
    return new_page()


@pytest.fixture(scope="module")
def server(source: Any) -> Iterator[ServerProcess]:
    """Run a server on the source that a module of tests has."""
    with running_server(source.port) as server:
        yield server


@pytest.fixture
def use(page: Page, profile: Profile, request: pytest.FixtureRequest) -> Callable[[HasPort], ViewerPage]:
    """Gives the page of a server, playing and as if just loaded: the one that the test before has used, or a new one.

    For tests that look at a page that plays. Those that look at how a page is loaded, or what an address of its own
    does to it, take `page`.
    """
    module = request.node.nodeid.partition("::")[0]
    source = request.getfixturevalue("source") if "source" in request.fixturenames else None

    def open_or_put_back(server: HasPort) -> ViewerPage:
        after = source.next_pulse if isinstance(source, SteadySource) else 0
        viewer = ViewerPage(page)
        url, used = f"http://127.0.0.1:{server.port}/", profile.used
        if used is None or used.url != url or not put_back(page, used.look, after):
            viewer.open(server)
            viewer.wait_until_playing()
            look = look_of(page)
            used = None if look is None else Used(module, url, look)
        profile.used = used
        return viewer

    return open_or_put_back


@pytest.fixture
def viewer(use: Callable[[HasPort], ViewerPage], server: ServerProcess) -> ViewerPage:
    """The page of the server, playing; modules that want it otherwise have a viewer of their own."""
    return use(server)


@pytest.fixture(scope="session")
def firefox_path(say: Say) -> str:
    """The Firefox of the smoke test."""
    return found(find_firefox, say)


@pytest.fixture
def firefox(firefox_path: str) -> Iterator[Firefox]:
    """A Firefox with an empty page; it draws without a GPU."""
    with running_firefox(firefox_path) as firefox:
        yield firefox

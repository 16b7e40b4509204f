"""Fixtures for all tests."""

import os
from asyncio.events import _get_running_loop, _set_running_loop
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browsers import DRIVEN_OPTIONS, NoBrowser, Say, find_chromium, is_root
from tests.codec import HAVE_LIBRARIES
from tests.support import CI, deadline, find_free_port

TESTS = Path(__file__).resolve().parent
ORACLES = [
    "integration/test_empty_arrays.py",
    "unit/test_coding_bslz4.py",
    "unit/test_simulation_oracle.py",
    "unit/test_source_oracle.py",
]
"""Tests that hold what we make against the facility's library, which cannot be installed everywhere."""

OF_EPICS = ["browser/test_pva.py", "integration/test_pva.py", "unit/test_pva.py"]
"""Tests with a server of PV Access, which has no wheels for every Python and machine."""
HAVE_EPICS = find_spec("p4p") is not None
OF_DETECTOR = ["integration/test_pva_detector.py"]
"""Tests with the simulated detector that others have written."""
HAVE_DETECTOR = HAVE_EPICS and find_spec("pvapy") is not None

collect_ignore = [
    *([] if HAVE_LIBRARIES else ORACLES),
    *([] if HAVE_EPICS else OF_EPICS),
    *([] if HAVE_DETECTOR else OF_DETECTOR),
]


def pytest_report_header() -> list[str]:
    """Say what is not collected."""
    missing = []
    if not HAVE_LIBRARIES:
        missing.append((ORACLES, "bitshuffle and psi-bsread"))
    if not HAVE_EPICS:
        missing.append((OF_EPICS, "p4p"))
    if not HAVE_DETECTOR:
        missing.append((OF_DETECTOR, "p4p and pvapy"))
    return [
        f"not collected: {', '.join(tests)} ({names} cannot be had on this Python or machine)"
        for tests, names in missing
    ]


KINDS = {"browser": "browser", "hostile": "integration", "integration": "integration", "unit": "unit"}
"""The marker of the tests in each folder."""
KINDS_OF_FILES = {"test_data.py": "unit", "test_seed.py": "integration", "test_stream.py": "integration"}
ALONE = {
    "integration/test_draining.py",
    "integration/test_links.py",
}
"""Files of tests that measure rates and delays: others beside them could decide what they find.

Where only some of a file do, they are marked `alone` themselves.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by its folder, or as one in a browser if it asks for one."""
    for item in items:
        place = item.path.relative_to(TESTS).parts
        kind = KINDS[place[0]] if len(place) > 1 else KINDS_OF_FILES[place[0]]
        item.add_marker("browser" if "browser" in getattr(item, "fixturenames", ()) else kind)
        if "/".join(place) in ALONE:
            item.add_marker("alone")


# The threads of bitshuffle wait busily for each other: on a busy machine that makes it hundreds of times slower. The
# number is read when bitshuffle is loaded, so it is set before any test module is.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def own_event_loops(request: pytest.FixtureRequest) -> Iterator[None]:
    """Lets a test without a browser run an event loop beside the one that the driver of browsers leaves as running."""
    loop = None if "browser" in request.fixturenames else _get_running_loop()
    if loop is not None:
        _set_running_loop(None)
    yield
    if loop is not None:
        _set_running_loop(loop)


@pytest.fixture
def free_port() -> int:
    """A TCP port of the loopback interface on which nothing listens."""
    return find_free_port()


@pytest.fixture(scope="session")
def say(request: pytest.FixtureRequest) -> Say:
    """Writes a line to the terminal, past pytest's capture: what is searched and installed must be seen."""
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")

    def write(line: str) -> None:
        if reporter is not None:
            reporter.ensure_newline()
            reporter.write_line(line)

    return write


def found(find: Callable[[Say], str], say: Say) -> str:
    """Return the path of a browser; without one the test is skipped, in CI it fails."""
    try:
        return find(say)
    except NoBrowser as error:
        if CI:
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def chromium_path(say: Say) -> str:
    """The Chromium of the tests, also for those that start it without a driver."""
    return found(find_chromium, say)


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """A Chromium for all tests; each test has a context of its own. Playwright runs once in a process."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path,
            chromium_sandbox=not is_root(),
            args=list(DRIVEN_OPTIONS),
            timeout=deadline(60) * 1000,
        )
        yield browser
        browser.close()

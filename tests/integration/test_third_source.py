"""A new source is a folder and its lines in the table: here one of a test, in a copy of the package."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.live_client import LiveClient
from tests.server import ROOT, SCRIPT, ServerProcess, running_server
from tests.support import deadline

MEMBER = ROOT / "tests" / "members" / "counter"
MOST_LINES = 100
TABLE = "SCHEMES: dict[str, Scheme] = {\n"
ABOVE = """
from stream_online_viewer.sources.counter.address import FORM, parse_rate

def _counter() -> Opener:
    from stream_online_viewer.sources.counter.source import Counter

    return Counter


"""
LINE = '    "counter": Scheme(FORM, parse_rate, _counter),\n'


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The entry point of a copy of the package that has the new source."""
    package = tmp_path_factory.mktemp("copy") / "stream_online_viewer"
    shutil.copytree(SCRIPT.parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(MEMBER, package / "sources" / "counter")
    table = package / "sources" / "table.py"
    text = table.read_text()
    assert text.count(TABLE) == 1
    table.write_text(text.replace(TABLE, ABOVE + TABLE + LINE))
    return package / SCRIPT.name


@pytest.fixture(scope="module")
def server(script: Path) -> Iterator[ServerProcess]:
    with running_server("counter://50", script=script) as running:
        yield running


def test_it_is_short() -> None:
    """What a source has to do is little."""
    assert sum(len(file.read_text().splitlines()) for file in MEMBER.glob("*.py")) <= MOST_LINES


def test_its_pulses_are_shown(server: ServerProcess) -> None:
    """Exact pixels with their byte order, the numbers of the same pulse, and the time of the source."""
    with LiveClient(server.url("live", "ws"), format="exact") as viewer:
        frames = [viewer.next_frame() for _ in range(12)]
    pulses = [frame.pulse_id for frame in frames]
    assert pulses == sorted(set(pulses))
    for frame in frames:
        assert frame.image is not None and frame.row is not None and frame.source_time is not None
        assert np.array_equal(frame.image, np.full((4, 5), frame.pulse_id, np.uint16))
        assert frame.row.values["count"] == frame.pulse_id
        assert 0 <= frame.receipt_time - frame.source_time < deadline(1) * 1e9


def test_its_state_and_its_refusals_are_told(server: ServerProcess) -> None:
    """Its sentence and its name; a bad pulse is counted by its reason, once somebody watches."""
    with LiveClient(server.url("live", "ws")):
        found = server.wait_for_status(
            lambda status: status["source"]["refused"].get("pulse id", 0) >= 2, 8, "two refusals"
        )["source"]
    assert (found["state"], found["protocol"], found["socket"]) == ("receiving", "counter", None)
    assert found["text"] == "Messages come from counter://50. It only counts."
    assert found["lost"] == 0


def test_the_server_ends_with_it(script: Path) -> None:
    """A thread of a source holds up nothing."""
    with running_server("counter://5", script=script) as running:
        assert running.end() == 0


def test_a_wrong_address_is_said_in_its_words(script: Path) -> None:
    """The table names what an address looks like, too, when it is none at all."""
    for address, words in (
        ("counter://often", "is no counter; it looks like counter://rate"),
        ("other://1", "it looks like counter://rate or tcp://host:port"),
    ):
        ended = subprocess.run(
            [sys.executable, str(script), address],
            capture_output=True,
            text=True,
            timeout=deadline(20),
            check=False,
        )
        assert ended.returncode == 2 and words in ended.stderr

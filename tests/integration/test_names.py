"""The names in `/api/status` and `/metrics` are those that others rely on: what programs watch keeps its name."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live_client import LiveClient
from tests.server import ServerProcess, running_server
from tests.simulator import running_simulator

NAMES: dict[str, list[str]] = json.loads((Path(__file__).parents[1] / "vectors" / "names.json").read_text("utf-8"))
BY_REASON = ("source.refused", "source.invalid", "connections.refused")
"""Objects whose keys are reasons, none or some."""


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server with one viewer that has had an image."""
    with (
        running_simulator("-d", "0.1") as (_, port),
        running_server(port) as server,
        LiveClient(server.url("live", "ws")) as viewer,
    ):
        viewer.next_frame()
        yield server


def paths(content: Any, above: str = "") -> Iterator[str]:
    """Yield the path of each key; what is in a list counts once, as `[]`."""
    if isinstance(content, list):
        for one in content:
            yield from paths(one, f"{above}[]")
    elif isinstance(content, dict) and above not in BY_REASON:
        for key, value in content.items():
            path = f"{above}.{key}".lstrip(".")
            yield path
            yield from paths(value, path)


def test_keys_of_the_status(server: ServerProcess) -> None:
    """No key is renamed or goes; a new one is added to the list."""
    assert sorted(set(paths(server.status()))) == NAMES["status"]


def test_names_of_the_metrics(server: ServerProcess) -> None:
    """The same for the metrics, with their types."""
    found = re.findall(r"^# TYPE (\S+ \S+)$", server.get("metrics")[1].decode(), re.MULTILINE)
    assert sorted(found) == NAMES["metrics"]

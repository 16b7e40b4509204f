"""A message whose parts are each allowed and together are not: refused, said, and its memory is given back."""

import re

import numpy as np
import pytest

from tests.integration.test_ingest_faults import ingest_of, live
from tests.processes import resident_mb
from tests.raw_source import RawSource, channel
from tests.server import running_server
from tests.support import wait_until

# libzmq may keep a few of its own blocks, and Python some.
KEPT_MB = 48


@pytest.mark.parametrize("parts", [12, 60])
def test_a_message_of_many_large_parts(parts: int) -> None:
    """A small one before and after it is shown.

    The larger one may be all here before anybody looks, or be cut off on its way (tests/unit/test_source_receiver.py
    makes sure of that one).
    """
    small = channel("image", np.zeros((20, 30), np.uint16))
    large = [channel(f"c{number}", np.zeros((1000, 1000), np.uint8)) for number in range(parts)]
    with (
        RawSource() as source,
        running_server(source.port, "--max-message-mb", "2", "--max-pulse-mb", "10") as server,
        live(server) as viewer,
    ):
        source.send_until_shown(viewer, small)
        before = resident_mb(ingest_of(server))
        source.send(*large)
        refused = "the message is refused and counted"
        server.wait_for_status(lambda status: status["source"]["refused"].get("message size"), 10, refused)
        source.send_until_shown(viewer, small)
        memory = "the memory is given back"
        wait_until(lambda: resident_mb(ingest_of(server)) < before + KEPT_MB, 5, memory)
        assert server.status()["ingest"]["restarts"] == 0
        assert server.status()["limits"]["max_pulse_mb"] == 10
        assert re.search(
            r"(cut off after \d+ MB|MB in \d+ parts), more than the 10 MB of --max-pulse-mb", server.output()
        )


def test_the_limit_follows_that_of_a_part() -> None:
    """Twice as much, if it is not given."""
    with running_server(1, "--max-message-mb", "7") as server:
        assert server.status()["limits"]["max_pulse_mb"] == 14

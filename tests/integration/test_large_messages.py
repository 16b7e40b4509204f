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


@pytest.mark.parametrize(("parts", "megabytes", "limit"), [(12, 1, 10), (60, 1, 10), (12, 12, 100)])
def test_a_message_of_many_large_parts(parts: int, megabytes: int, limit: int) -> None:
    """A small one before and after it is shown. Of the largest more is taken in than may be kept afterwards.

    The larger one may be all here before anybody looks, or be cut off on its way (tests/unit/test_source_receiver.py
    makes sure of that one).
    """
    small = channel("image", np.zeros((20, 30), np.uint16))
    large = [channel(f"c{number}", np.zeros((megabytes * 1000, 1000), np.uint8)) for number in range(parts)]
    limits = "--max-message-mb", str(megabytes + 1), "--max-pulse-mb", str(limit)
    with (
        RawSource() as source,
        running_server(source.port, *limits) as server,
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
        assert server.status()["limits"]["max_pulse_mb"] == limit
        refusal = rf"(cut off after \d+ MB|MB in \d+ parts), more than the {limit} MB of --max-pulse-mb"
        assert re.search(refusal, server.output())


def test_the_limit_follows_that_of_a_part() -> None:
    """Twice as much, if it is not given."""
    with running_server(1, "--max-message-mb", "7") as server:
        assert server.status()["limits"]["max_pulse_mb"] == 14

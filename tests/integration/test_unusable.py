"""What arrives and cannot be used is said: in the state, in the counts, in the metrics and in the log."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from tests.live_client import LiveClient
from tests.raw_source import Part, RawSource, channel, message
from tests.server import ServerProcess, running_server
from tests.support import deadline

IMAGE = np.arange(20, dtype=np.uint16).reshape(4, 5)
DETECTOR = [json.dumps({"htype": "dheader-1.0", "series": 1, "header_detail": "none"}).encode(), IMAGE.tobytes()]


class Stage:
    """A source in the hands of the test, and a server with a viewer."""

    def __init__(self, source: RawSource, server: ServerProcess, viewer: LiveClient) -> None:
        self.source, self.server, self.viewer = source, server, viewer

    def wait_for_source(
        self,
        condition: Callable[[dict[str, Any]], bool],
        what: str,
        *,
        parts: Callable[[], Sequence[bytes]] | Sequence[bytes] | None = None,
    ) -> dict[str, Any]:
        """Send these parts every 20 ms until the source's status fulfils a condition, and return that."""
        end = time.monotonic() + deadline(8)
        while time.monotonic() < end:
            if parts is not None:
                self.source.send_parts(parts() if callable(parts) else parts)
            self.viewer.collect(0.02)
            source = self.viewer.statuses[-1]["source"] if self.viewer.statuses else None
            if source is not None and condition(source):
                return source
        raise AssertionError(f"not in time: {what}; last {source}")


@pytest.fixture(scope="module")
def server_and_source() -> Iterator[tuple[ServerProcess, RawSource]]:
    with RawSource() as source, running_server(source.port) as server:
        yield server, source


@pytest.fixture
def stage(server_and_source: tuple[ServerProcess, RawSource]) -> Iterator[Stage]:
    server, source = server_and_source
    with LiveClient(server.url("live", "ws")) as viewer:
        yield Stage(source, server, viewer)


@pytest.mark.parametrize(
    ("parts", "reason", "htype", "words"),
    [
        (DETECTOR, "htype", "'dheader-1.0'", "is no bsread message"),
        ([b"2026-01-01 beam is on"], "main header", None, "not JSON"),
        ([b'{"pulse_id": 3}', b""], "main header", "missing", "htype is missing"),
        ([b""], "main header", None, "empty"),
        ([b'{"htype": ["bsr_m-1.1"]}'], "main header", "a list", "htype is a list"),
        ([json.dumps({"htype": "bsr_m-1.1", "pulse_id": 1}).encode()], "part count", None, "no data header"),
        ([json.dumps({"htype": "bsr_m-1.1", "pulse_id": 1}).encode(), b"{}"], "data header", None, "channels"),
    ],
    ids=["dheader-1.0", "text", "no htype", "empty", "htype is a list", "no data header", "no channels"],
)
def test_messages_of_another_protocol_are_told(
    stage: Stage, parts: list[bytes], reason: str, htype: str | None, words: str
) -> None:
    """They arrive and are refused: that is the state, with the reason; none of them is a command or a message."""
    found = stage.wait_for_source(
        lambda source: (
            source["state"] == "unusable" and words in source["refusal"]["detail"] and source["refusal"]["rate"] > 0
        ),
        "unusable",
        parts=parts,
    )
    assert (found["refusal"]["reason"], found["refusal"]["htype"]) == (reason, htype)
    assert words in found["text"] and words in found["refusal"]["detail"]
    assert found["refused"][reason] >= 3
    assert found["commands"] == 0


def test_a_stream_is_received_when_the_messages_can_be_used_again(stage: Stage) -> None:
    """The state follows within a second or two, and the log has told both."""
    stage.wait_for_source(lambda source: source["state"] == "unusable", "unusable", parts=DETECTOR)
    good = lambda: message(7, [channel("image", IMAGE)])  # noqa: E731
    found = stage.wait_for_source(lambda source: source["state"] == "receiving", "receiving", parts=good)
    assert found["refusal"]["age_s"] >= 0
    log = stage.server.output()
    assert "source unusable: Messages come from" in log
    assert "source receiving: Messages come from" in log
    assert "message refused: htype: 'dheader-1.0'" in log


def test_an_endless_htype_is_shown_short(stage: Stage) -> None:
    """Ten megabytes are not read; a name of control characters and marks is one short line."""
    long = [b'{"htype": "' + b"x" * 10_000_000 + b'"}']
    found = stage.wait_for_source(
        lambda source: (source["refusal"] or {}).get("reason") == "main header size", "refused", parts=long
    )
    assert len(json.dumps(found["refusal"])) < 300
    odd = [json.dumps({"htype": "\u202egnp.exe\x1b[2J\n" * 50}).encode()]
    found = stage.wait_for_source(
        lambda source: "202e" in str((source["refusal"] or {}).get("htype")), "the odd one", parts=odd
    )
    assert found["refusal"]["htype"].isprintable() and len(found["refusal"]["htype"]) < 250
    assert found["text"].isprintable() and len(found["text"]) < 600


def test_an_image_that_cannot_be_shown_is_named(stage: Stage) -> None:
    """Unknown compression: the channel is in the status with its reason, in the metrics, and in the log by name."""
    plain = channel("cam:FPICTURE", IMAGE)
    bad = Part(plain.definition | {"compression": "zstd"}, plain.payload, plain.timestamp)
    found = stage.wait_for_source(
        lambda source: [entry["name"] for entry in source["unusable"]] == ["cam:FPICTURE"],
        "the channel is named",
        parts=lambda: message(9, [bad, channel("current", 1.5)]),
    )
    [entry] = found["unusable"]
    assert (entry["reason"], entry["image"]) == ("compression", True)
    assert "'zstd'" in entry["detail"]
    assert found["state"] == "receiving"
    status = stage.server.status()["source"]
    assert status["unusable"][0]["name"] == "cam:FPICTURE"
    assert status["invalid"]["compression"] >= 1
    metrics = stage.server.get("metrics")[1].decode()
    assert 'sov_source_invalid_total{reason="compression"}' in metrics
    assert "sov_source_unusable_channels 1.0" in metrics
    assert "channel 'cam:FPICTURE' cannot be used: compression: unknown compression 'zstd'" in stage.server.output()


def test_an_unusable_time_is_told(stage: Stage) -> None:
    """The picture comes; its time is none, and why is in the status."""
    bad = {"sec": 1, "ns": -1}
    found = stage.wait_for_source(
        lambda source: source["time_problem"] is not None,
        "the time",
        parts=lambda: message(11, [channel("image", IMAGE)], global_timestamp=bad),
    )
    assert "nanoseconds" in found["time_problem"]
    assert found["invalid"]["global timestamp"] >= 1
    good = stage.wait_for_source(
        lambda source: source["time_problem"] is None,
        "fine again",
        parts=lambda: message(12, [channel("image", IMAGE)]),
    )
    assert good["state"] == "receiving"

"""What the ingest process reports, over the link and out to others: programs read these names, so they stay."""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from stream_online_viewer.link.messages import ChannelNames
from stream_online_viewer.link.report import (
    ConnectionReport,
    FaultReport,
    IngestReport,
    MemoryReport,
    PulseReport,
    Refusal,
    SourceImage,
    UnusableChannel,
)
from stream_online_viewer.protocol.client import Want
from stream_online_viewer.protocol.jsontext import to_json
from stream_online_viewer.settings import Settings
from stream_online_viewer.web.metrics import Metrics
from stream_online_viewer.web.overview import ConnectionsStatus, Overview
from stream_online_viewer.web.session import StreamSession
from tests.link_peer import Noted
from tests.memory_link import MemoryIngestEnd, MemoryWebEnd
from tests.unit.test_hub import Outlet

REPORT = IngestReport(
    connection=ConnectionReport(
        "waiting", "Connected: a camera.", "PULL", False, True, origin="the camera CAM", lookups={"found": 2}
    ),
    pulses=PulseReport(lost=3, jumps=1, backwards=2, repeated=4, step=10, pulse_id="12345678901234567890"),
    faults=FaultReport(
        refused={"htype": 2},
        invalid={"length": 1},
        refusal=Refusal("htype", "'x' is no bsread message", "'x'", 1.5, 2.0, 0.5),
        time_problem="it is zero",
        unusable_count=1,
        unusable=(UnusableChannel("cam", None, "length", "3 bytes", True, 1, 0.2),),
    ),
    age_s=0.1,
    image_age_s=0.2,
    rate=100.0,
    period_s=0.01,
    image_rate=50.0,
    image_period_s=0.02,
    mbit=80.0,
    messages=1000,
    commands=1,
    replaced=7,
    encoded=99,
    lost_rows=5,
    memory=MemoryReport(slots=16, used=2, nbytes=8192, stored=50, without_slot=3),
    images=(SourceImage("image", "uint16", (480, 640), None, 1234), SourceImage("rgb", "uint8", (4, 5, 3), "bgr", 60)),
    default_image="image",
    pid=4321,
)
CONNECTIONS = ConnectionsStatus(100, 3, 2, 2, 1, {"host": 1}, 10, 1, 2, 3)

STATUS_KEYS = ["kind", "clock_us", "source", "images", "default_image", "ingest", "viewers", "you"]
SOURCE_KEYS = [
    "state", "text", "protocol", "socket", "guessed", "shared", "age_s", "image_age_s", "rate", "image_rate", "mbit",
    "messages", "lost", "jumps", "backwards", "repeated", "commands", "replaced", "step", "pulse_id", "refused",
    "invalid", "refusal", "unusable", "unusable_count", "time_problem", "kind", "origin", "lookups",
]  # fmt: skip
REFUSAL_KEYS = ["reason", "detail", "htype", "age_s", "rate"]
UNUSABLE_KEYS = ["name", "position", "reason", "detail", "image", "count", "age_s"]
YOU_KEYS = ["rate", "mbit", "not_sent", "window", "rtt_ms", "limit", "choice", "why", "refused"]
OVERVIEW_KEYS = [
    "version", "build", "uptime_s", "stream", "epoch", "source", "images", "default_image", "ingest", "limits",
    "unsent_bytes", "closed_stalled", "closed_refused", "viewers", "connections",
]  # fmt: skip
INGEST_KEYS = ["alive", "pid", "restarts", "encoded", "lost_rows", "refused_forms", "memory"]
MEMORY_KEYS = ["slots", "used", "bytes", "stored", "without_slot", "copied_out"]
LIMIT_KEYS = ["max_rate", "viewer_mbit", "total_mbit", "max_viewers", "max_message_mb", "max_pulse_mb"]
VIEWER_KEYS = ["address", "image", "hidden", "images", "bytes", *YOU_KEYS]
CONNECTION_KEYS = [
    "places", "taken", "addresses", "most_of_one_address", "gave_way", "refused", "answer_bytes", "answers_stalled",
    "images_refused", "log_lines_held_back",
]  # fmt: skip
METRICS = """
sov_source_messages_total sov_source_lost_total sov_source_jumps_total sov_source_backwards_total
sov_source_repeated_total sov_source_commands_total sov_source_replaced_total
sov_source_refused_total{reason="htype"} sov_source_invalid_total{reason="length"}
sov_source_refused_hertz sov_source_unusable_channels sov_source_state{state="receiving"}
sov_source_kind{kind="tcp"} sov_resolutions_total{result="found"}
sov_source_rate_hertz sov_source_image_rate_hertz sov_source_age_seconds sov_source_image_age_seconds
sov_viewers sov_sent_hertz sov_sent_mbit sov_unsent_bytes
sov_connection_places sov_connections sov_connection_addresses sov_connections_of_one_address sov_answer_bytes
sov_connections_gave_way_total sov_answers_stalled_total sov_images_refused_total sov_log_lines_held_back_total
sov_requests_refused_total{reason="host"}
sov_viewers_stalled_total sov_viewers_refused_total sov_images_encoded_total sov_forms_refused
sov_ingest_restarts_total
sov_memory_slots sov_memory_slots_used sov_memory_bytes sov_memory_images_total sov_memory_full_total
sov_memory_copied_out_total
""".split()


@pytest.fixture
def session() -> Iterator[StreamSession]:
    """A session that got a report, with a viewer."""
    loop = asyncio.new_event_loop()
    session = StreamSession(Settings(), "a build", loop, clock=lambda: 1000.0)
    session.ingest_up(7, MemoryWebEnd(MemoryIngestEnd(), Noted()))
    session.ingest_names(ChannelNames(((0, "image"),)))
    session.ingest_report(REPORT)
    viewer = session.add_viewer(Outlet(), True, "127.0.0.1:5")
    session.set_want(viewer, Want())
    yield session
    loop.close()


def test_a_report_is_the_same_behind_the_link() -> None:
    """Everything in it, and what is empty in a report without a message."""
    for report in (REPORT, IngestReport(ConnectionReport("resolving", "Looking for it."))):
        assert IngestReport.of(json.loads(to_json(report.content()))) == report


def test_the_keys_of_the_status_stay(session: StreamSession) -> None:
    """The status message of the live protocol; images by their numbers, those without one are left out."""
    (viewer,) = session.hub.viewers
    status = json.loads(to_json(session.status(viewer)))
    assert list(status) == STATUS_KEYS
    assert list(status["source"]) == SOURCE_KEYS
    assert list(status["source"]["refusal"]) == REFUSAL_KEYS
    assert [list(channel) for channel in status["source"]["unusable"]] == [UNUSABLE_KEYS]
    assert list(status["you"]) == YOU_KEYS
    assert (status["images"], status["default_image"]) == ([[0, "uint16", [480, 640]]], 0)
    assert status["ingest"] == {"restarts": 0}


def test_the_status_that_is_sent_to_all_is_the_same(session: StreamSession) -> None:
    """It is put together by another way, because its larger part is the same for all."""
    (viewer,) = session.hub.viewers
    session.send_status_to_all()
    session.loop.run_until_complete(asyncio.sleep(0))
    assert isinstance(viewer.outlet, Outlet)
    sent = viewer.outlet.sent_json[-1]
    assert list(sent) == STATUS_KEYS
    assert sent["you"] == session.status(viewer)["you"]


def test_the_keys_of_the_overview_stay(session: StreamSession) -> None:
    """``/api/status``."""
    content = json.loads(to_json(overview(session).content()))
    assert list(content) == OVERVIEW_KEYS
    assert list(content["source"]) == SOURCE_KEYS
    assert list(content["ingest"]) == INGEST_KEYS
    assert list(content["ingest"]["memory"]) == MEMORY_KEYS
    assert list(content["limits"]) == LIMIT_KEYS
    assert [list(viewer) for viewer in content["viewers"]] == [VIEWER_KEYS]
    assert list(content["connections"]) == CONNECTION_KEYS
    assert content["images"] == [
        {"name": "image", "dtype": "uint16", "shape": [480, 640]},
        {"name": "rgb", "dtype": "uint8", "shape": [4, 5, 3]},
    ]
    assert (content["default_image"], content["epoch"], content["ingest"]["pid"]) == ("image", 7, 4321)


def test_the_names_of_the_metrics_stay(session: StreamSession) -> None:
    """With their labels; those of the process itself are the library's."""
    text = Metrics(lambda: overview(session)).text().decode()
    found = [line.split(" ")[0] for line in text.splitlines() if not line.startswith("#")]
    assert [name for name in found if not re.match(r"process_|.*_created", name)] == METRICS
    assert "sov_source_lost_total 3.0" in text
    assert "sov_images_encoded_total 99.0" in text


def overview(session: StreamSession) -> Overview:
    """Return the overview of a server with connections."""
    return replace(session.overview(), connections=CONNECTIONS)

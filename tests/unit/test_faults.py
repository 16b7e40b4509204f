"""What cannot be used is counted by reason, kept by channel, and logged without a flood."""

import logging
from typing import Any

import numpy as np
import pytest

from stream_online_viewer.ingest.faults import LISTED, LOG_LINES, Faults, QuietLog
from stream_online_viewer.link.report import Refusal
from stream_online_viewer.model.problems import Invalid, Refused
from stream_online_viewer.sources.bsread.headers import parse_main_header
from tests.raw_source import Part, channel, message
from tests.unit.source_helpers import received

IMAGE = np.zeros((4, 5), np.uint16)
logger = logging.getLogger("test of faults")


@pytest.fixture
def faults() -> Any:
    return Faults(logger)


def about(number: float) -> Any:
    """Return what is equal to all that lies next to it."""
    return pytest.approx(number)


def noted(faults: Any, *channels: Any, now: Any = 1.0) -> Any:
    """Take a message with these channels, and return the report."""
    faults.note_pulse(received(message(1, channels)), now)
    return faults.report(now)


CANNOT_BE_USED = [
    (channel("cam", IMAGE, compression="none"), {"compression": "zstd"}, "compression", "'zstd'"),
    (channel("cam", IMAGE), {"shape": [5, 4, 1, 1]}, "shape", "4 dimensions (1 x 1 x 4 x 5)"),
    (channel("cam", IMAGE), {"shape": [5, 4, 1, 1, 1]}, "shape", "5 dimensions"),
    (channel("cam", IMAGE), {"shape": [2**24, 2**24]}, "too large", "--max-message-mb"),
    (channel("cam", IMAGE), {"shape": [2**25, 3]}, "shape", str(2**25)),
    (channel("cam", IMAGE), {"type": "float16"}, "type", "'float16'"),
    (channel("cam", IMAGE), {"encoding": 7}, "encoding", "7"),
    (channel("image", IMAGE), {"type": "complex64", "shape": 20}, "type", "complex64"),
]


@pytest.mark.parametrize(("sent", "change", "reason", "detail"), CANNOT_BE_USED)
def test_an_image_that_cannot_be_used_is_an_image(
    faults: Any, caplog: pytest.LogCaptureFixture, sent: Any, change: Any, reason: Any, detail: Any
) -> None:
    """Its name, the reason and that it is an image are reported, counted and logged."""
    part = Part(sent.definition | change, sent.payload, sent.timestamp)
    report = noted(faults, part, channel("fine", 1.0))
    [found] = report.unusable
    assert (found.name, found.reason, found.image, found.count) == (
        sent.definition["name"],
        reason,
        True,
        1,
    )
    assert detail in found.detail
    assert report.invalid == {reason: 1}
    [line] = [record.getMessage() for record in caplog.records]
    assert f"channel '{sent.definition['name']}' cannot be used: {reason}: " in line


def test_channels_without_a_name_and_doubled_ones_are_counted(faults: Any, caplog: pytest.LogCaptureFixture) -> None:
    """They have no row of their own, so this is where they are seen."""
    report = noted(faults, channel("", 1.0), channel("twice", 1.0), channel("twice", 2.0), channel("x" * 300, 3.0))
    assert report.invalid == {"name": 2, "duplicate name": 1}
    found = {(entry.name, entry.position, entry.reason) for entry in report.unusable}
    assert found == {("", 0, "name"), ("twice", 2, "duplicate name"), ("", 3, "name")}
    lines = [record.getMessage() for record in caplog.records]
    assert any("channel without a usable name (number 0 in the data header)" in line for line in lines)


def test_a_channel_without_a_value_is_no_fault(faults: Any) -> None:
    """Nothing came that could not be used."""
    part = channel("cam", None, compression="zstd")
    assert noted(faults, Part(part.definition, b"", b"")).invalid == {}


def test_a_text_of_two_dimensions_is_no_image(faults: Any) -> None:
    """An image has numbers."""
    part = channel("text", "abc", compression="none")
    assert (
        noted(faults, Part(part.definition | {"shape": [3, 3], "compression": 4}, b"x", b"")).unusable[0].image is False
    )


def test_a_value_that_cannot_be_used_is_counted_once(faults: Any) -> None:
    """What is wrong with its definition was counted with the message."""
    faults.note_value(Invalid("compression", "unknown", of_definition=True).of("cam", picture=True), 1.0)
    faults.note_value(Invalid("length", "3 bytes").of("cam", picture=True), 1.0)
    report = faults.report(1.0)
    assert report.invalid == {"length": 1}
    assert [(entry.name, entry.image) for entry in report.unusable] == [("cam", True)]


def test_what_is_no_longer_wrong_is_forgotten(faults: Any) -> None:
    """Ten seconds after the last bad value its channel is not listed any more; the counts stay."""
    faults.note_value(Invalid("length", "3 bytes").of("cam", picture=True), 1.0)
    assert faults.report(10.9).unusable_count == 1
    assert faults.report(11.1).unusable_count == 0
    assert faults.report(11.1).invalid == {"length": 1}


def test_the_list_is_short_and_has_the_images_first(faults: Any) -> None:
    """A stream of thousands of bad channels makes no large status, and its image is in it."""
    parts = [channel(f"c{number}", 1.0, encoding=1) for number in range(400)]
    report = noted(faults, *parts, channel("cam", IMAGE, encoding=1))
    assert len(report.unusable) == LISTED
    assert report.unusable[0].name == "cam"
    assert report.unusable_count <= 256
    assert report.invalid == {"encoding": 401}


def test_the_last_refusal_is_reported_with_its_rate(faults: Any) -> None:
    """Reason, htype, age and how often."""
    for number in range(11):
        with pytest.raises(Refused) as refusal:
            parse_main_header(b'{"htype": "dheader-1.0"}')
        faults.refuse(refusal.value, number / 10)
    report = faults.report(1.5)
    assert report.refused == {"htype": 11}
    assert report.refusal == Refusal(
        reason="htype",
        detail="'dheader-1.0' is no bsread message, which has bsr_m-1.1",
        htype="'dheader-1.0'",
        age_s=about(0.5),
        rate=about(10),
        period_s=about(0.1),
    )


def test_an_unusable_time_is_counted_and_said(faults: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The message is used, its time is not."""
    faults.note_time("nanoseconds", 1.0)
    faults.note_time(None, 1.1)
    faults.note_time("zero", 1.2)
    report = faults.report(1.2)
    assert report.invalid == {"global timestamp": 2}
    assert report.time_problem == "it is zero"
    assert "the global timestamp cannot be used: its nanoseconds" in caplog.text


def test_the_log_is_not_flooded(caplog: pytest.LogCaptureFixture) -> None:
    """One line for each subject in ten seconds, eight in all; the next one counts what was left out."""
    log = QuietLog(logger)
    for number in range(1000):
        log.warn(f"subject {number % 100}", "text", number / 1000)
    assert len(caplog.records) == LOG_LINES
    log.warn("subject 3", "text", 20.0)
    assert (
        caplog.records[-1].getMessage() == f"text ({1000 - LOG_LINES} more of this kind and others since the last line)"
    )


def test_a_line_of_the_log_is_one_line(faults: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A channel's name cannot break the line or colour the terminal."""
    noted(faults, channel("a\nb\x1b[31m\u202e", 1.0, encoding=1))
    [record] = caplog.records
    assert record.getMessage().isprintable()

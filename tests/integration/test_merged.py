"""Merged streams: scalars in every message, the image in every tenth."""

import time

import numpy as np
import pytest

from tests.live_client import LiveClient
from tests.raw_source import RawSource, channel
from tests.server import running_server
from tests.simulator import running_simulator
from tests.support import deadline, wait_until

PULSES = 300
EVERY_PULSE = ("pulse_counter", "SARFE10-PBPS053:INTENSITY", "shutter_open", "machine_mode", "beam_energy")


@pytest.fixture(scope="module")
def viewer() -> LiveClient:
    """A viewer that has watched the scene `merged` for some seconds.

    At a rate that a busy machine can keep, and from a socket that waits for it instead of dropping messages.
    """
    with (
        running_simulator("--scene", "merged", "--rate", "50", "--size", "64x48") as (_, port),
        running_server(port) as server,
        LiveClient(server.url("live", "ws")) as viewer,
    ):
        viewer.next_frame()

        def watched() -> bool:
            viewer.collect(0.1)
            return len(viewer.rows) >= PULSES

        wait_until(watched, 10, "so many rows", poll=0)
    return viewer


def test_every_scalar_arrives(viewer: LiveClient) -> None:
    """The rows have no hole: each pulse and each sequence number once, in order, with all its values."""
    pulses = [row.pulse_id for row in viewer.rows]
    assert pulses == list(range(pulses[0], pulses[0] + len(pulses)))
    sequences = [row.sequence for row in viewer.rows]
    assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))
    assert viewer.lost_rows == 0
    for row in viewer.rows:
        assert row.values["pulse_counter"] == row.pulse_id
        assert all(row.values[name] is not None for name in EVERY_PULSE)
        assert row.values["shutter_open"] is (row.pulse_id % 500 < 400)


def test_every_image_arrives(viewer: LiveClient) -> None:
    """Each tenth pulse has its image, of its own size, with the values of that pulse."""
    pulses = [frame.pulse_id for frame in viewer.frames]
    assert len(pulses) > PULSES // 10 - 5
    assert pulses == list(range(pulses[0], pulses[0] + 10 * len(pulses), 10))
    for frame in viewer.frames:
        assert frame.image.shape == (48, 64)
        assert frame.row.values["pulse_counter"] == frame.pulse_id
        assert (frame.arrays["image_profile_x"] == frame.image.sum(axis=0)).all()


def test_channels_of_the_image_are_null_in_between(viewer: LiveClient) -> None:
    """A scalar that belongs to the image is listed without a value in the other nine messages."""
    widths = {row.pulse_id: row.values["image_size_x"] for row in viewer.rows}
    assert all(width == (None if pulse_id % 10 else 64) for pulse_id, width in widths.items())


def test_both_rates_are_told(viewer: LiveClient) -> None:
    """The status has the rate of messages and that of images, and no pulse counts as lost."""
    source = viewer.statuses[-1]["source"]
    # On a busy machine the sender does not keep its 50 Hz; its own times say how fast it was.
    times = [row.source_time for row in viewer.rows[-PULSES // 2 :] if row.source_time is not None]
    sent = (len(times) - 1) / ((times[-1] - times[0]) * 1e-9)
    assert source["rate"] == pytest.approx(sent, rel=0.2)
    assert source["image_rate"] == pytest.approx(source["rate"] / 10, rel=0.2)
    assert (source["lost"], source["jumps"], source["state"]) == (0, 0, "receiving")


def test_scalars_go_on_while_no_image_comes() -> None:
    """A source whose camera has stopped: rows come, and the status counts how long there was no image."""
    with (
        RawSource() as source,
        running_server(source.port) as server,
        LiveClient(server.url("live", "ws")) as viewer,
    ):
        source.send_until_shown(viewer, channel("image", np.zeros((4, 5))), channel("number", np.int32(1)))
        start = time.monotonic()

        def image_is_old() -> bool:
            source.send(channel("image", None, shape=[5, 4]), channel("number", np.int32(2)))
            viewer.collect(0.02)
            return bool(viewer.statuses) and (viewer.statuses[-1]["source"]["image_age_s"] or 0) > 1

        wait_until(image_is_old, 5, "the image is old")
        state = viewer.statuses[-1]["source"]
        assert state["state"] == "receiving"
        assert state["age_s"] < deadline(0.5)
        assert time.monotonic() - start > 0.9
        assert viewer.rows[-1].values == {"number": 2}

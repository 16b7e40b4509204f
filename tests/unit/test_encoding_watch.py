"""A step of an encoding that does not end is found; an encoding of many steps may take as long as it takes."""

import ctypes
import hashlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from stream_online_viewer.ingest import encoding_watch
from stream_online_viewer.ingest.encoding_watch import EncodingWatch, allowed_seconds
from stream_online_viewer.ingest.steps import beside, result_of, step
from stream_online_viewer.model.pulse import Pulse
from stream_online_viewer.protocol.rendition import Rendition
from tests.support import deadline
from tests.unit.source_helpers import single

LOOKS = 0.5
"""From the begin of an encoding to the first look, and from one to the next, in s."""
PERMITTED = 0.4
"""What a step is allowed in these tests, in s."""


def test_a_step_over_the_largest_images_ends_within_five_seconds() -> None:
    """Whatever the form: one that hangs is ended within the five seconds that are promised."""
    assert allowed_seconds(8192 * 8192) + LOOKS < 5


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps are allowed less, so that the tests are short."""
    monkeypatch.setattr(encoding_watch, "HANGS_SECONDS", PERMITTED)
    monkeypatch.setattr(encoding_watch, "LOOKED_AT_SECONDS", 0.05)
    monkeypatch.setattr(encoding_watch, "IN_ANY_CASE", 1000.0)


@pytest.fixture
def pulse() -> Pulse:
    """A pulse with a small image."""
    return single(bytes(32), name="camera", type="uint16", shape=[4, 4])


def found(pulse: Pulse, encode: Callable[[], None], seconds: float) -> str | None:
    """Return what the watch says of an encoding while it goes on, at most so many seconds; None if nothing."""
    watch = EncodingWatch(None)

    def work() -> None:
        watch.begin(0, pulse, 0, Rendition("preview"))
        try:
            encode()
        finally:
            watch.end(0)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    end = time.monotonic() + seconds
    while thread.is_alive() and time.monotonic() < end:
        hanging = watch.hanging(time.monotonic())
        if hanging is not None:
            return hanging
        time.sleep(0.02)
    return None


def spin(seconds: float) -> None:
    """Use the processor for about so long, outside of Python's lock."""
    begin = time.thread_time()
    while time.thread_time() - begin < seconds:
        hashlib.pbkdf2_hmac("sha256", b"x", b"x", 20_000)


def spin_without_end() -> None:
    hashlib.pbkdf2_hmac("sha256", b"x", b"x", 4_000_000)


def sleep_without_end() -> None:
    ctypes.CDLL(None).sleep(4)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("hang", [spin_without_end, sleep_without_end])
def test_a_step_that_does_not_end_is_found(pulse: Pulse, hang: Callable[[], None]) -> None:
    """Also after other steps, and before the limit of a whole encoding."""

    def encode() -> None:
        spin(0.1)
        step()
        hang()

    said = found(pulse, encode, deadline(5))
    assert said is not None
    assert '"channel":"camera"' in said


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("hang", [spin_without_end, sleep_without_end])
def test_work_beside_that_does_not_end_is_found(pulse: Pulse, hang: Callable[[], None]) -> None:
    """While the encoder's thread does something else, and while it waits."""

    def encode() -> None:
        with ThreadPoolExecutor(1) as others:
            other = others.submit(beside(hang))
            spin(0.1)
            step()
            result_of(other)

    assert found(pulse, encode, deadline(5)) is not None


@pytest.mark.usefixtures("short")
def test_many_steps_may_take_longer_than_one(pulse: Pulse) -> None:
    """In the thread of the encoder and beside it, where the encoder's thread waits for longer than a step may sleep."""

    def steps() -> None:
        for _ in range(15):
            spin(0.1)
            step()

    def encode() -> None:
        steps()
        with ThreadPoolExecutor(1) as others:
            result_of(others.submit(beside(steps)))

    assert found(pulse, encode, 60) is None

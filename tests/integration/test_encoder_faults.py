"""An encoder that raises, hangs or crashes: the others go on, who asked is told, and it is not tried for ever."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.integration.test_ingest_faults import ingest_of, live
from tests.live_client import LiveClient
from tests.processes import children
from tests.raw_source import RawSource, channel
from tests.server import ServerProcess, running_server
from tests.simulator import running_simulator
from tests.support import deadline, wait_until

BROKEN = Path(__file__).with_name("broken_encoder_server.py")
PREVIEW = {"format": "preview", "picture": [100, 100]}


def broken(how: str, encoding: str = "preview") -> dict[str, Any]:
    """Return how a server is run whose encoder breaks."""
    return {"script": BROKEN, "environment": {"SOV_TEST_BREAK": how, "SOV_TEST_ENCODING": encoding}}


@pytest.fixture(scope="module")
def camera() -> Iterator[int]:
    """The port of a camera of 25 Hz."""
    with running_simulator("--rate", "25", "--mode", "pub", "--size", "320x240") as (_, port):
        yield port


def test_the_preview_that_opencv_takes_for_a_scalar() -> None:
    """One column of four pixels of a camera with a pedestal: it is shown, and so is everything after it."""
    pedestal = np.random.default_rng(1).integers(900, 4000, (600, 800)).astype(np.uint16)
    with RawSource() as source, running_server(source.port) as server, live(server) as other:
        with live(server, format="preview", crop=[790, 150, 1, 80], picture=[1, 1]) as viewer:
            frame = source.send_until_shown(viewer, channel("image", pedestal))
            assert frame.image is not None
        source.send_until_shown(other, channel("image", pedestal))
        assert server.status()["source"]["invalid"] == {}


@pytest.mark.parametrize("how", ["raise", "huge", "nan"])
def test_a_frame_that_cannot_be_encoded(camera: int, how: str) -> None:
    """It is refused with its reason, counted, told to who asked, and the thread lives; once the log says it."""
    exact = {"format": "exact"}
    with (
        running_server(camera, **broken(how)) as server,
        live(server, **exact) as other,
        live(server, **PREVIEW) as viewer,
    ):
        for _ in range(3):
            frame = viewer.next_frame()
            assert frame.image is None
            (reason,) = frame.invalid.values()
            assert reason.startswith("encoder: ")
            assert "\n" not in reason
            assert other.next_frame().image is not None
        # The status that is read next may be one of before the refusal.
        wait_until(lambda: viewer.next_status()["you"]["refused"] is not None, 5, "who asked is told", poll=0)
        assert viewer.statuses[-1]["you"]["refused"].startswith("encoder: ")
        assert other.next_status()["you"]["refused"] is None
        # The same thread goes on with other encodings.
        viewer.want(format="bslz4", crop=[0, 0, 64, 64])
        wait_until(lambda: viewer.next_frame().image is not None, 5, "another form is made", poll=0)
        wait_until(lambda: viewer.next_status()["you"]["refused"] is None, 5, "nothing is refused any more", poll=0)
        # The receiving process reports five times a second.
        counted = "what was refused is counted"
        status = server.wait_for_status(lambda status: status["source"]["invalid"].get("encoder", 0) >= 3, 3, counted)
        assert status["ingest"]["restarts"] == 0
        assert b'sov_source_invalid_total{reason="encoder"}' in server.get("metrics")[1]
        lines = [line for line in server.output().splitlines() if "encoder" in line]
        assert len(lines) == 1
        assert "Traceback" not in server.output()


def test_a_file_that_cannot_be_encoded(camera: int) -> None:
    """A script is answered at once, with the reason, not after ten seconds with nothing."""
    with running_server(camera, **broken("raise", "png")) as server:
        begin = time.monotonic()
        code, body, _ = server.get("image.png")
        assert time.monotonic() - begin < deadline(5)
        assert code == 502
        assert b"encoder: AssertionError: a fault of two lines" in body
        assert server.get("image.npy")[0] == 200


@pytest.mark.parametrize("how", ["sleep", "spin", "hold", "crash"])
def test_an_encoding_that_takes_the_process_with_it(camera: int, how: str) -> None:
    """The process is ended within five seconds and replaced; then that rendition is refused, all others are shown."""
    with running_server(camera, **broken(how)) as server, live(server, format="exact") as other:
        other.next_frame()
        old = ingest_of(server)
        with live(server, **PREVIEW) as viewer:
            begin = time.monotonic()
            wait_until(lambda: ingest_of_or_none(server) != old, 10, "the process is ended")
            seconds = time.monotonic() - begin
            print(f"ended {seconds:.2f} s after the preview was asked for")
            # The preview begins a moment later than it was asked for. A machine with much else to do gives a thread
            # that spins its time later.
            assert seconds < deadline(5.5)
            frame = viewer.next_frame(6)
            assert frame.image is None
            (reason,) = frame.invalid.values()
            assert "not tried again" in reason
            wait_until(lambda: other.next_frame(5).epoch == frame.epoch, 10, "others get the new process", poll=0)
            assert other.frames[-1].image is not None
            for _ in range(3):
                viewer.next_frame()
        status = server.status()
        assert status["ingest"]["restarts"] == 1, server.output()
        assert len(status["ingest"]["refused_forms"]) == 1
        assert b"sov_forms_refused 1.0" in server.get("metrics")[1]
        said = {"crash": "was ended by SIGSEGV", "hold": "did not answer for"}.get(how, "an encoding did not end")
        assert said in server.output()


@pytest.mark.parametrize("how", ["spin", "hold"])
def test_a_large_image_has_no_longer(how: str) -> None:
    """Its files may take many seconds in all, none of their steps may take five."""
    image = channel("image", np.zeros((8192, 8192), np.uint16), compression="bitshuffle_lz4")
    with RawSource() as source, running_server(source.port, **broken(how, "png")) as server, live(server) as other:
        source.send_until_shown(other, image)
        old = ingest_of(server)
        with ThreadPoolExecutor(1) as beside:

            def sent_until(holds: Callable[[], bool], seconds: float, what: str) -> None:
                def held() -> bool:
                    source.send(image)
                    return holds()

                wait_until(held, seconds, what, poll=0.2)

            begin = time.monotonic()
            first = beside.submit(server.get, "image.png")
            sent_until(lambda: ingest_of_or_none(server) != old, 10, "the process is ended")
            seconds = time.monotonic() - begin
            print(f"ended {seconds:.2f} s after the file was asked for")
            assert seconds < deadline(5.5)
            sent_until(first.done, 15, "an answer")
            again = beside.submit(server.get, "image.png")
            sent_until(again.done, 15, "another answer")
            code, body, _ = again.result()
            assert code == 502
            assert b"not tried again" in body


def ingest_of_or_none(server: ServerProcess) -> int | None:
    """Return the receiving process, None if there is none just now."""
    found = children(server.pid)
    return found[0] if found else None


def is_replaced(server: ServerProcess, old: int) -> bool:
    """Return whether there is another receiving process than this one."""
    return ingest_of_or_none(server) not in (None, old)


def is_of_another(viewer: LiveClient, epoch: int) -> bool:
    """Return whether the next frame comes from another receiving process."""
    return viewer.next_frame(10).epoch != epoch


def test_a_message_that_the_receiving_thread_fails_at(camera: int) -> None:
    """Each second message meets a fault: it is refused and counted, the others are shown, nothing is restarted."""
    with running_server(camera, **broken("main")) as server, live(server) as viewer:
        for _ in range(3):
            assert viewer.next_frame().image is not None
        counted = "what was refused is counted"
        status = server.wait_for_status(lambda status: "internal fault" in status["source"]["refused"], 3, counted)
        assert status["ingest"]["restarts"] == 0
        assert "IndexError: a message that nobody thought of" in server.output()
        assert "Traceback" not in server.output()


def test_a_slow_start_is_waited_for(camera: int) -> None:
    """As long as the process does something it may go on; the server is ready when it has reported, not before."""
    # Longer than the silence after which a process that reported before is replaced.
    seconds = 5
    begin = time.monotonic()
    with running_server(camera, **broken("start", str(seconds))) as server, live(server) as viewer:
        assert time.monotonic() - begin > seconds
        viewer.next_frame()
        assert server.status()["ingest"]["restarts"] == 0
        assert "it is started again" not in server.output()


def test_not_ready_while_the_receiving_process_has_not_reported(camera: int) -> None:
    """A new process is there at once, and of no use before it has reported."""
    with running_server(camera) as server:
        os.kill(ingest_of(server), signal.SIGKILL)
        codes = []

        def ready_again() -> bool:
            codes.append(server.get("readyz")[0])
            return 503 in codes and codes[-1] == 200

        wait_until(ready_again, 5, "not ready, and ready again")
        assert server.status()["ingest"]["restarts"] == 1


def test_five_ends_in_a_minute_are_followed_at_once_and_the_sixth_is_not(camera: int) -> None:
    """A viewer waits for two seconds at most, except when the process ends again and again."""
    with running_server(camera) as server, live(server) as viewer:
        for _ in range(5):
            epoch, old = viewer.next_frame().epoch, ingest_of(server)
            begin = time.monotonic()
            os.kill(old, signal.SIGKILL)
            # How long the new one needs to start is the machine's affair.
            wait_until(partial(is_replaced, server, old), 1, "a new process at once")
            wait_until(partial(is_of_another, viewer, epoch), 10, "a frame of the new process", poll=0)
            print(f"the first frame came after {time.monotonic() - begin:.2f} s")
        assert "within a minute" not in server.output()
        os.kill(ingest_of(server), signal.SIGKILL)
        wait_until(lambda: "started again in 5 s" in server.output(), 3, "the log says that there is a pause")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_orderly_end_of_the_whole_group_logs_no_error(camera: int, number: int) -> None:
    """`systemctl stop` signals all processes of the unit, Ctrl-C all of the terminal; the order is not known."""
    with running_server(camera) as server, live(server) as viewer:
        viewer.next_frame()
        os.kill(ingest_of(server), number)
        viewer.next_status()
        viewer.next_frame()
        assert server.end(number, seconds=3) == 0
        for word in ("ERROR", "CRITICAL", "WARNING", "Traceback"):
            assert word not in server.output()

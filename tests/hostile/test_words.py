"""What a viewer says costs the others nothing: floods are closed with a reason, and healthy viewers are served on."""

import itertools
import json
import os
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from stream_online_viewer.web.words import ARRIVALS_PER_SECOND
from tests.hostile.raw_viewer import BINARY, CONTINUATION, PING, PONG, TEXT, RawViewer, frame, want
from tests.live_client import LiveClient
from tests.server import ServerProcess, running_server
from tests.simulator import running_simulator
from tests.support import deadline, wait_until

PIECE = 1 << 16
NAMES = [f"{number:03}-".ljust(180, "x") for number in range(300)]
LONG_NAMES = ["\U0001f600" * 250 + str(number) for number in range(64)]
LONGEST = frame(TEXT, json.dumps({"kind": "want", "every": LONG_NAMES}, ensure_ascii=False).encode())
MEGABYTE = 2**20


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server on a small camera at 20 Hz, with a scalar in each message."""
    with (
        running_simulator("--scene", "camera", "--size", "320x240", "--rate", "20") as (_, port),
        running_server(port) as server,
    ):
        yield server


@pytest.fixture
def healthy(server: ServerProcess) -> Iterator[LiveClient]:
    """A viewer that behaves; after the test it still gets images and rows, and nothing had to be replaced."""
    with LiveClient(server.url("live", "ws"), format="exact") as viewer:
        viewer.next_frame(10)
        before = server.status()["ingest"]["pid"]
        yield viewer
        viewer.frames.clear()
        viewer.rows.clear()
        for _ in range(10):
            viewer.next_frame(10)
        assert viewer.rows
    assert server.status()["ingest"]["pid"] == before
    assert "Traceback" not in server.output()


def acks() -> bytes:
    """Acknowledgements of frames that were never sent."""
    return frame(BINARY, struct.pack("<B3xIQ", 1, 0, 2**63))


def churn(number: int) -> bytes:
    """A want that has nothing in common with the one before."""
    return want(
        image=[None, "image", "nothing"][number % 3],
        format=["exact", "raw", "bslz4", "float32", "preview"][number % 5],
        crop=[None, [number % 50, number % 40, 60, 50], [0, 0, 100 + number % 50, 100]][number % 3],
        levels=[number % 100, 1000 + number],
        hover=[number % 320, number % 240],
        picture=[1 + number * 7 % 900, 1 + number * 5 % 600],
        every=[False, True, [f"name {number}"]][number % 3],
    )


FLOODS: dict[str, Callable[[], Iterable[bytes]]] = {
    "messages that count nothing": lambda: itertools.repeat(frame(TEXT, b'{"kind":"?"}')),
    "wants that change everything": lambda: map(churn, itertools.count()),
    "long names": lambda: itertools.repeat(LONGEST),
    "empty fragments": lambda: itertools.chain([frame(TEXT, b"", False)], itertools.repeat(frame(0, b"", False))),
    "fragments of one byte": lambda: itertools.chain(
        [frame(TEXT, b"{", False)], itertools.repeat(frame(CONTINUATION, b" ", False))
    ),
    "pings": lambda: itertools.repeat(frame(PING)),
    "large pings": lambda: itertools.repeat(frame(PING, bytes(125))),
    "pongs": lambda: itertools.repeat(frame(PONG, b"12345678")),
    "acknowledgements": lambda: itertools.repeat(acks()),
    "acknowledgements in fragments": lambda: itertools.repeat(
        frame(BINARY, acks()[6:14], False) + frame(CONTINUATION, acks()[14:])
    ),
    "acknowledgements between other things": lambda: itertools.repeat(frame(PONG) + acks()),
}


@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood_is_closed_with_its_reason(server: ServerProcess, healthy: LiveClient, kind: str) -> None:
    """As fast as the connection takes it: the viewer is closed with 1008, and told that it said too much."""
    refused = server.status()["closed_refused"]
    with RawViewer(server.port) as viewer:
        end = time.monotonic() + deadline(10)
        piece = b""
        for data in FLOODS[kind]():
            piece += data
            if len(piece) >= PIECE:
                viewer.drain()
                if not viewer.say(piece):
                    break
                piece = b""
                assert time.monotonic() < end, "it may go on"
    with RawViewer(server.port) as viewer:
        # Once more in few bytes, so that nothing is in the way of the reason.
        viewer.say(b"".join(itertools.islice(FLOODS[kind](), 3000))[:200_000])
        assert viewer.end() == (1008, "more than 32 kB/s were said")
    assert server.status()["closed_refused"] >= refused + 1


@pytest.mark.parametrize(
    ("data", "code", "reason"),
    [
        (want(every=NAMES), 1008, "every names 300 channels, more than the 64 of a viewer"),
        (want(every=["a"] * 65), 1008, "every names 65 channels, more than the 64 of a viewer"),
        (want(every=["x" * 257]), 1008, "every must be true, false or a list of names of at most 256 characters"),
        (want(every=["\ud800"]), 1008, "every must be true, false or a list of names of at most 256 characters"),
        (want(image="\udc00"), 1008, "image must be null or a name of 1 to 256 characters"),
        (want(image="\U0001f600" * 257), 1008, "image must be null or a name of 1 to 256 characters"),
        (want(levels=[2**53, 2**53 + 1]), 1008, "levels must be null or [low, high] with low < high"),
        (
            frame(TEXT, b'{"kind":"want","levels":[0,1e999]}'),
            1008,
            "levels must be null or [low, high] with low < high",
        ),
        (frame(TEXT, b'{"kind":"want","levels":[NaN,1]}'), 1008, "levels must be null or [low, high] with low < high"),
        (frame(TEXT, b'{"kind":"want","saturation":-Infinity}'), 1008, "saturation must be null or a number"),
        (frame(TEXT, b'{"kind":"want","rate":1e999}'), 1008, "rate must be a number of images a second"),
        (frame(TEXT, b'{"kind":"want","rate":' + b"9" * 4000 + b"}"), 1008, "rate must be a number of images a second"),
        (frame(TEXT, b'{"kind":"want","slice":' + b"9" * 60000 + b"}"), 1008, "the text is no JSON"),
        (frame(TEXT, b"[" * 60000), 1008, "the text is no JSON"),
        (frame(TEXT, b'{"kind":"want","x":' + b"[" * 30000 + b"]" * 30000 + b"}"), 1008, "the text is no JSON"),
        (frame(TEXT, b'{"kind":"want","image":"\xff"}'), 1007, "the text is no UTF-8"),
        (frame(BINARY, b"\1" * 15), 1008, "a binary message must be an acknowledgement of 16 bytes"),
    ],
)
def test_what_makes_no_sense_is_closed_with_its_reason(
    server: ServerProcess, data: bytes, code: int, reason: str
) -> None:
    """Numbers without end, halves of characters, brackets without end: said why, and no traceback."""
    with RawViewer(server.port) as viewer:
        viewer.say(data)
        assert viewer.end() == (code, reason)
    assert "Traceback" not in server.output()


@pytest.mark.parametrize(
    "data",
    [
        frame(TEXT, b'{"kind":"want","rate":1,"rate":5e-324}'),
        frame(TEXT, b'{"kind":"want","levels":[0,5e-324],"format":"preview"}'),
        frame(TEXT, b'{"kind":"want","levels":[-1e300,1e300],"format":"preview"}'),
        frame(TEXT, b'{"kind":"want","unknown":' + b"9" * 4000 + b',"deep":' + b"[" * 500 + b"]" * 500 + b"}"),
        frame(TEXT, json.dumps({"kind": "want", "unknown": "\ud800" * 5000}).encode()),
        want(picture=[1, 1], crop=[2**24 - 1, 2**24 - 1, 1, 1], format="preview"),
        want(hover=[2**24 - 1, 0], format="preview"),
        want(slice=2**24 - 1, format="preview"),
        LONGEST,
        want(image="\U0001f600" * 256),
    ],
)
def test_strange_wants_hurt_nobody(server: ServerProcess, healthy: LiveClient, data: bytes) -> None:
    """What a client may say, however strange: it stays connected, and the others are served."""
    with RawViewer(server.port) as viewer:
        viewer.say(data)
        for _ in range(3):
            healthy.next_frame(10)
        # It is still heard: something wrong that it says now is answered.
        viewer.say(frame(TEXT, b"?"))
        assert viewer.end() == (1008, "the text is no JSON")


def test_many_who_change_their_mind_within_their_limits(server: ServerProcess, healthy: LiveClient) -> None:
    """Twenty viewers say as many wants as they may for some seconds; memory is bounded and nothing is replaced."""
    pids = [server.pid, server.status()["ingest"]["pid"]]
    before = [resident(pid) for pid in pids]
    viewers = [RawViewer(server.port) for _ in range(20)]
    counter = itertools.count()
    end = time.monotonic() + 3.0
    frames = len(healthy.frames)
    try:
        for turn in itertools.count():
            for number, viewer in enumerate(viewers):
                viewer.drain()
                if turn % 10 == 0:
                    assert viewer.say(want(every=[f"{next(counter)}".rjust(100) for _ in range(60)]))
                else:
                    assert viewer.say(churn(turn * 20 + number))
            healthy.collect(0.05)
            if time.monotonic() > end:
                break
        status = server.status()
        assert len(status["viewers"]) >= 21, "somebody within the limits was closed"
    finally:
        for viewer in viewers:
            viewer.socket.close()
    assert len(healthy.frames) > frames
    grown = [resident(pid) - size for pid, size in zip(pids, before, strict=True)]
    assert max(grown) < 100 * MEGABYTE, f"grown by {grown}"


def test_a_storm_of_connections_hurts_nobody(server: ServerProcess, healthy: LiveClient) -> None:
    """Three hundred viewers come, say what they want and go, as fast as one program can."""
    pid = server.pid
    before, frames = len(os.listdir(f"/proc/{pid}/fd")), len(healthy.frames)
    for number in range(300):
        with RawViewer(server.port) as viewer:
            viewer.say(churn(number))
        if number % 50 == 0:
            healthy.collect(0.05)
    healthy.next_frame(10)
    assert len(healthy.frames) > frames
    server.wait_for_status(lambda status: len(status["viewers"]) == 1, 10, "all of them are forgotten")
    assert len(os.listdir(f"/proc/{pid}/fd")) < before + 20


def test_who_comes_and_goes_without_end_is_held_to_a_rate() -> None:
    """Few places: fifty viewers may come one after the other from an address, then fifty a second, others wait."""
    with running_simulator("--rate", "5", "--size", "64x48") as (_, port):
        with running_server(port, "--max-viewers", "20") as server:
            begun = time.monotonic()
            answers = []
            for _ in range(300):
                with RawViewer(server.port) as viewer:
                    answers.append(viewer.status)
            took = time.monotonic() - begun
            assert set(answers) <= {101, 503}
            assert answers.count(101) <= ARRIVALS_PER_SECOND * (1 + took) + 1
            wait_until(lambda: comes_in(server), 5, "one more is let in", poll=0.1)


def comes_in(server: ServerProcess) -> bool:
    """Return whether a viewer is let in now."""
    with RawViewer(server.port) as viewer:
        return viewer.status == 101


def test_the_limits_stand_in_hello(server: ServerProcess) -> None:
    """A client can know how much it may say."""
    with LiveClient(server.url("live", "ws")) as viewer:
        viewer.next_status()
    limits = viewer.hellos[0]["limits"]
    assert (limits["text_bytes_per_second"], limits["names"]) == (32_000, 64)
    assert limits["text_burst_bytes"] > limits["message_bytes"]
    assert limits["messages_per_second"] > limits["changes_per_second"] > 0


def test_what_hello_promises_may_be_said(server: ServerProcess) -> None:
    """A viewer that says just as much as it may, in messages of the largest size, is heard."""
    with RawViewer(server.port) as viewer:
        padding = b" " * (65536 - len('{"kind":"want"}'))
        for number in range(3):
            if number:
                # The allowance comes back by the second; there is nothing to wait for but the time.
                time.sleep(65600 / 32_000)
            assert viewer.say(frame(TEXT, b'{"kind":"want"' + padding + b"}"))
        viewer.say(frame(TEXT, b"?"))
        assert viewer.end() == (1008, "the text is no JSON")


def resident(pid: int) -> int:
    """Return the bytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")

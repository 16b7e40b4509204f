"""Answers that nobody reads: bounded, ended when nothing is taken, and no concern of the page."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
import zmq

from tests.hostile.clients import connect, head, healthy_meanwhile, read_to_end, status_of
from tests.processes import resident_mb
from tests.raw_source import RawSource, channel
from tests.server import ServerProcess, running_server
from tests.support import deadline, wait_until

ROWS, COLUMNS = 1200, 1600
NPY_HEAD_BYTES = 128
IMAGE_MB = ROWS * COLUMNS * 8 / 2**20
STALL_SECONDS = 30


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server whose source sends images that are small on their way here, and 15 MB in a file, five a second."""
    image = channel("image", np.zeros((ROWS, COLUMNS)), compression="bitshuffle_lz4")
    stop = threading.Event()

    def send(source: RawSource) -> None:
        while not stop.wait(0.2):
            with contextlib.suppress(zmq.Again):
                source.send(image)

    with RawSource() as source:
        thread = threading.Thread(target=send, args=(source,))
        thread.start()
        try:
            with running_server(source.port) as server:
                server.wait_for_status(lambda status: status["source"]["messages"], 10, "messages come")
                yield server
            assert "Traceback" not in server.output()
        finally:
            stop.set()
            thread.join()


def asking(stack: contextlib.ExitStack, server: ServerProcess, source: str, path: str = "/image.npy") -> socket.socket:
    """Return a connection that has asked for an image and reads nothing yet."""
    sock = stack.enter_context(connect(server, source, receive_bytes=4096))
    sock.sendall(head(path))
    return sock


def test_answers_that_nobody_reads(server: ServerProcess) -> None:
    """64 that ask at once and read nothing share a few images; after 30 s they are ended, a slow reader is not."""
    with contextlib.ExitStack() as stack, healthy_meanwhile(server), healthy_meanwhile(server, "api/status"):
        stack.enter_context(healthy_meanwhile(server, "", source="127.0.0.202"))
        before = resident_mb(server.pid)
        slow = asking(stack, server, "127.0.0.3")
        begun = slow.recv(12)
        assert begun == b"HTTP/1.1 200"
        taken = len(begun)
        unread = [asking(stack, server, f"127.0.3.{n // 8}") for n in range(64)]
        server.wait_for_status(lambda status: status["connections"]["answer_bytes"] > 0, 15, "images are under way")
        wait_until(lambda: not server.status()["viewers"], 20, "nobody waits for an image any more")
        assert resident_mb(server.pid) - before < 12 * IMAGE_MB
        assert server.status()["connections"]["answer_bytes"] < 12 * IMAGE_MB * 2**20
        stop = threading.Event()

        def read_slowly() -> None:
            nonlocal taken
            while not stop.wait(0.2):
                with contextlib.suppress(OSError):
                    taken += len(slow.recv(4096))

        thread = threading.Thread(target=read_slowly)
        thread.start()
        try:
            # Their first bytes are in the system's buffers; asking whether they are ended would take them.
            end = f"{STALL_SECONDS} s without a byte taken"
            server.wait_for_status(
                lambda status: status["connections"]["answers_stalled"] >= 20, STALL_SECONDS + 10, end
            )
            # On a slow machine they have asked for several images, one after the other, and so they end.
            one_file = IMAGE_MB * 2**20 + NPY_HEAD_BYTES
            server.wait_for_status(
                lambda status: status["connections"]["answer_bytes"] <= one_file, 10, "the slow reader's file is left"
            )
        finally:
            stop.set()
            thread.join()
        answers = [read_to_end(sock, 10) for sock in unread]
        assert {status_of(answer) for answer in answers} == {200, 503}
        assert sum(status_of(answer) == 200 for answer in answers) >= 20
        assert taken + len(read_to_end(slow, 20)) > IMAGE_MB * 2**20, "all of its answer came"
        server.wait_for_status(lambda status: status["connections"]["taken"] <= 8, 10, "the places are free again")


def test_one_address_holds_a_bounded_number_of_images(server: ServerProcess) -> None:
    """One after the other, so that each is another image: at last 503, while another address gets its own."""
    with contextlib.ExitStack() as stack:
        statuses = []
        for _ in range(20):
            sock = asking(stack, server, "127.0.0.4")
            sock.settimeout(deadline(10))
            statuses.append(status_of(sock.recv(300)))
        assert statuses[0] == 200
        assert set(statuses[12:]) == {503}
        assert server.status()["connections"]["answer_bytes"] <= 128 * 2**20
        with connect(server, "127.0.0.5") as sock:
            sock.sendall(head("/image.npy"))
            answer = read_to_end(sock, 20)
        assert status_of(answer) == 200
        assert len(answer) > IMAGE_MB * 2**20
    server.wait_for_status(lambda status: status["connections"]["answer_bytes"] == 0, 5, "nothing is held")


def test_equal_requests_share_an_encoding(server: ServerProcess) -> None:
    """Eight at once cost what one does."""
    before = server.status()["ingest"]["encoded"]
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(connect(server, "127.0.0.6")) for _ in range(8)]
        for sock in socks:
            sock.sendall(head("/image.png?colormap=gray"))
        answers = [read_to_end(sock, 20) for sock in socks]
    assert {status_of(answer) for answer in answers} == {200}
    assert server.status()["ingest"]["encoded"] - before <= 4


def test_images_are_sent_at_a_bounded_rate(server: ServerProcess) -> None:
    """429 and when to ask again, for that address only; the picture may stand in pages of other hosts, npy may not."""
    with connect(server, "127.0.0.8") as sock:
        sock.sendall(head("/image.png"))
        answer = read_to_end(sock, 20)
    assert status_of(answer) == 200
    assert b"cross-origin-resource-policy: cross-origin\r\n" in answer
    with connect(server, "127.0.0.8") as sock:
        sock.sendall(head("/image.npy"))
        assert b"cross-origin-resource-policy: same-origin\r\n" in read_to_end(sock, 20)
    refused: list[bytes] = []

    def ask_on() -> None:
        end = time.monotonic() + deadline(20)
        while not refused and time.monotonic() < end:
            with connect(server, "127.0.0.7") as sock:
                sock.sendall(head("/image.png?image=none"))
                # Broken off at once: who waits takes one of the places of those who wait.
                sock.settimeout(0.02)
                with contextlib.suppress(TimeoutError):
                    answer = sock.recv(4096)
                    if status_of(answer) == 429:
                        refused.append(answer)

    threads = [threading.Thread(target=ask_on) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused
    assert b"retry-after: 1\r\n" in refused[0]
    with connect(server, "127.0.0.8") as sock:
        sock.sendall(head("/image.png"))
        assert status_of(read_to_end(sock, 20)) == 200


def test_an_orderly_stop_beside_answers_that_nobody_reads(server: ServerProcess) -> None:
    """It ends in time and logs no error. The last test of this module."""
    with contextlib.ExitStack() as stack:
        socks = [asking(stack, server, "127.0.4.1") for _ in range(4)]
        assert [sock.recv(12) for sock in socks] == [b"HTTP/1.1 200"] * 4
        assert server.end() == 0
    assert "ERROR" not in server.output()

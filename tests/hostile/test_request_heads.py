"""Requests that are too large, too slow, or none at all: they end, and nobody else notices."""

import contextlib
import re
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from websockets.sync.client import connect as connect_live

from tests.hostile.clients import (
    HANDSHAKE,
    ask,
    connect,
    ended,
    head,
    healthy_meanwhile,
    metric,
    read_to_end,
    status_of,
    wait_until_ended,
)
from tests.live_client import SUBPROTOCOL
from tests.processes import resident_mb
from tests.server import ServerProcess, running_server
from tests.simulator import running_simulator
from tests.support import deadline

COOKIE = "session=" + "a" * 12_000
LIMIT = 32 * 1024
HEAD_SECONDS = 10
ROUTES = ("/", "/healthz", "/readyz", "/metrics", "/api/status", "/image.png", "/image.npy", "/live", "/assets/x.js")


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server on a camera of 10 Hz. At the end its log holds no traceback and few lines, whatever clients did."""
    with running_simulator("--scene", "camera", "--rate", "10", "--size", "64x48") as (_, port):
        with running_server(port) as server:
            yield server
            output = server.output()
        assert "Traceback" not in output
        assert len(output.splitlines()) < 60, output


def test_a_cookie_of_12_kb_is_taken_by_the_page_and_by_the_socket(server: ServerProcess) -> None:
    """What a single sign-on sets reaches both or none."""
    assert ask(server, head("/", f"Cookie: {COOKIE}"))[0] == 200
    with connect_live(
        server.url("live", "ws"), subprotocols=[SUBPROTOCOL], additional_headers={"Cookie": COOKIE}
    ) as live:
        assert '"hello"' in live.recv(timeout=deadline(5))


@pytest.mark.parametrize("start", [head("/")[:-2], HANDSHAKE], ids=["page", "socket"])
def test_one_limit_for_page_and_socket(server: ServerProcess, start: bytes) -> None:
    """Just below 32 KB is answered, just above is 431, in one line or in many."""
    filler = b"X: %s\r\n\r\n"
    below = start + filler % (b"a" * (LIMIT - len(start) - len(filler) + 2))
    assert len(below) == LIMIT
    with connect(server) as sock:
        sock.sendall(below)
        assert sock.recv(12) in (b"HTTP/1.1 200", b"HTTP/1.1 101")
    status, answer = ask(server, below[:-4] + b"a" + below[-4:])
    assert status == 431
    assert answer.endswith(b"32 KB and 128 headers; this one has more.\n")
    assert ask(server, start + b"a:b\r\n" * 200 + b"\r\n")[0] == 431
    assert ask(server, start + b"a:b\r\n" * 100 + b"\r\n" if start[:6] == b"GET / " else head())[0] == 200


def test_a_header_without_end_costs_nothing(server: ServerProcess) -> None:
    """64 MB in one header: refused at 32 KB; the server keeps nothing and answers others within a second."""
    before = resident_mb(server.pid)
    with healthy_meanwhile(server), connect(server) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
        sent, piece = 0, b"a" * 2**20
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, TimeoutError):
            sock.settimeout(deadline(3))
            while sent < 64 * 2**20:
                sent += sock.send(piece)
        with contextlib.suppress(OSError):
            assert status_of(read_to_end(sock)) in (0, 431)
    assert sent < 64 * 2**20
    assert resident_mb(server.pid) < before + 20


@pytest.mark.parametrize(
    "start",
    [b"G", b"GET /" + b"a" * 100, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", HANDSHAKE],
    ids=["method", "address", "header", "socket"],
)
def test_a_flood_of_one_thing_ends(server: ServerProcess, start: bytes) -> None:
    """A request line or a header that goes on for ever, or line after line of them."""
    with healthy_meanwhile(server), connect(server) as sock, contextlib.suppress(OSError):
        for piece in (b"a" * 60_000, b"a: b\r\n" * 10_000, b"\r\n" * 30_000, b"\r\n\r\n" * 100_000):
            sock.sendall(start + piece)
        read_to_end(sock)


def test_connections_that_never_finish_a_request_are_ended(server: ServerProcess) -> None:
    """360 of four kinds (silent, part of a head, byte by byte, silent after an answer): none is open after 10 s.

    Who began a request is told: 408.
    """
    kinds = (b"", b"GET / HTTP/1.1\r\nHost: x\r\n", HANDSHAKE, b"\r\n" * 10)
    with (
        contextlib.ExitStack() as stack,
        healthy_meanwhile(server),
        healthy_meanwhile(server, "", source="127.0.0.201"),
    ):
        start = time.monotonic()
        socks = [stack.enter_context(connect(server)) for _ in range(360)]
        for index, sock in enumerate(socks):
            sock.sendall(kinds[index % len(kinds)])
        stop = threading.Event()
        slow = socks[1::4][:30]

        def drip() -> None:
            while not stop.wait(0.2):
                for sock in slow:
                    with contextlib.suppress(OSError):
                        sock.send(b"a")

        thread = threading.Thread(target=drip)
        thread.start()
        # One that says nothing for a while is let alone, one that got an answer as well.
        kept = stack.enter_context(connect(server))
        kept.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert kept.recv(12) == b"HTTP/1.1 200"
        told = stack.enter_context(connect(server))
        told.sendall(kinds[1])
        assert not ended(socks[0])
        try:
            wait_until_ended([*socks, kept], HEAD_SECONDS + 3)
        finally:
            stop.set()
            thread.join()
        assert time.monotonic() - start >= HEAD_SECONDS - 1
        assert status_of(read_to_end(told, 5)) == 408


@pytest.mark.parametrize("route", ROUTES)
def test_no_route_takes_a_body(server: ServerProcess, route: str) -> None:
    """A length or chunks: 413 and the end, before any of it is kept; also with a promise to wait."""
    for lines in (["Content-Length: 5"], ["Transfer-Encoding: chunked"], ["Content-Length: 99999999999"]):
        assert ask(server, head(route, *lines) + b"hello")[0] == 413
    assert ask(server, head(route, "Content-Length: 5", "Expect: 100-continue"))[0] == 413
    for lines in (["Content-Length: 5", "Content-Length: 6"], ["Content-Length: 5", "Transfer-Encoding: chunked"]):
        assert ask(server, head(route, *lines) + b"hello")[0] in (400, 413)


@pytest.mark.parametrize("route", ROUTES)
def test_only_reading_methods(server: ServerProcess, route: str) -> None:
    """405 says what is allowed; HEAD answers like GET, without a body."""
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PROPFIND", "CONNECT"):
        status, answer = ask(server, head(route, method=method))
        assert status == 405
        assert b"allow: GET, HEAD" in answer
    assert ask(server, head(route, method="BREW"))[0] == 400
    if not route.startswith("/image"):
        status, answer = ask(server, head(route, method="HEAD"))
        assert status == ask(server, head(route))[0]
        assert answer.endswith(b"\r\n\r\n")


ABSURD = {
    "percent": "/%",
    "zero": "/%00",
    "not utf-8": "/%ff%fe",
    "out": "/assets/../../../etc/passwd",
    "out, encoded": "/assets/%2e%2e/%2e%2e/settings.py",
    "twice encoded": "/%252e%252e/",
    "long": "/" + "a" * 30_000,
    "many slashes": "/" * 20_000,
    "parameters": "/image.png?" + "&".join(f"a{i}=1" for i in range(3_000)),
    "one parameter often": "/image.npy?" + "&".join(["slice=1"] * 3_000),
    "parameters of the page": "/?" + "&".join(f"a{i}=%00" for i in range(3_000)),
    "digits": "/image.npy?slice=" + "9" * 5_000,
    "exponent": "/image.png?min=1e999999&max=-1e999999",
    "unicode": "/image.png?colormap=%F0%9F%92%A3&image=%C0%80",
    "line ends": "/assets/%0d%0aX-Evil:%201?image=%0d%0aX-Evil:%201",
    "fragment": "/#/../..",
    "question marks": "/" + "?" * 10_000,
}


@pytest.mark.parametrize("name", ABSURD)
def test_absurd_addresses_are_answered(server: ServerProcess, name: str) -> None:
    """Each has an answer of the kind 2xx, 3xx or 4xx, and none comes back as a header."""
    status, answer = ask(server, head(ABSURD[name]), seconds=15)
    assert 200 <= status < 500
    assert b"X-Evil: 1" not in answer.partition(b"\r\n\r\n")[0]


@pytest.mark.parametrize("route", ["/", "/healthz", "/metrics", "/api/status", "/image.png?min=x", "/assets/x.js"])
def test_absurd_headers_are_answered(server: ServerProcess, route: str) -> None:
    """Thousands of ranges, codings, dates and tags cost no more than a request does."""
    start = time.monotonic()
    for line in (
        "Range: bytes=" + ",".join(f"{i}-{i}" for i in range(4_000)),
        "Range: bytes=-" + "9" * 20_000,
        "Accept-Encoding: " + ",".join(f"gzip;q=0.{i % 1000:03}" for i in range(1_800)),
        "Accept-Encoding: " + "gzip;" * 5_000,
        "Accept-Encoding: " + "," * 25_000,
        'If-None-Match: "' + '","'.join(str(i) for i in range(3_500)) + '"',
        "If-Modified-Since: " + "9" * 20_000,
        'If-Range: "' + "a" * 20_000,
        "Cookie: " + "; ".join(f"a{i}={i}" for i in range(2_000)),
        "Content-Type: " + "a/b;" * 5_000,
        "X-Forwarded-For: " + ",".join(["1.2.3.4"] * 3_000),
        "Content-Length: 0",
        "Host\t: evil",
        " folded: line",
    ):
        status, _ = ask(server, head(route, line))
        assert 200 <= status < 500, line[:50]
    assert time.monotonic() - start < deadline(10)


@pytest.mark.parametrize(
    "junk",
    [b"\x16\x03\x01\x02\x00\x01\x00", b"\0" * 1000, b"SSH-2.0-x\r\n", b"\xff" * 100_000, b"GET\r\n\r\n",
     b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET  /  HTTP/1.1\r\n\r\n",
     b"get / http/1.1\r\n\r\n"],
)  # fmt: skip
def test_what_is_no_http_is_ended(server: ServerProcess, junk: bytes) -> None:
    """400 at once."""
    assert ask(server, junk)[0] in (0, 400, 431)


def test_thousands_of_requests_at_once_are_answered_in_turn(server: ServerProcess) -> None:
    """Pipelining is the client's choice: the answers come in order, and nobody else waits."""
    count = 1500
    request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    with healthy_meanwhile(server), connect(server) as sock:
        thread = threading.Thread(target=lambda: sock.sendall(request * (count - 1) + head("/healthz")))
        thread.start()
        answer = read_to_end(sock, 40)
        thread.join()
    assert answer.count(b"HTTP/1.1 200") >= 1
    assert len(re.findall(rb"HTTP/1.1 (?!200)", answer)) == 0


def test_requests_of_http_1_0(server: ServerProcess) -> None:
    """Without a Host header, which no browser leaves out, the page is served; the connection ends with the answer."""
    assert ask(server, b"GET / HTTP/1.0\r\n\r\n")[0] == 200
    assert ask(server, b"GET / HTTP/1.0\r\nHost: evil.example\r\n\r\n")[0] == 421
    assert ask(server, HANDSHAKE.replace(b"HTTP/1.1", b"HTTP/1.0") + b"\r\n")[0] in (400, 426, 505)


def test_an_upgrade_to_something_else_is_not_taken(server: ServerProcess) -> None:
    """The request is answered as if it were not asked for."""
    assert ask(server, head("/healthz", "Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings"))[0] == 200


def test_handshakes_with_a_fault_are_explained(server: ServerProcess) -> None:
    """4xx or 505 and the end; what follows in the same packet is heard by nobody."""
    for old, new in (
        (b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Version: 7"),
        (b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b""),
        (b"Sec-WebSocket-Key: dGhl", b"Sec-WebSocket-Key: !!!!"),
        (b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"Sec-WebSocket-Key: a\r\nSec-WebSocket-Key: b"),
        (b"Sec-WebSocket-Protocol: sov.1", b"Sec-WebSocket-Protocol: ,,,;;"),
        (b"Sec-WebSocket-Protocol: sov.1", b"Content-Length: 5"),
        (b"Upgrade: websocket", b"Upgrade: websocket, websocket"),
        (b"GET ", b"POST "),
    ):
        assert old in HANDSHAKE
        status, _ = ask(server, HANDSHAKE.replace(old, new) + b"\r\nhello")
        assert 400 <= status < 600, (new, status)
        assert status != 500


def test_words_in_the_packet_of_the_handshake_are_heard(server: ServerProcess) -> None:
    """A client that does not wait for the answer loses nothing."""
    mask = b"\0\0\0\0"
    word = b'{"kind": "want", "every": false}'
    with connect(server) as sock:
        sock.sendall(HANDSHAKE + b"\r\n" + bytes([0x81, 0x80 | len(word)]) + mask + word)
        data = b""
        end = time.monotonic() + deadline(5)
        while b'"role":"image"' not in data.replace(b" ", b"") and time.monotonic() < end:
            data += sock.recv(65536)
    assert b'"role":"image"' in data.replace(b" ", b"")


def test_what_was_refused_is_counted(server: ServerProcess) -> None:
    """By reason, in the status and in the metrics."""
    ask(server, head("/", method="PUT"))
    refused = server.status()["connections"]["refused"]
    assert refused["method"] >= 1
    assert metric(server, "sov_requests_refused_total") >= sum(refused.values())
    assert metric(server, "sov_connections") >= 1


def test_a_client_that_resets_leaves_nothing(server: ServerProcess) -> None:
    """Connections that are cut at each point are forgotten."""
    before = server.status()["connections"]["taken"]
    for request in (b"", b"GET ", head("/image.npy"), head("/"), HANDSHAKE, HANDSHAKE + b"\r\n"):
        for _ in range(10):
            sock = connect(server)
            sock.sendall(request)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            sock.close()
    server.wait_for_status(lambda status: status["connections"]["taken"] <= before, 5, "all are forgotten")

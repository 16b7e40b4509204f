"""The probe, against real peers of every kind."""

import http.server
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import zmq

from stream_online_viewer.sources.zeromq.address import Address
from stream_online_viewer.sources.zeromq.connection import away_state
from stream_online_viewer.sources.zeromq.probe import HTTP_REQUEST, Outcome, Probe, probe
from stream_online_viewer.sources.zeromq.prober import Prober
from stream_online_viewer.sources.zeromq.zmtp import GREETING
from tests.support import deadline, wait_until
from tests.unit.source_peers import say_nothing, tcp_server


class _Quiet(http.server.SimpleHTTPRequestHandler):
    requests = 0

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        type(self).requests += 1
        self.send_error(404)


@pytest.fixture
def http_port() -> Iterator[int]:
    """The port of a real HTTP server, which counts the requests."""
    _Quiet.requests = 0
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("kind", ["PUSH", "PUB", "XPUB", "PULL", "SUB", "REP", "ROUTER", "PAIR"])
def test_every_kind_of_zeromq_socket(kind: str) -> None:
    """A real socket says what it is, within a fraction of the time allowed."""
    with zmq.Context() as context, context.socket(getattr(zmq, kind)) as peer:
        peer.linger = 0
        port = peer.bind_to_random_port("tcp://127.0.0.1")
        before = time.monotonic()
        found = probe("localhost", port, 5)
        assert time.monotonic() - before < deadline(1)
    assert (found.outcome, found.socket_type, found.minor) == ("zmtp", kind, 1)
    assert f"localhost:{port}" in found.text and kind in found.text


def test_probe_takes_no_message() -> None:
    """Probed again and again, a PUSH socket still has every message for its one receiver."""
    with zmq.Context() as context, context.socket(zmq.PUSH) as push, context.socket(zmq.PULL) as pull:
        push.linger = pull.linger = 0
        port = push.bind_to_random_port("tcp://127.0.0.1")
        for _ in range(5):
            probe("127.0.0.1", port, 1)
        with pytest.raises(zmq.Again):
            push.send(b"nobody", zmq.NOBLOCK)
        pull.connect(f"tcp://127.0.0.1:{port}")
        push.sndtimeo = pull.rcvtimeo = int(deadline(5) * 1000)
        for number in range(50):
            push.send(b"%d" % number)
            if number % 10 == 0:
                probe("127.0.0.1", port, 1)
        assert [pull.recv() for _ in range(50)] == [b"%d" % number for number in range(50)]


def test_probe_sends_only_the_greeting() -> None:
    """A peer that speaks ZMTP gets 64 bytes and nothing after them."""
    got = bytearray()

    def serve(connection: socket.socket) -> None:
        connection.sendall(GREETING + b"\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04PUSH")
        while data := connection.recv(4096):
            got.extend(data)

    with tcp_server(serve) as port:
        assert probe("127.0.0.1", port, 1).socket_type == "PUSH"
        wait_until(lambda: len(got) >= 11, 2, "the greeting")
    assert GREETING.startswith(got)


def test_old_peer_gets_no_more_than_signature_and_version() -> None:
    """libzmq 3 would take what follows for a socket type."""
    got = bytearray()

    def serve(connection: socket.socket) -> None:
        connection.sendall(GREETING[:10])
        while len(got) < 11:
            got.extend(connection.recv(4096))
        connection.sendall(b"\x01\x08\0\0")
        while data := connection.recv(4096):
            got.extend(data)

    with tcp_server(serve) as port:
        found = probe("127.0.0.1", port, 1)
    assert (found.outcome, found.socket_type, found.minor) == ("zmtp", "PUSH", 0)
    assert got == GREETING[:11]


def test_peer_without_ready() -> None:
    """A greeting alone is ZeroMQ of unknown kind; the minor version is known."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(GREETING[:11] + b"\0" + GREETING[12:])
        say_nothing(connection)

    with tcp_server(serve) as port:
        found = probe("127.0.0.1", port, 0.2)
    assert (found.outcome, found.socket_type, found.minor) == ("zmtp", None, 0)


def test_peer_with_authentication_is_named() -> None:
    """The text says what the peer wants."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(GREETING[:12] + b"CURVE".ljust(20, b"\0") + GREETING[32:])
        say_nothing(connection)

    with tcp_server(serve) as port:
        assert "CURVE" in probe("127.0.0.1", port, 0.2).text


def test_http_server_that_waits_for_more(http_port: int) -> None:
    """Python's server says nothing to a greeting; asked in its own language it answers."""
    found = probe("127.0.0.1", http_port, 0.3)
    assert found.outcome == "http"
    assert "an HTTP server answers there (Jupyter uses 8888 too)" in found.text
    assert _Quiet.requests == 1


def test_http_server_that_complains_at_once() -> None:
    """An answer to the greeting may be HTTP already; then no second connection is made."""
    connections = []

    def serve(connection: socket.socket) -> None:
        connections.append(connection.recv(4096))
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with tcp_server(serve) as port:
        assert probe("127.0.0.1", port, 1).outcome == "http"
    assert len(connections) == 1


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9.2\r\n", b"\x15\x03\x01\0\x02\x02\x0a", b"\xff" * 64, b"\0"])
def test_server_that_says_something_else(answer: bytes) -> None:
    """Other protocols and garbage are not ZeroMQ."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(answer)
        say_nothing(connection)

    with tcp_server(serve) as port:
        found = probe("127.0.0.1", port, 0.2)
    assert found.outcome == "not_zeromq" and f"127.0.0.1:{port}" in found.text


def test_server_that_says_nothing() -> None:
    """It is asked twice, and the probe ends in time."""
    asked = []

    def serve(connection: socket.socket) -> None:
        while data := connection.recv(4096):
            asked.append(data)

    with tcp_server(serve) as port:
        before = time.monotonic()
        assert probe("127.0.0.1", port, 0.2).outcome == "no_answer"
        assert time.monotonic() - before < deadline(1)
        wait_until(lambda: len(asked) == 2, 2, "both questions")
    assert asked == [GREETING[:11], HTTP_REQUEST]


def test_server_that_drips() -> None:
    """A byte now and then does not keep the probe beyond its time."""

    def serve(connection: socket.socket) -> None:
        for byte in GREETING:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    with tcp_server(serve) as port:
        before = time.monotonic()
        assert probe("127.0.0.1", port, 0.2).outcome == "no_answer"
        assert time.monotonic() - before < deadline(1)


def test_server_that_hangs_up() -> None:
    """Accepting and closing is no answer."""
    with tcp_server(lambda connection: connection.close()) as port:
        assert probe("127.0.0.1", port, 1).outcome == "no_answer"


def test_closed_port(free_port: int) -> None:
    """Nothing listens: refused, at once."""
    found = probe("localhost", free_port, 5)
    assert found.outcome == "refused" and f"localhost:{free_port}" in found.text


@pytest.mark.parametrize("name", ["no-such-host.invalid", "x" * 70 + ".invalid", "a..b.invalid"])
def test_name_that_does_not_resolve(name: str) -> None:
    """Names that do not exist, and names that cannot."""
    found = probe(name, 8888, 1)
    assert found.outcome == "unresolvable" and name in found.text


def test_unreachable_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer and no route are told apart in the text."""
    for error, words in ((TimeoutError(), "no answer"), (OSError(113, "No route to host"), "No route to host")):

        def fail(*_: object, error: OSError = error) -> None:
            raise error

        monkeypatch.setattr(socket.socket, "connect", fail)
        found = probe("127.0.0.1", 8888, 1)
        assert found.outcome == "unreachable" and words in found.text


def test_only_ipv4_unless_the_address_is_ipv6() -> None:
    """As ZeroMQ does: "localhost" is 127.0.0.1 even where a server listens on ::1 alone."""
    with zmq.Context() as context, context.socket(zmq.PUB) as peer:
        peer.ipv6 = True
        port = peer.bind_to_random_port("tcp://[::1]")
        assert probe("localhost", port, 1).outcome == "refused"
        found = probe("::1", port, 1)
    assert found.socket_type == "PUB" and f"[::1]:{port}" in found.text


def test_prober_asks_an_http_server_rarely(http_port: int) -> None:
    """Each question leaves a line in somebody's log; between two, no greeting means that nothing has changed."""
    prober = Prober(Address("127.0.0.1", http_port), timeout=0.1)
    try:
        for _ in range(4):
            prober.start()
            found = wait_until(prober.result, 3, "a result")
            assert found is not None and found.outcome == "http"
            assert not prober.busy
        assert _Quiet.requests == 1
    finally:
        prober.close()


def test_prober_wakes_who_waits(free_port: int) -> None:
    """Its descriptor is readable when a result is there, and not afterwards."""
    prober = Prober(Address("127.0.0.1", free_port))
    try:
        poller = zmq.Poller()
        poller.register(prober.fileno(), zmq.POLLIN)
        assert prober.result() is None and not poller.poll(0)
        prober.start()
        assert poller.poll(int(deadline(3) * 1000))
        found = prober.result()
        assert found is not None and found.outcome == "refused"
        assert not poller.poll(0)
    finally:
        prober.close()


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("refused", "refused"),
        ("unreachable", "unreachable"),
        ("unresolvable", "unresolvable"),
        ("http", "http"),
        ("not_zeromq", "not_zeromq"),
        ("no_answer", "lost"),
    ],
)
def test_a_source_that_was_there_is_described_as_its_address_is_now(outcome: Outcome, state: str) -> None:
    """What was found now, and that it was another thing before; a port that only accepts is a lost source."""
    found = Probe(outcome, "camera:9999 is as it is.")
    assert away_state(found, was_connected=True) == (state, "camera:9999 is as it is; the source was there before.")
    first = "unreachable" if outcome == "no_answer" else outcome
    assert away_state(found, was_connected=False) == (first, "camera:9999 is as it is.")

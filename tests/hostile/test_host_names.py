"""A page elsewhere that has a name point here (DNS rebinding) gets nothing; and what stands in Host and Origin."""

import re
from collections.abc import Callable, Iterator

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect as connect_live
from websockets.typing import Subprotocol

from tests.hostile.clients import HANDSHAKE, ask, head
from tests.server import ServerProcess, running_server
from tests.support import deadline, find_free_port

EVIL = "evil.example"
ROUTES = ("/", "/api/status", "/image.png", "/image.npy", "/assets/x.js", "/live", "/nothing")
OPEN_ROUTES = ("/healthz", "/readyz", "/metrics")


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server without a source, to which one more name was given."""
    with running_server(find_free_port(), "--allow-host", "viewer.example") as server:
        yield server


def live(host: str | None = "localhost", *lines: str) -> bytes:
    """Return a handshake with this host and these further lines; with no Host header if it is None."""
    text = HANDSHAKE.replace(b"Host: localhost\r\n", b"" if host is None else f"Host: {host}\r\n".encode())
    return text + b"".join(f"{line}\r\n".encode() for line in lines) + b"\r\n"


@pytest.mark.parametrize("route", ROUTES)
def test_a_strange_name_gets_nothing(server: ServerProcess, route: str) -> None:
    """421 and one sentence that names the option; not the page, not the status, no pixel."""
    status, answer = ask(server, head(route, host=f"{EVIL}:8080"))
    assert status == 421
    body = answer.partition(b"\r\n\r\n")[2].decode()
    assert body == (
        "This server does not answer to the name evil.example; "
        "if it should, start it with --allow-host evil.example (or SOV_ALLOW_HOST=evil.example).\n"
    )
    assert b"content-security-policy" in answer


def test_a_strange_name_gets_no_socket(server: ServerProcess) -> None:
    """421 also with an Origin that fits."""
    for lines in ([], [f"Origin: http://{EVIL}"]):
        assert ask(server, live(EVIL, *lines))[0] == 421


@pytest.mark.parametrize("route", OPEN_ROUTES)
def test_what_watches_the_server_may_use_any_name(server: ServerProcess, route: str) -> None:
    """Health, readiness and metrics."""
    for host in (EVIL, "localhost", "not a host"):
        assert ask(server, head(route, host=host))[0] == 200
    assert ask(server, f"GET {route} HTTP/1.1\r\nConnection: close\r\n\r\n".encode())[0] == 200


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:80", "[::1]:80", "viewer", "viewer.example", "VIEWER.example."]
)
def test_names_that_are_served(server: ServerProcess, host: str) -> None:
    """The page and the socket."""
    assert ask(server, head("/", host=host))[0] == 200
    with pytest.raises(InvalidStatus) as raised:
        connect_live(server.url("live", "ws"), subprotocols=[Subprotocol("other")], additional_headers={"X": "y"})
    assert raised.value.response.status_code == 400
    for lines in ([], [f"Origin: http://{host}"]):
        assert ask(server, live(host, *lines, "Sec-WebSocket-Key: again"))[0] == 400  # let in as far as the next fault


def test_the_target_may_name_the_host(server: ServerProcess) -> None:
    """A request to a proxy has the name in its first line; that one counts as well."""
    assert ask(server, head(f"http://{EVIL}/"))[0] == 421
    assert ask(server, head("http://viewer.example/"))[0] == 200
    assert ask(server, head("http://[::1]:80/"))[0] == 200
    assert ask(server, head("ftp://viewer.example/"))[0] == 400


@pytest.mark.parametrize(
    "make", [lambda *lines: head("/", *lines), lambda *lines: live("localhost", *lines)], ids=["page", "socket"]
)
def test_headers_that_come_twice(server: ServerProcess, make: Callable[..., bytes]) -> None:
    """400 for a second Host or Origin, the same or another."""
    for line in ("Host: localhost", f"Host: {EVIL}"):
        assert ask(server, make(line))[0] == 400
    for origin in ("http://localhost", "null"):
        assert ask(server, make(f"Origin: {origin}", "Origin: http://localhost"))[0] == 400


@pytest.mark.parametrize("host", ["a b", "a,b", "::1", "[::1", "a@b", "evil%2eexample", "", ":80", "a:b", "-"])
def test_hosts_that_cannot_be_read(server: ServerProcess, host: str) -> None:
    """400 on the page and on the socket."""
    assert ask(server, head("/", host=host))[0] == 400
    assert ask(server, live(host))[0] == 400


def test_a_socket_needs_a_host(server: ServerProcess) -> None:
    """400 without; a missing Host must not fit an empty Origin."""
    for lines in ([], ["Origin: null"], ["Origin: http://localhost"]):
        assert ask(server, live(None, *lines))[0] == 400
    assert ask(server, b"GET / HTTP/1.1\r\n\r\n")[0] == 400


@pytest.mark.parametrize(
    "origin", ["null", "", "http://", "http://[::1", f"http://{EVIL}", "http://localhost:1", "file://"]
)
def test_pages_of_elsewhere_get_no_socket(server: ServerProcess, origin: str) -> None:
    """403, also for an Origin that says nothing or cannot be read."""
    assert ask(server, live("localhost", f"Origin: {origin}"))[0] == 403


def test_each_name_is_logged_once(server: ServerProcess) -> None:
    """The first time, and a flood of names is a bounded number of lines."""
    for n in range(60):
        for _ in range(2):
            assert ask(server, head("/", host=f"name-{n}.{EVIL}"), seconds=deadline(5))[0] == 421
    output = server.output()
    assert len(re.findall(r"--allow-host name-0\.evil\.example would serve it", output)) <= 1
    assert len(re.findall(r"--allow-host \S+ would serve it", output)) <= 32
    assert len(output.splitlines()) < 50
    assert "Traceback" not in output


def test_any_name_may_be_allowed() -> None:
    """`SOV_ALLOW_HOST=*` is for those whose proxy looks after it."""
    with running_server(find_free_port(), environment={"SOV_ALLOW_HOST": "*"}) as server:
        assert ask(server, head("/", host=EVIL))[0] == 200
        assert ask(server, live(EVIL, "Origin: http://other.example"))[0] == 403

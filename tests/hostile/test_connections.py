"""More connections than there is room for: refused with an answer, shared fairly, and never silence."""

import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial

import pytest
from websockets.sync.client import connect as connect_live

from tests.hostile.clients import HANDSHAKE, ask, connect, ended, head, metric, read_to_end, status_of
from tests.live_client import SUBPROTOCOL
from tests.processes import children
from tests.server import SCRIPT, ServerProcess, running_server
from tests.support import deadline, find_free_port, wait_until

STARTER = (
    "import os, resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, ({0}, {0})); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)


def start_with_files(limit: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the server with a limit of open files until it ends by itself."""
    command = [sys.executable, "-c", STARTER.format(limit), sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=deadline(20), check=False)


@pytest.mark.parametrize("limit", [16, 63])
def test_too_few_open_files_end_with_one_line(limit: int) -> None:
    """Code 2, and what to do."""
    ended_ = start_with_files(limit, "tcp://127.0.0.1:1", "--port", "0")
    assert ended_.returncode == 2
    (line,) = ended_.stderr.splitlines()
    assert line.startswith(
        f"stream-online-viewer: the limit of open files is {limit} (ulimit -n), and the server needs"
    )
    assert ended_.stdout == ""


@pytest.fixture(scope="module")
def small() -> Iterator[ServerProcess]:
    """A server with 40 places."""
    with running_server(find_free_port(), "--max-connections", "40", "--proxy", "127.0.0.9") as server:
        yield server
        assert "Traceback" not in server.output()


def hold(
    stack: contextlib.ExitStack, server: ServerProcess, count: int, source: str = "127.0.0.1"
) -> list[socket.socket]:
    """Open connections that are viewers, which may stay for ever; return those that are let in."""
    held = []
    for _ in range(count):
        sock = stack.enter_context(connect(server, source))
        with contextlib.suppress(OSError):
            sock.sendall(HANDSHAKE + b"\r\n")
            if sock.recv(12) == b"HTTP/1.1 101":
                held.append(sock)
    return held


def is_served(server: ServerProcess, path: str, source: str) -> bool:
    """Return whether a request from an address is answered with what it asks for."""
    return ask(server, head(path), source)[0] == 200


def test_a_crowd_of_one_address_leaves_room_for_others(small: ServerProcess) -> None:
    """Beyond three quarters it is told 503 and when to come again, others get the page; the log has one line of it."""
    with contextlib.ExitStack() as stack:
        held = hold(stack, small, 60, "127.0.0.2")
        assert 30 <= len(held) < 40
        status, answer = ask(small, head("/"), "127.0.0.2")
        assert status == 503
        assert b"retry-after: 5" in answer
        assert answer.endswith(b"All places for connections are taken; try again.\n")
        for n in range(8):
            assert ask(small, head("/"), f"127.0.1.{n}")[0] == 200
        assert ask(small, head("/healthz"), "127.0.0.3")[0] == 200
        for path in ("/healthz", "/readyz", "/metrics"):
            wait_until(partial(is_served, small, path, "127.0.0.2"), 3, f"{path} is answered")
        connections = small.status()["connections"]
        assert connections["places"] == 40
        assert connections["most_of_one_address"] == len(held)
        assert connections["refused"]["no_place"] >= 20
        assert metric(small, "sov_connection_places") == 40
    assert small.output().count("connections are refused") == 1
    small.wait_for_status(lambda status: status["connections"]["taken"] == 1, 5, "they are gone")


def test_when_all_places_are_taken_the_largest_gives_way(small: ServerProcess) -> None:
    """Others take the rest, then places of the crowd: its viewers are told to try again later."""
    with contextlib.ExitStack() as stack:
        crowd = hold(stack, small, 40, "127.0.0.2")
        others = [sock for n in range(20) for sock in hold(stack, small, 1, f"127.0.2.{n}")]
        assert len(others) == 20
        wait_until(lambda: sum(ended(sock) for sock in crowd) >= 5, 3, "some of the crowd are gone")
        assert small.status()["connections"]["gave_way"] >= 5
        assert not any(ended(sock) for sock in others)


def test_a_proxy_is_one_address_and_no_crowd(small: ServerProcess) -> None:
    """Its connections may take all places; for whom it asks stands in the status."""
    forwarded = b"X-Forwarded-For: 6.6.6.6, 192.0.2.7\r\n\r\n"
    with contextlib.ExitStack() as stack:
        sock = stack.enter_context(connect(small, "127.0.0.9"))
        sock.sendall(HANDSHAKE + forwarded)
        stack.enter_context(connect(small)).sendall(HANDSHAKE + forwarded)
        status = small.wait_for_status(lambda status: len(status["viewers"]) == 2, 3, "both are there")
        addresses = {viewer["address"].partition(":")[0] for viewer in status["viewers"]}
        assert addresses == {"192.0.2.7", "127.0.0.1"}
        assert len(hold(stack, small, 36, "127.0.0.9")) == 36


def test_a_limit_for_each_address() -> None:
    """`--max-connections-each` holds when nothing is crowded."""
    with running_server(find_free_port(), "--max-connections-each", "5") as server, contextlib.ExitStack() as stack:
        assert len(hold(stack, server, 8, "127.0.0.2")) == 5
        assert ask(server, head("/"), "127.0.0.2")[0] == 503
        assert ask(server, head("/"))[0] == 200


def test_viewers_of_one_address_give_way_when_there_are_no_more_places() -> None:
    """One address may have all places of `--max-viewers`; another one that comes gets one of them."""
    with running_server(find_free_port(), "--max-viewers", "6") as server, contextlib.ExitStack() as stack:
        crowd = hold(stack, server, 8, "127.0.0.2")
        assert len(crowd) == 6
        other = hold(stack, server, 3, "127.0.0.3")
        assert len(other) == 3
        wait_until(lambda: sum(ended(sock) for sock in crowd) == 3, 3, "three gave way")
        assert hold(stack, server, 1, "127.0.0.3") == []
        assert not any(ended(sock) for sock in other)
        assert server.status()["connections"]["gave_way"] == 3


def test_without_a_descriptor_it_says_so_and_does_not_spin() -> None:
    """At the limit of open files a page is 503 or refused, with one line; afterwards all is well."""
    with running_server(find_free_port()) as server:
        used = len(os.listdir(f"/proc/{server.pid}/fd"))
        before = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (used + 10, before[1]))
        with contextlib.ExitStack() as stack:
            socks = [stack.enter_context(connect(server)) for _ in range(40)]
            wait_until(lambda: "the limit of open files is reached" in server.output(), 5, "it is said")
            answered = sum(ended(sock) for sock in socks)
            start, used_before = time.monotonic(), processor_seconds(server.pid)
            with connect(server) as sock:
                sock.sendall(head("/"))
                assert status_of(read_to_end(sock, 12)) in (0, 503)
            wait_until(lambda: sum(ended(sock) for sock in socks) >= answered, 1, "refused")
            assert processor_seconds(server.pid) - used_before < 0.5 * (time.monotonic() - start) + 0.5
            assert server.output().count("connections are refused") == 1
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, before)
        wait_until(lambda: server.get("")[0] == 200, 5, "the page is served again")
        assert children(server.pid)
        assert "Traceback" not in server.output()


def processor_seconds(pid: int) -> float:
    """Return how much processor time a process has used."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("host", ["::1", "[::1]", "::"])
def test_it_serves_on_ipv6(host: str) -> None:
    """With and without brackets; all interfaces are those of IPv4 too."""
    with running_server(find_free_port(), "--host", host, "--allow-host", "x.example") as server:
        with connect_live(f"ws://[::1]:{server.port}/live", subprotocols=[SUBPROTOCOL]) as live:
            assert json.loads(live.recv(timeout=deadline(5)))["kind"] == "hello"
            (viewer,) = server.status()["viewers"] if host == "::" else [{"address": "[::1]:1"}]
            assert viewer["address"].startswith("[::1]:")
        if host == "::":
            assert server.get("")[0] == 200
        else:
            assert f"at http://[::1]:{server.port}/" in server.output()


def test_a_name_stands_for_all_of_its_addresses() -> None:
    """`localhost` is served on IPv4, and on IPv6 where it has an address of it."""
    with running_server(find_free_port(), "--host", "localhost") as server:
        assert ask(server, head("/"))[0] == 200

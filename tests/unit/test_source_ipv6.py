"""IPv6 wherever a name or an address of a source is taken: literals, zones, and names that have such an address."""

import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
import zmq

from stream_online_viewer.settings import read_settings
from stream_online_viewer.simulation.binding import free_address
from stream_online_viewer.simulation.encoded import encode
from stream_online_viewer.simulation.message import Message
from stream_online_viewer.simulation.stream_sender import StreamSender
from stream_online_viewer.sources.zeromq.address import parse_address
from stream_online_viewer.sources.zeromq.probe import probe
from stream_online_viewer.sources.zeromq.receiver import Receiver
from tests import codec
from tests.support import deadline
from tests.unit.source_peers import next_message, run_until, say_nothing, state_is, tcp_server

NAME = "camera-of-the-test"


@pytest.fixture
def name(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a name these addresses, as a name server would."""
    real = socket.getaddrinfo

    def give(*addresses: str) -> None:
        def resolve(host: Any, port: Any, family: int = 0, *rest: Any, **more: Any) -> list[Any]:
            if host != NAME:
                return real(host, port, family, *rest, **more)
            found: list[Any] = []
            for address in addresses:
                with suppress(socket.gaierror):
                    found += real(address, port, family, *rest, **more)
            if not found:
                raise socket.gaierror(socket.EAI_NONAME, "no address of this family")
            return found

        monkeypatch.setattr(socket, "getaddrinfo", resolve)

    return give


@pytest.fixture
def six_source() -> Iterator[tuple[int, Any]]:
    """A PUSH socket that is bound to IPv6 alone, with its port."""
    with zmq.Context() as context, context.socket(zmq.PUSH) as push:
        push.ipv6 = True
        push.linger = 0
        push.sndtimeo = int(deadline(5) * 1000)
        yield push.bind_to_random_port("tcp://[::1]"), push


@pytest.mark.parametrize("mode", ["auto", "pull"])
@pytest.mark.parametrize("addresses", [("::1",), ("::1", "127.0.0.1")], ids=["AAAA only", "A and AAAA"])
def test_a_name_with_an_address_of_ipv6_is_received_from(
    name: Any, six_source: Any, mode: Any, addresses: tuple[str, ...]
) -> None:
    """The source is found at the address where it is, whatever other addresses its name has."""
    name(*addresses)
    port, push = six_source
    with closing(Receiver(f"tcp://{NAME}:{port}", mode)) as receiver:
        run_until(receiver, state_is(receiver, "waiting"), 5, "connected")
        assert f"{NAME}:{port} is a PUSH socket" in receiver.state.text
        push.send(b"hello")
        assert next_message(receiver, 5)[0].bytes == b"hello"


def test_a_name_of_both_kinds_is_asked_at_ipv4_first(name: Any) -> None:
    """Sources bind to IPv4 as a rule, so a source there is found without a question to anybody else."""
    name("::1", "127.0.0.1")
    with zmq.Context() as context, context.socket(zmq.PUSH) as push:
        push.linger = 0
        found = probe(NAME, push.bind_to_random_port("tcp://127.0.0.1"), 5)
    assert (found.outcome, found.target) == ("zmtp", "127.0.0.1")


def test_a_name_at_which_nobody_is_says_what_is_known_best(name: Any, free_port: int) -> None:
    """A program that answers says more than an address where nothing listens."""
    name("::1", "127.0.0.1")
    assert probe(NAME, free_port, 1).outcome == "refused"
    with tcp_server(say_nothing) as port:
        assert probe(NAME, port, 0.2).outcome == "no_answer"


def test_a_link_local_address_has_its_zone(six_source: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The zone stays in the address, and is given to the socket."""
    assert parse_address("tcp://[fe80::1%eth0]:9999").url == "tcp://[fe80::1%eth0]:9999"
    seen: list[Any] = []
    index = socket.if_nametoindex("lo")

    def resolve(host: str, port: int, *_: Any) -> list[Any]:
        seen.append(host)
        return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", port, 0, index))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    found = probe("fe80::1%lo", 9999, 0.1)
    assert (seen, found.target) == (["fe80::1%lo"], "fe80::1%lo")


SENDERS: dict[str, Any] = {
    "own": (lambda host: StreamSender("push", host, 0, 7), encode(Message({"value": 1.5}), "none")),
}
if codec.HAVE_LIBRARIES:
    from stream_online_viewer.simulation.library_sender import LibrarySender

    SENDERS["library"] = (lambda host: LibrarySender("push", host, 0, "none", 7), Message({"value": 1.5}))


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("host", ["::1", "[::1]", NAME, "::"])
def test_the_simulated_camera_binds_to_ipv6(name: Any, sender: str, host: str) -> None:
    """An address, one in brackets, a name, and all interfaces; what it sends arrives over IPv6."""
    name("::1")
    make, message = SENDERS[sender]
    with closing(make(host)) as bound, closing(Receiver(f"tcp://[::1]:{bound.port}")) as receiver:
        run_until(receiver, state_is(receiver, "waiting"), 5, "connected")
        bound.send(message)
        assert b'"pulse_id"' in next_message(receiver, 5)[0].bytes


def test_all_interfaces_of_ipv6_are_those_of_ipv4_too() -> None:
    """A simulator at "::" is found at 127.0.0.1 as well."""
    with closing(StreamSender("pub", "::", 0, 7)) as sender:
        found = probe("127.0.0.1", sender.port, 5)
        assert (found.outcome, found.socket_type) == ("zmtp", "PUB")


def test_a_name_is_bound_to_ipv4_where_it_has_such_an_address(name: Any) -> None:
    """As before: receivers look there first."""
    name("::1", "127.0.0.1")
    assert free_address(NAME, 0) == "tcp://127.0.0.1"
    assert free_address("*", 0) == "tcp://*"


def test_the_page_is_served_at_an_address_in_brackets() -> None:
    """As in a URL or without."""
    assert read_settings(["--host", "[::1]"], {}).host == "::1"
    assert read_settings(["--host", "fe80::1%eth0"], {}).host == "fe80::1%eth0"

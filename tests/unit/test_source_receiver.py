"""The receiver against real sources that are there, away, of the wrong kind, or come back as something else."""

import itertools
import os
import re
import select
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import zmq

from stream_online_viewer.errors import ViewerError
from stream_online_viewer.model.problems import Refused
from stream_online_viewer.sources.zeromq.probe import probe
from stream_online_viewer.sources.zeromq.receiver import MAX_PARTS, Receiver
from stream_online_viewer.sources.zeromq.zmtp import GREETING
from tests.raw_source import RawSource, channel
from tests.support import deadline, wait_until
from tests.unit.source_helpers import received, value_of
from tests.unit.source_peers import (
    Source,
    first_message,
    next_message,
    run_for,
    run_until,
    say_nothing,
    state_is,
    tcp_server,
)


@pytest.fixture
def make_receiver() -> Iterator[Any]:
    """Make receivers that are closed at the end."""
    made: list[Receiver] = []

    def make(port: int, mode: Any = "auto", host: str = "127.0.0.1", **options: Any) -> Receiver:
        made.append(Receiver(f"tcp://{host}:{port}", mode, **options))
        return made[-1]

    yield make
    for receiver in made:
        receiver.close()


@pytest.mark.parametrize(("kind", "ours"), [(zmq.PUSH, "PULL"), (zmq.PUB, "SUB"), (zmq.XPUB, "SUB")])
def test_socket_follows_the_source(make_receiver: Any, kind: int, ours: str) -> None:
    """A PUSH source gets a PULL socket and is shared with other receivers, a publisher a SUB socket."""
    with Source(kind) as source:
        receiver = make_receiver(source.port)
        assert (receiver.state.state, receiver.state.socket) == ("resolving", None)
        assert first_message(receiver, 2) < deadline(1)
        run_until(receiver, state_is(receiver, "waiting"), 1, "connected")
        state = receiver.state
    assert (state.socket, state.shared, state.guessed) == (ours, ours == "PULL", False)
    assert f"127.0.0.1:{source.port}" in state.text and zmq.SocketType(kind).name in state.text


@pytest.mark.parametrize(("mode", "kind"), [("pull", zmq.PUSH), ("sub", zmq.PUB)])
def test_given_mode(make_receiver: Any, mode: str, kind: int) -> None:
    """With a given mode the socket is there from the beginning, and is no guess."""
    with Source(kind) as source:
        receiver = make_receiver(source.port, mode)
        assert receiver.state.socket == mode.upper()
        first_message(receiver, 2)
        run_until(receiver, state_is(receiver, "waiting"), 1, "connected")
        assert not receiver.state.guessed


@pytest.mark.parametrize(("mode", "kind", "other"), [("pull", zmq.PUB, "sub"), ("sub", zmq.PUSH, "pull")])
def test_given_mode_that_does_not_fit(make_receiver: Any, mode: str, kind: int, other: str) -> None:
    """ZeroMQ itself only stays silent about this, so it is said plainly, with the remedy."""
    with Source(kind) as source:
        receiver = make_receiver(source.port, mode)
        run_until(receiver, state_is(receiver, "wrong_type"), 2, "the wrong type to be noticed")
        text = receiver.state.text
        assert f"is a {zmq.SocketType(kind).name} socket" in text and f"--mode {other}" in text
        assert run_for(receiver, 0.3) == [] and receiver.state.socket is None
    with Source(zmq.PUSH if mode == "pull" else zmq.PUB, source.port):
        assert first_message(receiver, 2) < deadline(1)


@pytest.mark.parametrize("kind", [zmq.REP, zmq.PULL])
def test_peer_that_is_no_source(make_receiver: Any, kind: int) -> None:
    """Another program's socket is named."""
    with zmq.Context() as context, context.socket(kind) as peer:
        receiver = make_receiver(peer.bind_to_random_port("tcp://127.0.0.1"))
        run_until(receiver, state_is(receiver, "wrong_type"), 2, "the wrong type to be noticed")
    assert f"is a {zmq.SocketType(kind).name} socket; a stream comes from a PUSH or a PUB socket" in receiver.state.text


@pytest.mark.parametrize("mode", ["auto", "pull", "sub"])
def test_closed_port_then_a_source(make_receiver: Any, free_port: int, mode: str) -> None:
    """The state says what is wrong, keeps its time, and a source that appears is received within a second."""
    receiver = make_receiver(free_port, mode)
    run_until(receiver, state_is(receiver, "refused"), 2, "refused")
    since = receiver.state.since
    run_for(receiver, 0.5)
    assert receiver.state.state == "refused" and receiver.state.since == since
    assert f"Nothing listens at 127.0.0.1:{free_port}" in receiver.state.text
    with Source(zmq.PUB if mode == "sub" else zmq.PUSH, free_port):
        assert first_message(receiver, 2) < deadline(1)


def test_nothing_of_another_source_comes_before_the_loss_is_seen(make_receiver: Any) -> None:
    """Another source takes the port while :meth:`tick` is not called. Only a receiver that reconnects gets from it."""
    with Source(zmq.PUB) as first:
        usual, careful = make_receiver(first.port), make_receiver(first.port, reconnect=False)
        for receiver in (usual, careful):
            first_message(receiver, 2)
            run_until(receiver, state_is(receiver, "waiting"), 2, "connected")
    with Source(zmq.PUB, first.port, [b"another"]):
        senders: dict[Receiver, set[bytes]] = {usual: set(), careful: set()}

        def take() -> bool:
            for receiver, seen in senders.items():
                while receiver.message_waits() and (parts := receiver.receive()):
                    seen.add(bytes(parts[0].buffer))
            return b"another" in senders[usual]

        wait_until(take, 5, "the usual one has connected again")
        for _ in range(20):
            careful.message_waits()
            time.sleep(0.01)
        take()
        assert b"another" not in senders[careful]
        careful.tick()
        assert careful.state.state == "lost"
        assert first_message(careful, 5) < deadline(5)


@pytest.mark.parametrize("mode", ["auto", "pull"])
def test_unresolvable_name(make_receiver: Any, mode: str) -> None:
    """The name is tried again and again, for name servers come back."""
    receiver = make_receiver(8888, mode, "no-such-host.invalid")
    run_until(receiver, state_is(receiver, "unresolvable"), 5, "unresolvable")
    assert "no-such-host.invalid" in receiver.state.text
    run_for(receiver, 0.4)
    assert receiver.state.state == "unresolvable"


@pytest.mark.parametrize(
    ("serve", "state", "words"),
    [
        (lambda peer: peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "http", "an HTTP server answers there"),
        (lambda peer: peer.sendall(b"SSH-2.0-OpenSSH\r\n"), "not_zeromq", "not ZeroMQ"),
        (say_nothing, "unreachable", "nothing answers"),
        (lambda peer: peer.close(), "unreachable", "nothing answers"),
    ],
    ids=["http", "ssh", "silent", "closing"],
)
@pytest.mark.parametrize("mode", ["auto", "pull"])
def test_port_of_something_else(make_receiver: Any, mode: str, serve: Any, state: str, words: str) -> None:
    """What answers there is said, and a source that takes its place is received within a second."""
    with tcp_server(serve) as port:
        receiver = make_receiver(port, mode, probe_seconds=0.3)
        run_until(receiver, state_is(receiver, state), 4, state)
        assert words in receiver.state.text and f"127.0.0.1:{port}" in receiver.state.text
        # A server of another kind is not bothered by ZeroMQ's attempts to connect ten times a second.
        assert state == "unreachable" or receiver.state.socket is None
    with Source(zmq.PUSH, port):
        assert first_message(receiver, 3) < deadline(1)


@pytest.mark.parametrize("mode", ["auto", "pull"])
def test_source_restarts(make_receiver: Any, mode: str) -> None:
    """Three restarts: lost is said, and the first message comes within a second."""
    with Source(zmq.PUSH) as source:
        receiver = make_receiver(source.port, mode)
        first_message(receiver, 2)
    for _ in range(3):
        run_until(receiver, lambda: receiver.state.state in ("lost", "refused"), 2, "the loss to be noticed")
        run_until(receiver, state_is(receiver, "refused"), 2, "refused")
        assert "the source was there before" in receiver.state.text
        run_for(receiver, 0.3)
        with Source(zmq.PUSH, source.port):
            assert first_message(receiver, 2) < deadline(1)
            run_until(receiver, state_is(receiver, "waiting"), 1, "connected")


def test_source_returns_as_another_kind(make_receiver: Any, free_port: int) -> None:
    """PUSH, PUB and PUSH again, at once after each other or after a while: always the right socket within a second."""
    receiver = make_receiver(free_port)
    for number, kind in enumerate([zmq.PUSH, zmq.PUB, zmq.PUSH, zmq.PUB, zmq.PUB, zmq.PUSH]):
        with Source(kind, free_port):
            while receiver.receive() is not None:
                pass
            assert first_message(receiver, 2) < deadline(1)
            run_until(receiver, state_is(receiver, "waiting"), 1, "connected")
            assert receiver.state.socket == ("PULL" if kind == zmq.PUSH else "SUB")
        if number % 2:
            run_until(receiver, state_is(receiver, "refused"), 2, "refused")


def test_peer_that_never_says_what_it_is(make_receiver: Any) -> None:
    """A greeting without READY: SUB, said to be a guess."""

    def serve(peer: socket.socket) -> None:
        peer.sendall(GREETING)
        say_nothing(peer)

    with tcp_server(serve) as port:
        receiver = make_receiver(port, probe_seconds=0.3)
        run_until(receiver, lambda: receiver.state.socket is not None, 3, "a socket")
        assert (receiver.state.socket, receiver.state.guessed) == ("SUB", True)
        assert receiver.state.state == "resolving"


def test_nothing_is_probed_while_connected(make_receiver: Any) -> None:
    """A camera must not see a new connection every quarter of a second for ever."""
    with zmq.Context() as context, context.socket(zmq.PUSH) as push, context.socket(zmq.PAIR) as monitor:
        push.linger = 0
        port = push.bind_to_random_port("tcp://127.0.0.1")
        receiver = make_receiver(port)
        run_until(receiver, state_is(receiver, "waiting"), 2, "connected")
        push.monitor("inproc://accepted", zmq.EVENT_ACCEPTED)
        monitor.connect("inproc://accepted")
        run_for(receiver, 0.8)
        assert not monitor.poll(0)
        push.disable_monitor()


def test_late_answer_of_the_probe_changes_nothing(make_receiver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a probe finds after the connection was made is not news."""
    connected = threading.Event()

    def slow(*arguments: Any, **options: Any) -> Any:
        connected.wait()
        return probe(*arguments, **options)

    monkeypatch.setattr("stream_online_viewer.sources.zeromq.prober.probe", slow)
    with Source(zmq.PUSH) as source:
        receiver = make_receiver(source.port, "pull")
        run_until(receiver, state_is(receiver, "waiting"), 2, "connected")
        before = receiver.state
        connected.set()
        run_for(receiver, 0.3)
        assert receiver.state == before


def test_flapping_port(make_receiver: Any, free_port: int) -> None:
    """A source that comes and goes ten times a second is received from as soon as it stays."""
    receiver = make_receiver(free_port)
    for _ in range(8):
        with Source(zmq.PUSH, free_port):
            run_for(receiver, 0.06)
        run_for(receiver, 0.04)
    with Source(zmq.PUSH, free_port):
        while receiver.receive() is not None:
            pass
        assert first_message(receiver, 2) < deadline(1)
        run_until(receiver, state_is(receiver, "waiting"), 1, "connected")


def test_there_are_never_two_receivers(make_receiver: Any, free_port: int) -> None:
    """One receiver at a time, however often the source comes back: every message of a PUSH source arrives."""
    receiver = make_receiver(free_port)
    for turn in range(3):
        own = b"turn %d" % turn
        with Source(zmq.PUSH, free_port, [own]):
            numbers: list[int] = []

            def enough(own: bytes = own, numbers: list[int] = numbers) -> bool:
                # What was received of the source before comes first.
                numbers += [int(parts[-1].bytes) for parts in run_for(receiver, 0.1) if parts[0].bytes == own]
                return len(numbers) > 10

            run_until(receiver, enough, 5, "its messages")
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        run_until(receiver, state_is(receiver, "refused"), 2, "refused")


def test_ipv6(make_receiver: Any) -> None:
    """An IPv6 literal in brackets is an address as any other."""
    with zmq.Context() as context, context.socket(zmq.PUSH) as push:
        push.ipv6 = True
        push.linger = 0
        receiver = make_receiver(push.bind_to_random_port("tcp://[::1]"), host="[::1]")
        run_until(receiver, state_is(receiver, "waiting"), 2, "connected")


def test_frames_are_not_copied_and_make_a_message(make_receiver: Any) -> None:
    """Parts come as frames of ZeroMQ, from which a message is made."""
    with RawSource() as source:
        receiver = make_receiver(source.port)
        run_until(receiver, state_is(receiver, "waiting"), 2, "connected")
        source.send(channel("a", 5), channel("b", "text"))
        parts = next_message(receiver, 2)
    assert all(isinstance(part, zmq.Frame) for part in parts)
    assert received(parts).scalars() == [(0, 5), (1, "text")]


def test_the_descriptor_is_readable_when_there_is_something_to_poll(make_receiver: Any) -> None:
    """Who waits for it misses no message, whether they come one by one, many at once, or over a new connection."""
    with RawSource() as source:
        receiver = make_receiver(source.port)
        poller = select.poll()
        poller.register(receiver.fileno(), select.POLLIN)
        run_until(receiver, state_is(receiver, "waiting"), 2, "connected")
        for count in (1, 1, 7, 1):
            for number in range(count):
                source.send(channel("a", number))
            for number in range(count):
                end = time.monotonic() + deadline(2)
                while not receiver.poll(0):
                    assert time.monotonic() < end, "the descriptor stayed silent"
                    poller.poll(int(deadline(2) * 1000))
                assert value_of(received(receiver.receive() or [])) == number
            assert not receiver.poll(0)
        # Nothing is left over that would make a loop run for nothing.
        run_until(receiver, lambda: not receiver.poll(0) and not poller.poll(0), 2, "silence")
        port = source.port
    with RawSource(port=port) as source:
        run_until(receiver, state_is(receiver, "waiting"), 5, "connected again")
        source.send(channel("a", 8))
        assert receiver.poll(0) or poller.poll(int(deadline(2) * 1000))
        assert value_of(received(next_message(receiver, 2))) == 8


def test_poll_without_anything_to_wait_for_ends_in_time(make_receiver: Any, free_port: int) -> None:
    """Without a socket a poll still waits no longer than it may."""
    assert not make_receiver(free_port).poll(0.01)


def test_message_of_endless_parts_is_refused(make_receiver: Any) -> None:
    """The message is thrown away whole, and the next one is received."""
    with RawSource() as source:
        receiver = make_receiver(source.port)
        run_until(receiver, state_is(receiver, "waiting"), 2, "connected")
        source.send_parts([b"x"] * (MAX_PARTS + 100))
        source.send_parts([b"y"] * MAX_PARTS)
        with pytest.raises(Refused, match="part count"):
            first_message(receiver, 5)
        parts = next_message(receiver, 5)
        assert len(parts) == MAX_PARTS and parts[0].bytes == b"y"


def test_parts_above_the_limit_are_explained(make_receiver: Any) -> None:
    """ZeroMQ hangs up when a part is too large; after a few times the text names the limit."""
    with Source(zmq.PUSH, parts=[bytes(3 * 2**20)]) as source:
        receiver = make_receiver(source.port, max_message_bytes=10**6)
        run_until(receiver, lambda: "larger than the limit of 1 MB" in receiver.state.text, 5, "the explanation")


def test_a_message_above_the_limit_of_all_its_parts_is_read_and_refused(make_receiver: Any) -> None:
    """Nothing of it is kept; the text names the option, and the next message is received."""
    with RawSource() as source:
        receiver = make_receiver(source.port, max_message_bytes=10**6, max_pulse_bytes=3 * 10**6)
        run_until(receiver, state_is(receiver, "waiting"), 2, "connected")
        source.send_parts([bytes(10**6)] * 4)
        source.send_parts([b"z" * 10**6] * 3)
        with pytest.raises(Refused, match="message size: 4 MB in 4 parts, more than the 3 MB of --max-pulse-mb"):
            first_message(receiver, 5)
        parts = next_message(receiver, 5)
        assert len(parts) == 3 and parts[0].bytes[:1] == b"z"


def test_a_message_without_end_is_cut_off(make_receiver: Any) -> None:
    """libzmq hands over whole messages only, so the connection is watched; then the next message is received."""
    ready = b"\x05READY\x0bSocket-Type" + (4).to_bytes(4, "big") + b"PUSH"
    tamed = threading.Event()
    sent = [0]

    def serve(connection: socket.socket) -> None:
        connection.sendall(GREETING + bytes([4, len(ready)]) + ready)
        mine = 0
        while not tamed.is_set():
            # One part, to be followed by more.
            connection.sendall(b"\x03" + (2**20).to_bytes(8, "big") + bytes(2**20))
            sent[0] += 1
            mine += 1
            # 200 MB a second at most.
            tamed.wait(0.005)
        if mine:
            # The receiver may have connected again before that: what follows would belong to the message without end.
            connection.shutdown(socket.SHUT_RDWR)
            return
        connection.sendall(b"\x01\x04good\x00\x03end")
        say_nothing(connection)

    with tcp_server(serve) as port:
        receiver = make_receiver(port, "pull", max_message_bytes=2 * 2**20, max_pulse_bytes=4 * 2**20)
        run_until(receiver, lambda: receiver.cut_off is not None, 10, "the end of the connection")
        assert re.fullmatch(
            r"message size: cut off after \d+ MB, more than the 4.1943 MB of --max-pulse-mb", str(receiver.cut_off)
        )
        assert receiver.state.state == "lost" and "--max-pulse-mb" in receiver.state.text
        tamed.set()
        assert [part.bytes for part in next_message(receiver, 5)] == [b"good", b"end"]
        # 20 MB, and what came in the tenths of a second of a busy machine.
        assert sent[0] < 1000


def test_bad_address_is_an_error_at_once() -> None:
    """Nothing is started for an address that is none."""
    with pytest.raises(ViewerError):
        Receiver("localhost:8888")


def test_receivers_leave_nothing_behind(free_port: int) -> None:
    """Sockets, pipes and threads are gone after close, whatever the state was."""

    def descriptors() -> set[str]:
        return {os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if _exists(fd)}

    before = descriptors()
    with Source(zmq.PUSH) as source:
        for port, mode in itertools.product((source.port, free_port), ("auto", "pull", "sub")):
            receiver = Receiver(f"tcp://127.0.0.1:{port}", mode)  # type: ignore[arg-type]
            run_for(receiver, 0.05)
            receiver.close()
    assert len(descriptors() - before) <= 1


def _exists(fd: str) -> bool:
    return os.path.lexists(f"/proc/self/fd/{fd}")

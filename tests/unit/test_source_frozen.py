"""Sources whose connection stays open while nothing comes any more, and lines that are only slow."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import zmq

from stream_online_viewer.sources.zeromq.receiver import Receiver
from stream_online_viewer.sources.zeromq.zmtp import GREETING
from tests.support import deadline
from tests.unit.source_peers import (
    Relay,
    Source,
    first_message,
    run_for,
    run_until,
    source_process,
    state_is,
    tcp_server,
)

QUICK_HEARTBEATS = (100, 300)


@contextmanager
def _receiver(port: int, heartbeat_ms: tuple[int, int] = (500, 1500)) -> Iterator[Receiver]:
    receiver = Receiver(f"tcp://127.0.0.1:{port}", heartbeat_ms=heartbeat_ms)
    try:
        yield receiver
    finally:
        receiver.close()


def test_frozen_process(free_port: int) -> None:
    """A stopped source is lost within three seconds, although its kernel goes on; continued, it is received again."""
    with source_process("PUSH", free_port) as process, _receiver(free_port) as receiver:
        first_message(receiver, 3)
        run_until(receiver, state_is(receiver, "waiting"), 1, "connected")
        os.kill(process.pid, signal.SIGSTOP)
        assert run_until(receiver, state_is(receiver, "lost"), 4, "the loss to be noticed") < deadline(3)
        while receiver.receive() is not None:
            pass
        os.kill(process.pid, signal.SIGCONT)
        assert first_message(receiver, 4) < deadline(2)
        run_until(receiver, state_is(receiver, "waiting"), 1, "connected")


def test_relay_that_swallows_bytes() -> None:
    """A line that is open and dead is lost within three seconds; when bytes pass again, so do messages."""
    with Source(zmq.PUB) as source, Relay(source.port) as relay, _receiver(relay.port) as receiver:
        first_message(receiver, 3)
        run_until(receiver, state_is(receiver, "waiting"), 1, "connected")
        relay.frozen = True
        assert run_until(receiver, state_is(receiver, "lost"), 4, "the loss to be noticed") < deadline(3)
        run_for(receiver, 0.5)
        assert receiver.state.state == "lost"
        relay.frozen = False
        assert first_message(receiver, 5) < deadline(3)


def test_silence_is_not_a_loss() -> None:
    """A source without messages answers heartbeats, so its connection stays."""
    with zmq.Context() as context, context.socket(zmq.PUSH) as push:
        push.linger = 0
        port = push.bind_to_random_port("tcp://127.0.0.1")
        with _receiver(port, QUICK_HEARTBEATS) as receiver:
            run_until(receiver, state_is(receiver, "waiting"), 2, "connected")
            since = receiver.state.since
            run_for(receiver, 1)
            assert receiver.state.state == "waiting" and receiver.state.since == since


def test_message_on_a_slow_line() -> None:
    """A message that takes longer than a heartbeat may is received at the first try: its bytes are answers."""
    with (
        Source(zmq.PUB, parts=[bytes(600_000)]) as source,
        Relay(source.port) as relay,
        _receiver(relay.port, QUICK_HEARTBEATS) as receiver,
    ):
        run_until(receiver, state_is(receiver, "waiting"), 2, "connected")
        since = receiver.state.since
        relay.rate = 600_000
        for _ in range(2):
            first_message(receiver, 10)
            assert (receiver.state.state, receiver.state.since) == ("waiting", since)


def test_a_source_that_freezes_within_a_message_is_lost() -> None:
    """Bytes that came count as answers, but not for ever."""
    with (
        Source(zmq.PUB, parts=[bytes(600_000)]) as source,
        Relay(source.port) as relay,
        _receiver(relay.port, QUICK_HEARTBEATS) as receiver,
    ):
        relay.rate = 300_000
        run_until(receiver, state_is(receiver, "waiting"), 2, "connected")
        run_for(receiver, 0.7)
        assert receiver.state.state == "waiting"
        relay.frozen = True
        assert run_until(receiver, state_is(receiver, "lost"), 3, "the loss to be noticed") < deadline(1)


def test_restarts_of_a_silent_source_cost_no_patience(free_port: int) -> None:
    """A source without beam that is restarted again and again is no slow line: a freeze is noticed as soon as ever."""
    with zmq.Context() as context, context.socket(zmq.PUSH) as push:
        push.linger = 0
        target = push.bind_to_random_port("tcp://127.0.0.1")
        with _receiver(free_port, QUICK_HEARTBEATS) as receiver:
            for _ in range(4):
                with Relay(target, free_port):
                    run_until(receiver, state_is(receiver, "waiting"), 2, "connected")
                    run_for(receiver, 0.35)
                run_until(receiver, state_is(receiver, "refused"), 2, "refused")
            with Relay(target, free_port) as relay:
                run_until(receiver, state_is(receiver, "waiting"), 2, "connected")
                relay.frozen = True
                assert run_until(receiver, state_is(receiver, "lost"), 3, "the loss to be noticed") < deadline(1)


def _peer(minor: bytes) -> tuple[list[float], "object"]:
    """Return a source that answers no heartbeat: its handshakes, and what serves a connection."""
    handshakes: list[float] = []

    def serve(connection: socket.socket) -> None:
        connection.sendall(GREETING[:11] + minor + GREETING[12:] + b"\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04PUSH")
        got = b""
        while data := connection.recv(4096):
            got += data
            if b"READY" in got:
                handshakes.append(time.monotonic())
                got = b""

    return handshakes, serve


@pytest.mark.parametrize(("minor", "stays"), [(b"\0", True), (b"\1", False)])
def test_heartbeats_only_for_those_who_know_them(minor: bytes, stays: bool) -> None:
    """A peer of ZMTP 3.0 need not answer and is not lost for it; one of 3.1 must."""
    handshakes, serve = _peer(minor)
    with tcp_server(serve) as port, _receiver(port, QUICK_HEARTBEATS) as receiver:  # type: ignore[arg-type]
        run_until(receiver, state_is(receiver, "waiting"), 3, "connected")
        if stays:
            run_for(receiver, 1.2)
            assert receiver.state.state == "waiting" and len(handshakes) == 1
        else:
            run_until(receiver, lambda: receiver.state.state != "waiting", 2, "the loss to be noticed")

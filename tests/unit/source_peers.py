"""Peers for the tests of probe and receiver: TCP servers that misbehave, relays, and a source in its own process."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import zmq

from stream_online_viewer.sources.zeromq.receiver import Receiver
from tests.support import deadline

PERIOD = 0.005
PROCESS = """
import sys, time, zmq
socket = zmq.Context().socket(getattr(zmq, sys.argv[1]))
socket.linger = 0
socket.bind("tcp://127.0.0.1:" + sys.argv[2])
print("bound", flush=True)
while True:
    try:
        socket.send_multipart([b"main", b"data"], zmq.NOBLOCK)
    except zmq.Again:
        pass
    time.sleep(0.005)
"""


@contextmanager
def tcp_server(serve: Callable[[socket.socket], Any], port: int = 0) -> Iterator[int]:
    """Run ``serve`` in a thread for each connection; yield the port."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        connections: list[socket.socket] = []

        def handle(connection: socket.socket) -> None:
            with suppress(OSError):
                serve(connection)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    connections.append(connection)
                    threading.Thread(target=handle, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            # Closing alone does not wake a thread that waits in accept or recv.
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
                connection.close()


def say_nothing(connection: socket.socket) -> None:
    """Read and never answer."""
    while connection.recv(4096):
        pass


class Source:
    """A bound ZeroMQ socket that sends a small message every few milliseconds from its own thread."""

    def __init__(self, kind: int, port: int = 0, parts: list[bytes] | None = None) -> None:
        self._context = zmq.Context()
        self._socket = self._context.socket(kind)
        self._socket.linger = 0
        self._socket.bind(f"tcp://127.0.0.1:{port}")
        self.port = int(self._socket.getsockopt_string(zmq.LAST_ENDPOINT).rpartition(":")[2])
        self.sent = 0
        self._parts = parts or [b"main", b"data"]
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._end.wait(PERIOD):
            with suppress(zmq.Again):
                self._socket.send_multipart([*self._parts, b"%d" % self.sent], zmq.NOBLOCK)
                self.sent += 1

    def close(self) -> None:
        """Stop sending; the port is free afterwards."""
        self._end.set()
        self._thread.join()
        self._socket.close()
        self._context.term()

    def __enter__(self) -> "Source":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def source_process(kind: str, port: int) -> Iterator[subprocess.Popen[str]]:
    """Run a source in its own process, which can be stopped and continued by signals."""
    command = [sys.executable, "-c", PROCESS, kind, str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "bound\n"
            yield process
        finally:
            os.kill(process.pid, signal.SIGCONT)
            process.kill()


class Relay:
    """Passes bytes between receiver and source. ``frozen`` discards them; ``rate`` (bytes/s) slows them down."""

    def __init__(self, target: int, port: int = 0) -> None:
        self.frozen = False
        self.rate = 0
        self._target = target
        self._server = tcp_server(self._serve, port)

    def __enter__(self) -> "Relay":
        self.port = self._server.__enter__()
        return self

    def __exit__(self, *problem: Any) -> None:
        self._server.__exit__(*problem)

    def _serve(self, client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self._target)) as server:
            # Small buffers, so that a slow link is slow from the first byte.
            for end in (client, server):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
            back = threading.Thread(target=self._pass, args=(client, server), daemon=True)
            back.start()
            self._pass(server, client)
            back.join()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(4096):
                if self.rate:
                    time.sleep(len(data) / self.rate)
                if not self.frozen:
                    target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def run_until(receiver: Receiver, condition: Callable[[], Any], seconds: float, what: str) -> float:
    """Run the ingest process's loop until the condition holds; return the seconds that took."""
    start = time.monotonic()
    while not condition():
        late = time.monotonic() >= start + deadline(seconds)
        assert not late, f"not within {deadline(seconds):g} s: {what}; {receiver.state}"
        receiver.poll(0.02)
        receiver.tick()
    return time.monotonic() - start


def run_for(receiver: Receiver, seconds: float) -> list[list[zmq.Frame]]:
    """Run the ingest process's loop for some time; return the messages received."""
    messages: list[list[zmq.Frame]] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        receiver.poll(0.02)
        while (parts := receiver.receive()) is not None:
            messages.append(parts)
        receiver.tick()
    return messages


def next_message(receiver: Receiver, seconds: float) -> list[zmq.Frame]:
    """Return the next message."""
    parts: list[zmq.Frame] = []

    def arrived() -> bool:
        parts.extend(receiver.receive() or [])
        return bool(parts)

    run_until(receiver, arrived, seconds, "a message")
    return parts


def first_message(receiver: Receiver, seconds: float) -> float:
    """Return the seconds until a message came."""
    return run_until(receiver, lambda: receiver.receive() is not None, seconds, "a message")


def state_is(receiver: Receiver, state: str) -> Callable[[], bool]:
    """Return a condition for :func:`run_until`."""
    return lambda: receiver.state.state == state

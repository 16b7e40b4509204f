"""The simulator's own sender: encoded messages on a ZeroMQ socket. Only headers and timestamps are copied."""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import zmq

from stream_online_viewer.simulation.binding import (
    LINGER_MS,
    MODES,
    QUEUE_SIZE,
    SEND_TIMEOUT_MS,
    bound_port,
    free_address,
)


class Sendable(Protocol):
    """A message that is encoded except for the parts that change with each send."""

    def parts(self, pulse_id: int, seconds: int, nanoseconds: int) -> list[bytes | zmq.Frame]:
        """Return the parts of the message for this pulse id and time."""


class StreamSender:
    """A bound socket with the options and the behaviour of that of `bsread.Sender`."""

    def __init__(
        self, mode: str, host: str, port: int, pulse_id_start: int, check: Callable[[], None] = lambda: None
    ) -> None:
        """Bind; port 0 is any free port. ``check`` is called before each attempt to send, and may raise.

        Raise SettingsError if the port is not available.
        """
        address = free_address(host, port)
        self._context = zmq.Context()
        self._socket = self._context.socket(MODES[mode])
        self._socket.set_hwm(QUEUE_SIZE)
        self._socket.linger = LINGER_MS
        self._socket.sndtimeo = SEND_TIMEOUT_MS
        self._socket.ipv6 = "[" in address
        self._socket.bind(f"{address}:{port}")
        self._pulse_id = pulse_id_start
        self._check = check
        self.port = bound_port(self._socket)

    def send(self, message: Sendable) -> None:
        """Send one message with the next pulse id and the present time; blocks like `bsread.Sender`."""
        while True:
            self._check()
            fraction, seconds = math.modf(time.time())
            parts = message.parts(self._pulse_id, int(seconds), int(fraction * 1e9))
            # Only the first part of a message can time out, so a message is never sent twice or in part.
            with suppress(zmq.Again):
                self._socket.send_multipart(parts, copy=False)
                self._pulse_id += 1
                return

    def close(self) -> None:
        """Close the socket. Messages queued for a connected receiver are still sent for a second."""
        self._socket.close()
        self._context.term()

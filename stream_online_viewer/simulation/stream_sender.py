"""The simulator's own sender: encoded messages on a ZeroMQ socket. A send copies nothing but headers and timestamps."""

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
    """A message that is encoded but for what changes with each send."""

    def parts(self, pulse_id: int, seconds: int, nanoseconds: int) -> list[bytes | zmq.Frame]:
        """Return the parts of the message as it is sent at this time."""


class StreamSender:
    """A bound socket with the same options and the same behaviour as that of `bsread.Sender`."""

    def __init__(
        self, mode: str, host: str, port: int, pulse_id_start: int, check: Callable[[], None] = lambda: None
    ) -> None:
        """Bind; port 0 takes any free port. ``check`` is called before each try to send, and may raise.

        Raises SettingsError if the port cannot be had.
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
        """Send one message with the next pulse id and the time of now; blocks as `bsread.Sender` does."""
        while True:
            self._check()
            fraction, seconds = math.modf(time.time())
            parts = message.parts(self._pulse_id, int(seconds), int(fraction * 1e9))
            # Only the first part of a message can time out, so that a message is never sent in part or twice.
            with suppress(zmq.Again):
                self._socket.send_multipart(parts, copy=False)
                self._pulse_id += 1
                return

    def close(self) -> None:
        """Close the socket; what it keeps for a connected receiver has a second to leave."""
        self._socket.close()
        self._context.term()

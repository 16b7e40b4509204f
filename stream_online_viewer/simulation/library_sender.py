"""Messages sent with `bsread.Sender` of psi-bsread, as the facility's generator sends them (`--library`)."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import zmq
from bsread import Sender

from stream_online_viewer.simulation.binding import MODES, SEND_TIMEOUT_MS, bound_port, free_address
from stream_online_viewer.simulation.message import Message


class LibrarySender:
    """A bound `bsread.Sender`.

    Everything but address, socket type and compression is the library's default: a queue of ten messages, and a PUSH
    socket that blocks while the queue is full or there is no receiver.
    """

    def __init__(
        self,
        mode: str,
        host: str,
        port: int,
        compression: str,
        pulse_id_start: int,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        """Bind; port 0 is any free port. ``check`` is called before each attempt to send, and may raise.

        Raise SettingsError if the port is not available.
        """
        address = free_address(host, port)
        # The library has no option for IPv6, which must be set before its socket is bound, inside of the library.
        six = "[" in address
        self._sender = Sender(
            port=port,
            address=f"inproc://{id(self)}" if six else address,
            mode=MODES[mode],
            start_pulse_id=pulse_id_start,
            data_compression=None if compression == "none" else compression,
            send_timeout=SEND_TIMEOUT_MS,
        )
        self._sender.open()
        if six:
            self._sender.stream.socket.ipv6 = True
            self._sender.stream.socket.bind(f"{address}:{port}")
        self._declared: Mapping[str, Mapping[str, Any]] | None = None
        self._check = check
        self.port = bound_port(self._sender.stream.socket)

    def send(self, message: Message) -> None:
        """Send one message with the next pulse id and the present time."""
        if message.declared is not None and message.declared != self._declared:
            self._sender.channels.clear()
            for name, metadata in message.declared.items():
                self._sender.add_channel(name, metadata=dict(metadata))
        self._declared = message.declared
        while True:
            self._check()
            # Only the first part of a message can time out, so a message is never sent twice or in part.
            with suppress(zmq.Again):
                self._sender.send(data=message.values, check_data=message.declared is None)
                return

    def close(self) -> None:
        """Close the socket. Messages queued for a connected receiver are still sent for a second."""
        self._sender.close()

"""A way to a server of PV Access on which updates can be damaged, written from the description of its protocol.

A message has a head of 8 bytes: 0xCA, the version, flags (0x01: it has no body, 0x80: big endian), the command, and the
length of the body. The answer to a search tells the port of the server, which is replaced by that of this proxy.
"""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

SEARCH_ANSWER, MONITOR = 4, 13
PORT_AT = 8 + 12 + 4 + 16
UPDATE_BYTES = 200
"""Monitor messages are longer than this if they hold an image, and shorter otherwise."""
CHUNK = bytes(2**18)


class PvaProxy:
    """``endless`` is set: the next update is replaced by one of 2 GB, which is sent as fast as it is taken."""

    def __init__(self, port: int) -> None:
        self.endless = threading.Event()
        self.sent = 0
        """Bytes of the endless update that were sent."""
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._sockets: list[socket.socket] = [self._listener]
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def close(self) -> None:
        """End all connections."""
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join()

    def _start(self, target: "object", *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._to))
                self._sockets += [client, server]
                self._start(self._pass_on, client, server)
                self._start(self._change, server, client)

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                server.sendall(data)
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)

    def _change(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while head := server.recv(8, socket.MSG_WAITALL):
                order = ">" if head[2] & 0x80 else "<"
                length = 0 if head[2] & 1 else struct.unpack_from(f"{order}I", head, 4)[0]
                body = server.recv(length, socket.MSG_WAITALL) if length else b""
                message = bytearray(head + body)
                if head[3] == SEARCH_ANSWER and not head[2] & 1:
                    struct.pack_into(f"{order}H", message, PORT_AT, self.port)
                if head[3] == MONITOR and length > UPDATE_BYTES and self.endless.is_set():
                    self.endless.clear()
                    struct.pack_into(f"{order}I", message, 4, 2**31 - 1)
                    client.sendall(message)
                    while True:
                        client.sendall(CHUNK)
                        self.sent += len(CHUNK)
                client.sendall(message)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)


@contextmanager
def pva_proxy(port: int) -> Iterator[PvaProxy]:
    """Run a proxy before a server."""
    proxy = PvaProxy(port)
    try:
        yield proxy
    finally:
        proxy.close()

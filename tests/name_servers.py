"""A dispatcher and a Redis server, written from their descriptions, which answer as a test wants."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from tests.unit.source_peers import tcp_server


class Dispatcher:
    """A dispatcher that answers each request with ``answer``, and keeps what it was asked."""

    def __init__(self, answer: Callable[[], bytes], status: int = 200) -> None:
        self.requests: list[tuple[str, Any]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler) -> None:
                body = handler.rfile.read(int(handler.headers["Content-Length"]))
                self.requests.append((handler.path, json.loads(body)))
                said = answer()
                handler.send_response(status)
                handler.send_header("Content-Length", str(len(said)))
                handler.end_headers()
                handler.wfile.write(said)

            def log_message(handler, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/sf-databuffer"

    def __enter__(self) -> "Dispatcher":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def redis(values: dict[str, str | None] | bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Serve GET of Redis for these values, or answer everything with the same bytes; yield port and requests."""
    asked: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        while data := connection.recv(4096):
            asked.append(data)
            if isinstance(values, bytes):
                connection.sendall(values)
                connection.shutdown(socket.SHUT_WR)
                return
            parts = data.split(b"\r\n")
            assert parts[:3] == [b"*2", b"$3", b"GET"] and int(parts[3][1:]) == len(parts[4])
            value = values.get(parts[4].decode())
            # In two pieces, as a network may deliver it.
            answer = b"$-1\r\n" if value is None else b"$%d\r\n%s\r\n" % (len(value), value.encode())
            connection.sendall(answer[:4])
            connection.sendall(answer[4:])

    with tcp_server(serve) as port:
        yield port, asked

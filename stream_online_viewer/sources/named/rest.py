"""Asks an HTTP server for a JSON object, with limits in time and size. Not for the thread that receives."""

import json
import os
import socket
import ssl
import threading
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any

from stream_online_viewer.sources.named.address import HttpServer
from stream_online_viewer.sources.named.found import LookupFailed

ANSWER_SECONDS = 3.0
MAX_ANSWER_BYTES = 16 * 1024 * 1024
"""The information on hundreds of running cameras with their configurations has a few megabytes."""
_CHUNK_BYTES = 64 * 1024
_MOST_TOLD = 200


def ask(
    server: HttpServer,
    path: str,
    seconds: float = ANSWER_SECONDS,
    most_bytes: int = MAX_ANSWER_BYTES,
    post: bytes | None = None,
) -> dict[str, Any]:
    """Return the object in the answer to a GET request, or to a POST of the JSON text ``post`` if there is one.

    Redirections are not followed and proxies not used. The connection ends after ``seconds``, however slowly its bytes
    come, and an answer of more than ``most_bytes`` is not taken. Raise :class:`LookupFailed`.
    """
    end = time.monotonic() + seconds
    made = HTTPSConnection if server.secure else HTTPConnection
    connection = made(server.host, server.port, timeout=seconds)
    try:
        body = _exchange(connection, server, path, end, most_bytes, post)
    except TimeoutError:
        raise LookupFailed("slow", "unreachable", f"{server} did not answer within {seconds:g} s.") from None
    except ConnectionRefusedError:
        text = f"Nothing listens at {server}: connection refused."
        raise LookupFailed("unreachable", "refused", text) from None
    except socket.gaierror:
        text = f"The name {server.host} (server {server}) cannot be resolved."
        raise LookupFailed("unreachable", "unresolvable", text) from None
    except (ssl.SSLError, ValueError) as error:
        text = f"{server} cannot be asked: {_line(error)}."
        raise LookupFailed("unreachable", "unreachable", text) from None
    except HTTPException as error:
        text = f"What answers at {server} is no HTTP server: {_line(error)}."
        raise LookupFailed("unusable", "unreachable", text) from None
    except OSError as error:
        text = f"{server} cannot be reached: {error.strerror or _line(error)}."
        raise LookupFailed("unreachable", "unreachable", text) from None
    finally:
        connection.close()
    return _object(body, server)


def _exchange(
    connection: HTTPConnection, server: HttpServer, path: str, end: float, most_bytes: int, post: Any
) -> bytes:
    connection.connect()
    # A time limit of the socket holds for each of its operations. This one holds for all of them together.
    with socket.socket(fileno=os.dup(connection.sock.fileno())) as same:
        late = threading.Event()

        def cut_off() -> None:
            late.set()
            with suppress(OSError):
                same.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(max(0.0, end - time.monotonic()), cut_off)
        timer.daemon = True
        timer.start()
        try:
            return _answer(connection, server, path, most_bytes, post)
        except (OSError, HTTPException):
            if late.is_set():
                raise TimeoutError from None
            raise
        finally:
            timer.cancel()
            timer.join()


def _answer(connection: HTTPConnection, server: HttpServer, path: str, most_bytes: int, post: bytes | None) -> bytes:
    headers = {"User-Agent": "stream-online-viewer", "Accept": "application/json"}
    if post is None:
        connection.request("GET", server.path + path, headers=headers)
    else:
        headers["Content-Type"] = "application/json"
        connection.request("POST", server.path + path, post, headers)
    body = bytearray()
    with connection.getresponse() as response:
        if response.status != 200:
            said = _beginning(response.read(_MOST_TOLD))
            text = f"{server} answered with HTTP status {response.status} to {path}{said}."
            raise LookupFailed("unusable", "unresolvable", text)
        while chunk := response.read(_CHUNK_BYTES):
            body += chunk
            if len(body) > most_bytes:
                text = f"{server} answered with more than {most_bytes / 1e6:g} MB to {path}."
                raise LookupFailed("unusable", "unresolvable", text)
    return bytes(body)


def _object(body: bytes, server: HttpServer) -> dict[str, Any]:
    try:
        content = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        kind = "HTML" if body.lstrip()[:1] == b"<" else "something else"
        text = f"{server} answered with {kind} instead of JSON."
        raise LookupFailed("unusable", "unresolvable", text) from None
    if type(content) is not dict:
        raise LookupFailed("unusable", "unresolvable", f"{server} answered with JSON that is no object.")
    return content


def _beginning(body: bytes) -> str:
    """Return the beginning of an answer for a sentence, nothing if it is HTML or empty."""
    text = " ".join(body.decode("utf-8", "replace").split())
    return "" if text == "" or text.startswith("<") else f": {text.rstrip('.')}"


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__

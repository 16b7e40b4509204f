"""Sends the same frames by WebSocket and as one long answer to a fetch: ``receiving_server.py PLAN``.

PLAN is the JSON list of the turns, each with ``way`` ("websocket" or "fetch"), ``bytes``, ``rate`` and ``seconds``. The
page asks for ``/turn``, receives in a worker for that time and posts what it found to ``/found``; then comes the next
turn. Everything that happens is one JSON object a line on stdout: the port, the start of each turn, its findings.

A frame is its length (uint32), padding, the wall time of its send in ms (float64) and noise, little endian.
"""

import asyncio
import base64
import hashlib
import json
import random
import struct
import sys
import time
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
FILES = {"/": ("receiving.html", "text/html"), "/page.js": ("receiving_page.js", "text/javascript")}
FILES["/worker.js"] = ("receiving_worker.js", "text/javascript")
HEAD = struct.Struct("<I4xd")
ENDLESS = 2**50
"""The announced length of the long answer: with a length the browser is spared the chunks of HTTP/1.1."""
_WEBSOCKET_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def tell(**what: Any) -> None:
    """Write one line."""
    print(json.dumps(what), flush=True)


class Turns:
    """The plan, and which turn it is."""

    def __init__(self, plan: list[dict[str, Any]]) -> None:
        self._left = list(plan)
        self.now: dict[str, Any] = {}

    def next(self) -> dict[str, Any] | None:
        """Begin the next turn; return what it is, None at the end."""
        if not self._left:
            return None
        self.now = self._left.pop(0)
        return self.now


async def serve(turns: Turns, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = head.split(" ", 2)[1]
            fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:-2])
            body = await reader.readexactly(int(fields.get("content-length", "0")))
            if path == "/live":
                key = next(line for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key: "))
                writer.write(_switched(key.partition(": ")[2].encode()))
                await send_frames(turns.now, writer, websocket=True)
                return
            if path == "/stream":
                answer(writer, "application/octet-stream", b"", ENDLESS)
                await send_frames(turns.now, writer, websocket=False)
                return
            if path in FILES:
                name, kind = FILES[path]
                answer(writer, kind, (FOLDER / name).read_bytes())
            elif path == "/turn":
                answer(writer, "application/json", json.dumps(turns.next()).encode())
            elif path in ("/begun", "/found"):
                tell(**{path[1:]: json.loads(body)})
                answer(writer, "text/plain", b"")
            else:
                answer(writer, "image/x-icon", b"")
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


def answer(writer: asyncio.StreamWriter, kind: str, body: bytes, length: int | None = None) -> None:
    """Write an answer, or the head of one of another length."""
    size = len(body) if length is None else length
    writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n".encode() + body)


def _switched(key: bytes) -> bytes:
    accept = base64.b64encode(hashlib.sha1(key + _WEBSOCKET_MAGIC, usedforsecurity=False).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        + accept
        + b"\r\n\r\n"
    )


def _header(size: int) -> bytes:
    # A browser ends the connection if the length is not in its shortest form.
    return b"\x82\x7e" + struct.pack(">H", size) if size < 65536 else b"\x82\x7f" + struct.pack(">Q", size)


async def send_frames(turn: dict[str, Any], writer: asyncio.StreamWriter, websocket: bool) -> None:
    """Send frames at the rate of the turn until the other end closes; what was missed is not made up for."""
    size, rate = int(turn["bytes"]), float(turn["rate"])
    noise = random.Random(0).randbytes(size - HEAD.size)
    header = _header(size) if websocket else b""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while not writer.is_closing():
        due = max(due + 1 / rate, loop.time())
        await asyncio.sleep(due - loop.time())
        writer.writelines((header + HEAD.pack(size, time.time() * 1000), noise))
        await writer.drain()


async def main() -> None:
    """Serve until killed."""
    turns = Turns(json.loads(sys.argv[1]))
    server = await asyncio.start_server(lambda r, w: serve(turns, r, w), "127.0.0.1", 0)
    tell(port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())

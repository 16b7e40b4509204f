"""Viewers that send more than they should, until they are killed: ``PORT KIND COUNT SECONDS``.

``within`` send as much as is allowed, and change everything with each message; ``beyond`` send 57 kB with 300 names a
hundred times a second, and reconnect as soon as they are closed.
"""

import asyncio
import contextlib
import itertools
import sys

from tests.hostile.raw_viewer import want

NAMES = [f"{number:03}-".ljust(180, "x") for number in range(300)]
WORDS_PER_SECOND = {"within": 25.0, "beyond": 100.0}
PAUSE_SECONDS = 0.1
FORMATS = ("exact", "raw", "bslz4", "float32", "preview")
HANDSHAKE = (
    "GET /live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sov.1\r\n\r\n"
)


def word(kind: str, number: int) -> bytes:
    """Return the frame of a want that has nothing in common with the one before."""
    if kind == "beyond":
        return want(every=NAMES)
    return want(
        format=FORMATS[number % 5],
        crop=[number % 50, number % 40, 60, 50],
        levels=[number % 100, 1000 + number],
        hover=[number % 300, number % 200],
        every=[f"{number}-{n}".ljust(14) for n in range(60)],
    )


async def talk(port: int, kind: str) -> None:
    """Send wants without end; discard everything received."""
    for number in itertools.count():
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(HANDSHAKE.format(port=port).encode())
            await reader.readuntil(b"\r\n\r\n")
            reading = asyncio.create_task(forget(reader))
            for turn in itertools.count(number):
                if reading.done():
                    break
                writer.write(word(kind, turn))
                await asyncio.sleep(1 / WORDS_PER_SECOND[kind])
            writer.close()
        except (OSError, asyncio.IncompleteReadError):
            await asyncio.sleep(PAUSE_SECONDS)


async def forget(reader: asyncio.StreamReader) -> None:
    """Read until the end."""
    with contextlib.suppress(OSError):
        while await reader.read(1 << 18):
            pass


async def main() -> None:
    """Run so many of them for so many seconds."""
    port, kind, count, seconds = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    tasks = [asyncio.create_task(talk(port, kind)) for _ in range(count)]
    print("talking", flush=True)
    await asyncio.wait(tasks, timeout=seconds)
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main())

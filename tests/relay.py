"""Passes connections on: ``python -m tests.relay DESCRIPTOR PORT`` takes them from a listening socket to a port here.

"Here" is the network namespace in which it runs; the socket may belong to another one.
"""

import asyncio
import socket
import sys


async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Pass on until the end of what comes."""
    try:
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    except OSError:
        pass
    finally:
        target.close()


async def main(descriptor: int, port: int) -> None:
    """Pass connections on until this process is ended."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(copy(reader, far_writer), copy(far_reader, writer))

    async with await asyncio.start_server(take, sock=socket.socket(fileno=descriptor)) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))

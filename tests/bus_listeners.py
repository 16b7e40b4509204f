"""Many subscribers of the frames on a bus, which do nothing but count what comes and what is missing."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from stream_online_viewer.link.nats.client import NatsClient
from stream_online_viewer.link.nats.frames import Kind, unpack
from stream_online_viewer.link.nats.wire import MOST_PAYLOAD, Message
from stream_online_viewer.protocol.bus_address import parse_bus


@dataclass
class Listener:
    """What one subscriber has heard. Frames are numbered by whoever publishes them, so a gap is a loss."""

    frames: int = 0
    lost: int = 0
    nbytes: int = 0
    connects: int = 0
    _next: int | None = None

    def take(self, message: Message) -> None:
        """Count a frame."""
        head, _ = unpack(message.payload, Kind.FRAME)
        if self._next is not None:
            self.lost += head.number - self._next
        self._next = head.number + 1
        self.frames += 1
        self.nbytes = len(message.payload)


async def listen(url: str, subject: str, count: int, done: Callable[[list[Listener]], bool]) -> list[Listener]:
    """Return what so many subscribers have heard until ``done`` says so, which is asked ten times a second."""
    listeners = [Listener() for _ in range(count)]
    clients = [NatsClient(parse_bus(url), f"listener {number}") for number in range(count)]
    for listener, client in zip(listeners, clients, strict=True):
        client.subscribe(subject, listener.take, MOST_PAYLOAD)
    tasks = [asyncio.create_task(client.run()) for client in clients]
    try:
        while not done(listeners):
            await asyncio.sleep(0.1)
        for listener, client in zip(listeners, clients, strict=True):
            listener.connects = client.connects
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
    return listeners

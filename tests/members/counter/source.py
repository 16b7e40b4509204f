"""A source that counts: ``counter://RATE`` makes so many pulses a second, with an image and a number in each."""

import socket
import threading
import time
from collections import deque
from contextlib import suppress

import numpy as np

from stream_online_viewer.model.channel import Channel
from stream_online_viewer.model.layout import Layout
from stream_online_viewer.model.problems import Refused
from stream_online_viewer.model.pulse import NONE_SPOILED, Arrival, Pulse
from stream_online_viewer.sources.base import Source, SourceOptions, SourceState

from .address import parse_rate

LAYOUT = Layout.of(
    [Channel("image", "uint16", (4, 5), "big", nbytes=40), Channel("count", "int64", (1,), "big", nbytes=8)]
)


class Count(Arrival):
    """One count; each tenth one is bad."""

    def pulse(self, sequence: int, received: int, received_time: int) -> Pulse:
        """Return the image, every pixel of which is the count, and the count."""
        if self.pulse_id % 10 == 0:
            raise Refused("pulse id", f"{self.pulse_id} is a multiple of ten")
        payloads = [np.full((4, 5), self.pulse_id, ">u2").tobytes(), self.pulse_id.to_bytes(8, "big")]
        return Pulse(sequence, received, received_time, self.pulse_id, self.source_time, LAYOUT, payloads, NONE_SPOILED)


class Counter(Source):
    """Counts in a thread of its own, as a library would that calls back."""

    def __init__(self, options: SourceOptions) -> None:
        self._period = 1 / parse_rate(options.address)
        self._arrived: deque[Count] = deque(maxlen=10)
        self._readable, self._ring = socket.socketpair()
        self._readable.setblocking(False)
        self._ring.setblocking(False)
        self._end = threading.Event()
        self._since = time.monotonic()
        self._text = f"Counting for {options.address}."
        self._thread = threading.Thread(target=self._count, daemon=True)
        self._thread.start()

    @property
    def state(self) -> SourceState:
        """Always connected."""
        return SourceState("waiting", self._text, None, False, False, self._since, "counter", "It only counts.")

    def fileno(self) -> int:
        """Return the end at which a byte waits for each count."""
        return self._readable.fileno()

    def receive(self) -> Count | None:
        """Return the oldest count that was not dropped."""
        if not self._arrived:
            with suppress(BlockingIOError):
                self._readable.recv(4096)
        with suppress(IndexError):
            return self._arrived.popleft()
        return None

    def close(self) -> None:
        """End the thread."""
        self._end.set()
        self._thread.join()
        self._readable.close()
        self._ring.close()

    def _count(self) -> None:
        number = 0
        while not self._end.wait(self._period):
            number += 1
            self._arrived.append(Count(number, time.time_ns(), None))
            with suppress(BlockingIOError):
                self._ring.send(b"\0")

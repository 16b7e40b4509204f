"""Starts the ingest process, watches it, and replaces it when it died or hangs. Never two at once."""

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stream_online_viewer.protocol.link import Kind, LinkHeader
from stream_online_viewer.settings import Settings
from stream_online_viewer.web.lane import Buffer
from stream_online_viewer.web.link import LinkReader
from stream_online_viewer.web.station import Station

logger = logging.getLogger(__name__)

INGEST_COMMAND = (sys.executable, "-P", "-m", "stream_online_viewer.ingest")
WATCH_SECONDS = 0.1
HUNG_SECONDS = 1.0
START_SECONDS = 15.0
LONGEST_PAUSE = 2.0
EPOCHS_SINCE = 1_577_836_800
"""2020-01-01: quarters of a second since then are 32 bits until 2054."""
EPOCHS_PER_SECOND = 4
HEALTHY_SECONDS = 10.0
LINK_BUFFER_BYTES = 2**20

MALLOC = {"MALLOC_MMAP_THRESHOLD_": str(32 * 2**20), "MALLOC_TRIM_THRESHOLD_": str(128 * 2**20)}
"""glibc keeps the memory of images instead of giving it back and taking it, page by page, for the next one.

Measured: the page faults were half of the time that it took to encode an image.
"""


class Supervisor:
    """Owner of the ingest process. It reports every 0.2 s; silence of a second means that it hangs."""

    def __init__(self, settings: Settings, station: Station, command: Sequence[str] = INGEST_COMMAND) -> None:
        self._settings = settings
        self._station = station
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._transport: asyncio.WriteTransport | None = None
        self._heard = 0.0
        self._deadline = 0.0
        self._lost = asyncio.Event()
        self._epoch = 0

    async def run(self) -> None:
        """Keep an ingest process running until cancelled."""
        pause = 0.0
        try:
            while True:
                started = time.monotonic()
                try:
                    await self._start()
                    reason = await self._watch()
                    # Before the process is reaped: the viewers are told at once.
                    self._station.ingest_down()
                finally:
                    await self._end()
                if time.monotonic() - started > HEALTHY_SECONDS:
                    pause = 0.0
                logger.error("the receiving process %s; it is started again", reason)
                await asyncio.sleep(pause)
                # The first restart is immediate; one that dies over and over must not take the machine.
                pause = min(LONGEST_PAUSE, pause * 2 or 0.25)
        finally:
            self._station.ingest_down()

    async def _start(self) -> None:
        # Epochs grow across restarts of the server too, so that a page never takes a new frame for an old one.
        self._epoch = max(self._epoch + 1, int((time.time() - EPOCHS_SINCE) * EPOCHS_PER_SECOND))
        settings = self._settings
        options = {
            "stream": settings.stream,
            "mode": settings.mode,
            "image_channel": settings.image_channel,
            "max_message_bytes": settings.max_message_mb * 1_000_000,
            "epoch": self._epoch,
        }
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LINK_BUFFER_BYTES)
        ours.setblocking(False)
        root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
        with theirs:
            self._process = subprocess.Popen(
                [*self._command, str(theirs.fileno()), settings.log_level, json.dumps(options)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**MALLOC, **os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
            )
        # An event of its own for each link: the end of the last one may be told late.
        self._lost = asyncio.Event()
        self._deadline = time.monotonic() + START_SECONDS
        self._heard = 0.0
        lost = self._lost.set
        transport, _ = await self._station.loop.create_connection(lambda: LinkReader(self, lost), sock=ours)
        self._transport = transport
        self._station.ingest_up(self._epoch, self._write)

    def _write(self, message: bytes) -> None:
        """Send to the process if it is linked.

        A closed transport raises, and the exception would end the connection of the viewer whose word this is.
        """
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(message)

    async def _watch(self) -> str:
        """Return why the process is no longer good."""
        while True:
            try:
                await asyncio.wait_for(self._lost.wait(), WATCH_SECONDS)
                return "ended"
            except TimeoutError:
                now = time.monotonic()
                if now > max(self._deadline, self._heard + HUNG_SECONDS):
                    return f"did not answer for {HUNG_SECONDS:g} s"

    async def _end(self) -> None:
        """Kill and reap the process, so that there is never a second receiver on the stream."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGKILL)
            reaped = asyncio.ensure_future(asyncio.to_thread(process.wait))
            try:
                await asyncio.shield(reaped)
            except asyncio.CancelledError:
                await reaped
                raise

    # LinkEvents

    def link_message(self, header: LinkHeader, body: Buffer) -> None:
        """Hand a frame or scalars to the hub."""
        hub = self._station.hub
        if header.kind == Kind.FRAME:
            hub.publish(header.lane, body, header.sequence, header.received)
        elif header.kind == Kind.SCALARS:
            hub.publish_scalars(body, header.received, header.count)
        elif header.kind == Kind.EMPTY:
            hub.nothing_newer(header.lane)

    def link_control(self, content: dict[str, Any]) -> None:
        """Take a report; it is the sign of life too."""
        self._heard = time.monotonic()
        self._deadline = 0.0
        self._station.ingest_says(content)

    def link_full(self, full: bool) -> None:
        """Keep what the process is told back while it reads nothing, so that it does not pile up here."""
        self._station.hub.interest.block(full)

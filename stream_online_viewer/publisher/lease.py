"""The lease of a stream: of all ingest programs with one name, the one that holds it reads the source.

It is a key of a bucket whose values vanish by themselves after some time. The holder writes it again and again, and
stops reading *before* it can vanish, counted from before the last write that was confirmed. Who waits takes it when it
is gone.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.link.nats.client import NatsClient, NotOnBus
from stream_online_viewer.publisher.buckets import Bucket, BucketError, Changed

logger = logging.getLogger(__name__)

BUCKET = "sov_lead"
TTL_SECONDS = 1.5
SAFE_PART = 0.8
"""Of the time for which a value stays, the holder uses so much: the rest is for its end."""
RENEWALS = 5
"""Writes during the time for which a value stays."""
LOOK_SECONDS = 0.1
SHORTEST_PAUSE = 0.01
SETTLE_PART = 2 / 3
"""Of the time for which a value stays. For so long nobody takes a lease from a server that was not seen before, so that
whoever held it comes back first."""


class Lease:
    """The lease of one key, from the view of one program, in the thread of the loop.

    ``until`` is how long the source may be read, on the monotonic clock in ns.
    """

    def __init__(self, client: NatsClient, key: str, token: str) -> None:
        """``token`` is this program's, different from all others'."""
        self._client = client
        self._key = key
        self._token = token.encode()
        self._bucket = Bucket(client, BUCKET, TTL_SECONDS)
        self._opened = ""
        self._server = ""
        self._settled_at = 0.0
        self._ttl = TTL_SECONDS
        self._revision: int | None = None
        self._until = 0
        self._told = ""
        self._look = asyncio.Event()
        self.holder: str | None = None
        """The token of the one that holds it, as far as it is known."""
        self.taken = 0
        """How often this program got it."""
        self.on_held: Callable[[int], None] = lambda until: None
        """It is held, or held on, until a time."""
        self.on_lost: Callable[[str], None] = lambda why: None
        """It is not held any more."""

    @property
    def held(self) -> bool:
        """Whether this program holds it."""
        return self._revision is not None

    async def run(self) -> None:
        """Try to get it, and keep it; until cancelled."""
        while True:
            begun = time.monotonic()
            try:
                await (self._keep() if self.held else self._try())
                self._tell("")
            except (NotOnBus, BucketError, ProtocolError) as error:
                self._tell(str(error))
            if self.held and time.monotonic_ns() > self._until:
                self._lose("the lease could not be renewed in time")
            pause = self._ttl / RENEWALS if self.held and self._client.connected else LOOK_SECONDS
            await asyncio.sleep(SHORTEST_PAUSE)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), max(0.0, begun + pause - time.monotonic()))
            self._look.clear()

    def look(self) -> None:
        """Try to get it now, because it may be free."""
        self._look.set()

    async def give_back(self) -> bool:
        """Let another one have it at once; the source must not be read any more. Return whether it is free now."""
        revision, self._revision = self._revision, None
        if revision is None:
            return False
        try:
            await self._bucket.delete(self._key, revision, 0.3)
        except (NotOnBus, BucketError, Changed, ProtocolError):
            # It vanishes by itself.
            return False
        return True

    async def _try(self) -> None:
        if not self._client.connected:
            return
        await self._open()
        if asyncio.get_running_loop().time() < self._settled_at:
            return
        entry = await self._bucket.get(self._key, 1.0)
        if entry.value is not None:
            self.holder = entry.value.decode("utf-8", "replace")[:200]
            return
        begun = time.monotonic_ns()
        try:
            self._hold(await self._bucket.put(self._key, self._token, entry.revision, 1.0), begun)
        except Changed:
            # Another one was faster.
            return

    async def _keep(self) -> None:
        """Write the lease again."""
        if not self._client.connected:
            self._stretch()
            return
        revision = self._revision
        begun = time.monotonic_ns()
        try:
            await self._open()
            self._hold(await self._bucket.put(self._key, self._token, revision, self._ttl / RENEWALS), begun)
        except Changed:
            await self._keep_changed()

    async def _keep_changed(self) -> None:
        """The revision is another one: an answer was lost, the value has vanished, or another program holds it."""
        entry = await self._bucket.get(self._key, self._ttl / RENEWALS)
        begun = time.monotonic_ns()
        if entry.value not in (None, self._token):
            self.holder = (entry.value or b"").decode("utf-8", "replace")[:200]
            self._lose("another program holds the lease")
            return
        try:
            self._hold(await self._bucket.put(self._key, self._token, entry.revision, self._ttl / RENEWALS), begun)
        except Changed:
            self._lose("another program was faster to take the lease")

    def _hold(self, revision: int, begun: int) -> None:
        self.taken += self._revision is None
        self._revision = revision
        self.holder = self._token.decode()
        self._until = begun + int(SAFE_PART * self._ttl * 1e9)
        self.on_held(self._until)

    def _stretch(self) -> None:
        """Hold it on while no server of the bus runs: nobody can take it then, nor soon after a server's start."""
        refused = self._client.refused_at
        if refused is not None:
            until = int((refused + SAFE_PART * SETTLE_PART * self._ttl) * 1e9)
            if until > self._until:
                self._until = until
                self.on_held(until)

    def _lose(self, why: str) -> None:
        self._revision = None
        if self.holder == self._token.decode():
            self.holder = None
        # First of all the source is not read any more.
        self.on_lost(why)
        logger.warning("%s", why)

    async def _open(self) -> None:
        """Look at the bucket of a server that was not seen before."""
        server = f"{self._client.server_id} {self._client.connects}"
        if server == self._opened:
            return
        now, server_id = asyncio.get_running_loop().time(), self._client.server_id
        ttl = await self._bucket.open()
        if not 0.5 <= ttl <= 60:
            raise BucketError(f"the bucket {BUCKET} keeps values for {ttl:g} s; it must be 0.5 to 60")
        self._ttl = ttl
        self._opened = server
        if server_id != self._server:
            self._server, self._settled_at = server_id, now + SETTLE_PART * ttl

    def _tell(self, text: str) -> None:
        if text and text != self._told:
            logger.warning("the lease of %s: %s", self._key, text)
        self._told = text

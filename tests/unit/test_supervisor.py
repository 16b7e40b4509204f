"""The owner of the receiving process: what it is given to send when that process is gone."""

import asyncio
import contextlib
import sys
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import uvloop

from stream_online_viewer.link.base import WebEnd
from stream_online_viewer.link.messages import Pull
from stream_online_viewer.settings import Settings
from stream_online_viewer.web.supervisor import Supervisor
from tests.link_peer import Noted


class StreamSession:
    """What a supervisor needs of one: who is told that processes come and go."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.clock = time.monotonic
        self.link: WebEnd | None = None
        self.downs = 0
        self.stopping = False
        self.refused_renditions: list[str] = []

    def ingest_up(self, _epoch: int, link: WebEnd) -> None:
        """Keep what sends to the process."""
        self.link = link

    def ingest_down(self) -> None:
        """Count."""
        self.downs += 1


def test_words_for_a_process_that_ends_go_nowhere() -> None:
    """Whoever speaks while a process ends is not punished with an exception, at no moment until the next one runs."""

    async def speak() -> None:
        session: Any = StreamSession(asyncio.get_running_loop())
        supervisor = Supervisor(Settings(), session, Noted, [sys.executable, "-S", "-c", "pass"])
        running = asyncio.create_task(supervisor.run())
        try:
            async with asyncio.timeout(30):
                while session.downs < 3:
                    if session.link is not None:
                        session.link.send_pull(Pull(1))
                    await asyncio.sleep(0)
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    # In a thread: the one of the tests may have a loop of its own, that of the browser's driver.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(run, speak()).result()


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run work in the loop that the server has."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)

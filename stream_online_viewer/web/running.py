"""What the start, the log and the end of each process of the server have in common."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence

from stream_online_viewer import __version__
from stream_online_viewer.settings import Settings
from stream_online_viewer.web.listen import url
from stream_online_viewer.web.log_limit import LogLimit

logger = logging.getLogger(__name__)

SWITCH_SECONDS = 0.0005
TICK_SECONDS = 1.0
FAULT = 1


def set_up_log(level: str, process: str = "") -> LogLimit:
    """Let the process log to standard error; return what holds lines back. ``process`` is named in each line."""
    log = LogLimit(debug=level == "debug")
    logging.basicConfig(
        level=level.upper(), stream=sys.stderr, format=f"%(asctime)s %(levelname)s {process}%(message)s"
    )
    for handler in logging.getLogger().handlers:
        handler.addFilter(log)
    # These libraries would log each page load and each viewer; their warnings are kept.
    for name in ("uvicorn", "websockets"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return log


def tell_address(settings: Settings, sockets: Sequence[socket.socket]) -> None:
    """Print where the page is, once the port is open; log that everybody may watch if that is so."""
    address = url(sockets[0], settings.host)
    stream = settings.stream if settings.name is None else settings.name
    print(f"Stream online viewer {__version__} for {stream} at {address}", flush=True)
    if settings.host not in ("127.0.0.1", "localhost", "::1"):
        logger.warning("everybody who reaches %s can watch; there is no login", address)


async def end_tasks(tasks: Sequence["asyncio.Task[None]"]) -> int:
    """Cancel background tasks and wait for them; return the exit code, which tells whether one had failed."""
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    return FAULT if any(isinstance(result, Exception) for result in results) else 0


async def tick(*functions: Callable[[], None]) -> None:
    """Call functions once a second, until cancelled."""
    while True:
        await asyncio.sleep(TICK_SECONDS)
        for function in functions:
            function()


def report_fault(task: "asyncio.Task[None]") -> None:
    """A background task must not end by itself: log that as a fault, and end this process."""
    if not task.cancelled() and task.exception() is not None:
        logger.critical("internal fault", exc_info=task.exception())
        os.kill(os.getpid(), signal.SIGTERM)

"""Entry point of one of several web processes, which the parent starts with a descriptor and options as JSON."""

import asyncio
import json
import logging
import os
import signal
import socket
import sys
from typing import Any

WRONG_USE = 2


def main(arguments: list[str]) -> int:
    """Run with the arguments ``CONTROL_DESCRIPTOR NUMBER STARTED OPTIONS`` until the parent says so or is gone."""
    # Ctrl-C reaches all processes of a terminal. Only the parent reacts, and tells the others.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        import uvloop

        descriptor, which, started, options = arguments
        control = socket.socket(fileno=int(descriptor))
        return uvloop.run(_serve(control, int(which), float(started), json.loads(options)))
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("stream_online_viewer"):
            raise
        print(f"stream-online-viewer: the package {error.name!r} is missing; run: make install", file=sys.stderr)
        return WRONG_USE


async def _serve(control: socket.socket, number: int, started: float, options: dict[str, Any]) -> int:
    from stream_online_viewer.settings import Settings
    from stream_online_viewer.web.from_parent import FromParent
    from stream_online_viewer.web.pages import Page
    from stream_online_viewer.web.places import Places
    from stream_online_viewer.web.running import SWITCH_SECONDS, end_tasks, set_up_log, tick
    from stream_online_viewer.web.serving import WebServer
    from stream_online_viewer.web.session import StreamSession

    settings = Settings.of(options)
    log = set_up_log(settings.log_level, f"web {number}: ")
    sys.setswitchinterval(SWITCH_SECONDS)
    page = Page()
    session = StreamSession(settings, page.build, asyncio.get_running_loop(), share=settings.web_processes)
    session.started = started
    # The parent tells the log of the state of the source, once for all.
    session.announcer = None
    parent = FromParent(control, number, session)
    # No connection finds its place here: the parent has given it one.
    server = WebServer(settings, page, session, parent.lender.limits(), log, Places(0), parent.overview)
    server.open = parent.open
    parent.server = server
    serving = asyncio.create_task(server.serve())
    ticking = asyncio.create_task(tick(session.tick, log.tick, parent.tick))
    await asyncio.wait((serving, ticking), return_when=asyncio.FIRST_COMPLETED)
    if ticking.done():
        logging.getLogger(__name__).critical("internal fault", exc_info=ticking.exception())
        server.should_exit = True
    await serving
    return await end_tasks([ticking])


if __name__ == "__main__":
    # Not sys.exit(): threads that answer a request have nobody left to answer.
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)

"""Entry point of the ingest process, which the web process starts with the link's descriptor and options as JSON."""

import json
import logging
import os
import signal
import socket
import sys
import threading
from dataclasses import replace

# To be set before numpy and imagecodecs are imported: their threads would compete with the sockets and take twice the
# time of a single one.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

SWITCH_SECONDS = 0.0005
FAULT_CODE = 1

logger = logging.getLogger(__name__)


def main(arguments: list[str]) -> int:
    """Run the ingest process with the arguments ``LINK_DESCRIPTOR LOG_LEVEL OPTIONS`` until the link ends."""
    # Ctrl-C reaches all processes of a terminal, and `systemctl stop` all of a unit. Only the web process reacts, and
    # this process ends with the link. To be set before the long imports, in which a signal would cause a traceback.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    from stream_online_viewer.ingest.process import Ingest, IngestOptions
    from stream_online_viewer.link.base import LinkClosed
    from stream_online_viewer.link.ingest_end import SocketIngestEnd

    descriptor, level, options = arguments
    threading.excepthook = end_with_thread
    sys.setswitchinterval(SWITCH_SECONDS)
    logging.basicConfig(level=level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s ingest: %(message)s")
    given = IngestOptions(**json.loads(options))
    link = SocketIngestEnd(socket.socket(fileno=int(descriptor)), shares_memory=given.memory is not None)
    leave = None
    if given.needs_leave:
        from stream_online_viewer.ingest.leave import wait_for_leave
        from stream_online_viewer.sources.table import load_source

        # Now, because viewers see nothing between leave and the first image.
        load_source(given.stream)
        try:
            leave = wait_for_leave(link)
        except LinkClosed:
            return 0
        given = replace(given, epoch=leave.epoch)
    Ingest(given, [link], leave).run()
    return 0


def end_with_thread(fault: threading.ExceptHookArgs) -> None:
    """End the process with a failed thread, without which it would do only half of its work."""
    name = "?" if fault.thread is None else fault.thread.name
    logger.critical("the thread %s ended", name, exc_info=fault.exc_value)
    sys.stderr.flush()
    os._exit(FAULT_CODE)


if __name__ == "__main__":
    # Not sys.exit(): threads that wait for an encoder or the link have nothing left to do.
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)

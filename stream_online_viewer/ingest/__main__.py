"""Entry of the ingest process; the web process starts it with the descriptor of the link and the options as JSON."""

import json
import logging
import os
import signal
import socket
import sys
import threading

# Before numpy and imagecodecs are imported, which bring threads: they would spin beside the sockets, and cost twice
# the time of one.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

SWITCH_SECONDS = 0.0005
FAULT_CODE = 1

logger = logging.getLogger(__name__)


def main(arguments: list[str]) -> int:
    """Run the ingest process: ``LINK_DESCRIPTOR LOG_LEVEL OPTIONS``; ends with the link."""
    # Ctrl-C reaches all processes of a terminal, `systemctl stop` all of a unit: both are for the web process, and the
    # end of this one is the end of the link. Set before the long imports, which a signal would end with a traceback.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    from stream_online_viewer.ingest.process import Ingest, IngestOptions
    from stream_online_viewer.link.ingest_end import SocketIngestEnd

    descriptor, level, options = arguments
    threading.excepthook = end_with_thread
    sys.setswitchinterval(SWITCH_SECONDS)
    logging.basicConfig(level=level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s ingest: %(message)s")
    link = SocketIngestEnd(socket.socket(fileno=int(descriptor)))
    Ingest(IngestOptions(**json.loads(options)), [link]).run()
    return 0


def end_with_thread(fault: threading.ExceptHookArgs) -> None:
    """A thread that ends by itself is a fault. Without it this process would go on and do half of its work."""
    name = "?" if fault.thread is None else fault.thread.name
    logger.critical("the thread %s ended", name, exc_info=fault.exc_value)
    sys.stderr.flush()
    os._exit(FAULT_CODE)


if __name__ == "__main__":
    # Not sys.exit: threads that wait for the encoder or the link have nothing left to do.
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)

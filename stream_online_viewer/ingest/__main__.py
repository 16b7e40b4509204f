"""Entry of the ingest process; the web process starts it with the descriptor of the link and the options as JSON."""

import json
import logging
import os
import signal
import socket
import sys

# Before numpy and bitshuffle are imported: OpenMP threads would spin beside the sockets, and cost twice the time of
# one.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

SWITCH_SECONDS = 0.0005


def main(arguments: list[str]) -> int:
    """Run the ingest process: ``LINK_DESCRIPTOR LOG_LEVEL OPTIONS``; ends with the link."""
    from stream_online_viewer.ingest.process import Ingest, IngestOptions

    descriptor, level, options = arguments
    # The terminal sends SIGINT to all its processes; the end of this one is the end of the link.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.setswitchinterval(SWITCH_SECONDS)
    logging.basicConfig(level=level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s ingest: %(message)s")
    with socket.socket(fileno=int(descriptor)) as link:
        Ingest(IngestOptions(**json.loads(options)), link).run()
    return 0


if __name__ == "__main__":
    # Not sys.exit: threads that wait for the encoder or the link have nothing left to do.
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)

"""How an ingest process that runs is given further links, for web processes that came after its start."""

import socket

from stream_online_viewer.link.base import IngestEnd
from stream_online_viewer.link.control import close_all, receive_message, send_message
from stream_online_viewer.link.ingest_end import SocketIngestEnd
from stream_online_viewer.link.web_end import link_sockets


def hand_link(control: socket.socket, shares_memory: bool = False) -> socket.socket:
    """Give the ingest process at the other end of ``control`` a new link; return the end for a web process.

    ``shares_memory``: that web process has the memory of :mod:`.slots`, too.

    Raise :class:`OSError` if that process is gone or has not taken the last ones.
    """
    ours, theirs = link_sockets()
    with theirs:
        try:
            send_message(control, {"kind": "link", "shares_memory": shares_memory}, [theirs.fileno()])
        except OSError:
            ours.close()
            raise
    return ours


def receive_link(control: socket.socket) -> IngestEnd | None:
    """Return the ingest process's end of a link that was handed over; None if there is none now.

    Raise :class:`LinkClosed` if whoever hands them over is gone, :class:`ProtocolError` for anything else.
    """
    try:
        message, descriptors = receive_message(control)
    except BlockingIOError:
        return None
    close_all(descriptors[1:])
    return SocketIngestEnd(socket.socket(fileno=descriptors[0]), message["shares_memory"])

"""The addresses at which a simulated stream is offered, and the error if a port is not available."""

import errno
import os
import socket

import zmq

from stream_online_viewer.errors import SettingsError

MODES = {"push": zmq.PUSH, "pub": zmq.PUB}
QUEUE_SIZE = 10
"""Messages that a socket queues for a receiver; the library's default."""
LINGER_MS = 1000
"""Time for which a closed socket still sends its queue; the library's default."""
SEND_TIMEOUT_MS = 100
"""Time for which a send blocks before it is repeated. Python handles a signal that arrives just before a blocking send
only when the send returns, so without this a simulator without a receiver could not always be ended."""


def free_address(host: str, port: int) -> str:
    """Return the ZeroMQ address, without port, of an interface on which the port is free; "*" is all interfaces.

    Names are resolved here because ZeroMQ binds to numbers only, and to IPv4 if possible because receivers try that
    first. A socket for an address in brackets needs ``ipv6``. "::" is all interfaces with both IPv6 and IPv4. Raise
    SettingsError if the port is in use or cannot be bound, which the library would report by a traceback in the log.
    """
    name = "0.0.0.0" if host == "*" else host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        found = socket.getaddrinfo(name, port, socket.AF_UNSPEC, socket.SOCK_STREAM)
        family, _, _, _, target = min(found, key=lambda info: info[0] != socket.AF_INET)
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # Bound like a ZeroMQ socket but not listening, so that no receiver can connect to it by mistake.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(target)
    except socket.gaierror as error:
        raise SettingsError(f"the host {host!r} is not known ({error.strerror}); see --host") from error
    except (OSError, UnicodeError) as error:
        if isinstance(error, UnicodeError):
            raise SettingsError(f"the host {host!r} is no name; see --host") from error
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(f"port {port} is in use; choose another one with -o") from error
        reason = os.strerror(error.errno or 0)
        raise SettingsError(f"cannot bind to port {port} on host {host!r}: {reason}; see -o and --host") from error
    if host == "*":
        return "tcp://*"
    # With the zone of a link-local address.
    number = socket.getnameinfo(target, socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)[0]
    return f"tcp://[{number}]" if family == socket.AF_INET6 else f"tcp://{number}"


def bound_port(bound: "zmq.Socket[bytes]") -> int:
    """Return the port on which a bound socket listens."""
    return int(bound.getsockopt_string(zmq.LAST_ENDPOINT).rpartition(":")[2])

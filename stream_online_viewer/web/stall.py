"""Ends answers of which the client takes no byte for half a minute. Slow answers go on."""

import asyncio
import fcntl
import struct
import termios
from collections.abc import Callable

STALL_SECONDS = 30.0
CHECK_SECONDS = 2.0


class StallWatch:
    """Calls ``stalled`` once when the number of bytes that a connection has not taken stays the same for too long."""

    def __init__(self, transport: asyncio.Transport, stalled: Callable[[], None]) -> None:
        self._transport = transport
        self._stalled = stalled
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        self._untaken = untaken(transport)
        self._timer = self._loop.call_later(CHECK_SECONDS, self._check)

    def cancel(self) -> None:
        """Stop observing."""
        self._timer.cancel()

    def _check(self) -> None:
        count, now = untaken(self._transport), self._loop.time()
        if count != self._untaken:
            self._untaken, self._since = count, now
        elif now - self._since >= STALL_SECONDS:
            self._stalled()
            return
        self._timer = self._loop.call_later(CHECK_SECONDS, self._check)


def untaken(transport: asyncio.Transport) -> int:
    """Return the number of bytes that were written and did not arrive.

    Those in the kernel count too: it takes more from the transport only when a third of its own buffer is free, which a
    slow client may need minutes for.
    """
    waiting = transport.get_write_buffer_size()
    try:
        descriptor = transport.get_extra_info("socket").fileno()
        (in_kernel,) = struct.unpack("i", fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4)))
    except OSError:
        # The connection has just ended.
        return waiting
    return waiting + int(in_kernel)

"""How many messages ZeroMQ may queue for us: a bound in bytes, made of a bound in messages that may only move in steps.

libzmq 4.3.5 applies ``ZMQ_RCVHWM`` to a connected socket at run time (seen: 4, 100 and 1000 took effect on the next
messages), but not every change is safe. The writing side stops when ``written - reported >= hwm``; the reading side
reports how far it read whenever that count is a multiple of ``(hwm + 1) / 2``. After a change the next report may lie
beyond what is queued: then nothing is ever received again, reconnects included, since the queue outlives them. Seen: 4
-> 1000 with a full queue stopped after 3 more messages, 100 -> 4 at once; random changes stopped in 5 of 5 trials.

With powers of two a multiple of the larger count is one of the smaller, and if as many messages as the limit were read
since the last change (so that a report was made by the present rule), a step of a factor two either way always leaves a
report within what is queued: written <= reported + hwm, and the next multiple of hwm (after doubling) or hwm/4 (after
halving) is not beyond.
"""

QUEUE_BYTES = 128 * 1024 * 1024
FEWEST = 4
MOST = 512
"""The largest power of two up to 1000."""

_MEMORY = 64
_ROOM = 1.25


class QueueLimit:
    """Follows the mean size of messages and returns the limit to set.

    ``messages`` is the present limit; it begins with 4.
    """

    def __init__(self) -> None:
        self.messages = FEWEST
        self._mean: float | None = None
        self._read = 0

    def note_size(self, nbytes: int) -> None:
        """Note the size of a message in bytes.

        The mean counts, because in merged streams large and small ones alternate.
        """
        self._mean = float(nbytes) if self._mean is None else self._mean + (nbytes - self._mean) / _MEMORY

    def message_read(self) -> int | None:
        """Count a message that was read from the socket; return a new limit if it is to be changed now."""
        self._read += 1
        if self._mean is None or self._read < self.messages:
            return None
        allowed = QUEUE_BYTES / max(self._mean, 1.0)
        if allowed >= 2 * self.messages * _ROOM and self.messages < MOST:
            self.messages *= 2
        elif allowed < self.messages and self.messages > FEWEST:
            self.messages //= 2
        else:
            return None
        self._read = 0
        return self.messages

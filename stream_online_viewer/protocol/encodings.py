"""Which images are being encoded, in memory shared by ingest process and web process.

Encoders are native code: one that crashes or never returns ends the ingest process, whatever Python catches. This
memory survives that, so the web process can see what was being encoded. Writing it takes a microsecond for each image;
a message over the link would arrive too late.
"""

import mmap
import struct
from dataclasses import dataclass

from stream_online_viewer.protocol.sealed import sealed_memory

HUNG_CODE = 70
"""Exit code of an ingest process that ended itself because an encoding did not end."""
SLOTS = 2
"""One for each encoder thread."""
_SLOT_BYTES = 8192
_HEAD = struct.Struct("<IIQQ")
_STATE = struct.Struct("<I")
_IDLE, _BUSY, _HUNG = range(3)


@dataclass(frozen=True, slots=True)
class Encoding:
    """One encoding under way.

    ``what`` describes image and rendition, ``started`` is the monotonic clock in s, ``pixels`` the size of the image.
    """

    slot: int
    what: bytes
    started: float
    pixels: int
    hung: bool
    """The ingest process has found that it hangs."""


def new_descriptor() -> int:
    """Return the descriptor of new memory, to be passed to both processes."""
    return sealed_memory("encodings", SLOTS * _SLOT_BYTES)


class EncodingRecord:
    """The memory of a descriptor. Each slot is written by one thread."""

    def __init__(self, descriptor: int) -> None:
        self._memory = mmap.mmap(descriptor, SLOTS * _SLOT_BYTES)
        self._written: list[bytes | None] = [None] * SLOTS

    def begin(self, slot: int, what: bytes, started: float, pixels: int) -> None:
        """Note that an encoding begins; ``what`` describes image and rendition."""
        base = slot * _SLOT_BYTES
        if what is not self._written[slot]:
            self._written[slot] = what
            what = what[: _SLOT_BYTES - _HEAD.size]
            self._memory[base + _HEAD.size : base + _HEAD.size + len(what)] = what
        length = min(len(what), _SLOT_BYTES - _HEAD.size)
        _HEAD.pack_into(self._memory, base, _BUSY, length, int(started * 1e9), pixels)

    def end(self, slot: int) -> None:
        """Note that the encoding has ended, successfully or not."""
        _STATE.pack_into(self._memory, slot * _SLOT_BYTES, _IDLE)

    def hangs(self, slot: int) -> None:
        """Note that the encoding hangs."""
        _STATE.pack_into(self._memory, slot * _SLOT_BYTES, _HUNG)

    def under_way(self) -> list[Encoding]:
        """Return the encodings under way.

        Entries of a running process may be half written, those of an ended one are not.
        """
        found = []
        for slot in range(SLOTS):
            base = slot * _SLOT_BYTES
            state, length, started, pixels = _HEAD.unpack_from(self._memory, base)
            if state != _IDLE:
                what = self._memory[base + _HEAD.size : base + _HEAD.size + min(length, _SLOT_BYTES)]
                found.append(Encoding(slot, what, started * 1e-9, pixels, state == _HUNG))
        return found

    def close(self) -> None:
        """Release the memory."""
        self._memory.close()

"""The memory for large frames that the ingest process shares with all web processes, and how it is divided.

It is sealed and divided into slots of equal size, each of which holds one frame. The ingest process writes a frame once
for all web processes and tells each that pulled it in which slot it lies; a slot is free again when all of them have
given it back. Slots are as large as the largest message that is accepted, but a page takes memory only when it is first
written, so what counts is the size of the frames that come.
"""

import mmap
import os
from dataclasses import dataclass

from stream_online_viewer.protocol.sealed import sealed_memory

SLOTS = 16
MIN_FRAME_BYTES = 2**20
"""Smaller frames go over the socket: a copy less saves them no more than keeping account of a slot costs."""
_ROOM_BYTES = 2**20
"""For what a frame has beside its image."""
_ALWAYS_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True)
class SlotLayout:
    """Where slots lie: slot ``i`` begins at ``i * slot_bytes``. ``most_bytes`` is how much of all may be in use."""

    slot_bytes: int
    most_bytes: int


def new_slots(largest: int) -> int:
    """Return the descriptor of new memory for frames of images of ``largest`` bytes. Raise OSError if it fails."""
    return sealed_memory("frames", SLOTS * whole_pages(largest + _ROOM_BYTES))


def layout_of(descriptor: int) -> SlotLayout:
    """Return the layout of a memory of :func:`new_slots`, which follows from its size."""
    slot_bytes = os.fstat(descriptor).st_size // SLOTS
    return SlotLayout(slot_bytes, min(SLOTS * slot_bytes, max(2 * slot_bytes, _ALWAYS_BYTES)))


def whole_pages(nbytes: int) -> int:
    """Return the bytes of the pages that ``nbytes`` bytes need."""
    return -(-nbytes // mmap.PAGESIZE) * mmap.PAGESIZE

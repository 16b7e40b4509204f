"""The ingest process's side of the shared memory: it writes frames and knows who still holds which slot."""

import mmap
import os
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.link.base import IngestEnd
from stream_online_viewer.link.report import MemoryReport
from stream_online_viewer.link.slots import MIN_FRAME_BYTES, SLOTS, layout_of, whole_pages
from stream_online_viewer.protocol.frame import Buffer, body_bytes

TRIM_SECONDS = 10.0
"""Pages that no frame has needed for so long are returned to the operating system, at the latest after twice that."""


@dataclass(slots=True)
class _Slot:
    kept: bool = False
    """A :class:`StoredFrame` refers to it."""
    holders: Counter[IngestEnd] = field(default_factory=Counter)
    """How often each web process was told of it and has not given it back."""
    needs: int = 0
    """Bytes of the pages of the frame in it, 0 if it is free."""
    needed: int = 0
    """The most that ``needs`` was since pages were last returned."""
    touched: int = 0
    """Bytes from its beginning that take memory."""


class StoredFrame:
    """A frame in a slot. The slot is free when this object is gone and all who were told of it have given it back."""

    __slots__ = ("_writer", "nbytes", "slot")

    def __init__(self, writer: "SlotWriter", slot: int, nbytes: int) -> None:
        self._writer = writer
        self.slot = slot
        self.nbytes = nbytes

    def __del__(self) -> None:
        self._writer.let_go(self.slot)


class SlotWriter:
    """The slots of one memory. Any thread may call any method."""

    def __init__(self, descriptor: int) -> None:
        """Raise OSError if the memory cannot be mapped."""
        self._descriptor = descriptor
        self._layout = layout_of(descriptor)
        self._map = mmap.mmap(descriptor, SLOTS * self._layout.slot_bytes)
        self._bytes = np.frombuffer(self._map, np.uint8)
        # Of the kind that its owner may take again: a frame may be collected in the middle of a method.
        self._lock = threading.RLock()
        self._slots = [_Slot() for _ in range(SLOTS)]
        # The last one is taken first: it is the one used last, so that few slots take memory.
        self._free = list(reversed(range(SLOTS)))
        self._touched = 0
        self._stored = 0
        self._without_slot = 0
        self._trim_at = 0.0

    def put(self, body: Sequence[Buffer]) -> StoredFrame | None:
        """Write a frame, the buffers of ``body`` one after the other, into a free slot.

        Return None if it is small, or if there is no room for it.
        """
        nbytes = body_bytes(body)
        if nbytes < MIN_FRAME_BYTES:
            return None
        stored = self._claim(nbytes)
        if stored is None:
            self._without_slot += 1
            return None
        at = stored.slot * self._layout.slot_bytes
        for part in body:
            # numpy copies without the GIL, so that the receiving goes on meanwhile.
            data = np.frombuffer(part, np.uint8)
            self._bytes[at : at + data.size] = data
            at += data.size
        self._stored += 1
        return stored

    def hold(self, stored: StoredFrame, peer: IngestEnd) -> None:
        """Note that a web process is told of a frame; it will give the slot back."""
        with self._lock:
            self._slots[stored.slot].holders[peer] += 1

    def give_back(self, peer: IngestEnd, slot: int) -> None:
        """A web process gives a slot back. Raise :class:`ProtocolError` if it does not hold it."""
        with self._lock:
            holders = self._slots[slot].holders if 0 <= slot < SLOTS else Counter[IngestEnd]()
            if not holders[peer]:
                raise ProtocolError(f"slot {slot} is given back by a process that does not hold it")
            holders[peer] -= 1
            if not holders[peer]:
                del holders[peer]
            self._free_if_unused(slot)

    def forget(self, peer: IngestEnd) -> None:
        """A web process has ended, and with it everything that it held."""
        with self._lock:
            for number, slot in enumerate(self._slots):
                if slot.holders.pop(peer, 0):
                    self._free_if_unused(number)

    def let_go(self, slot: int) -> None:
        """The :class:`StoredFrame` of a slot is gone."""
        with self._lock:
            self._slots[slot].kept = False
            self._free_if_unused(slot)

    def trim(self, now: float) -> None:
        """Return the pages that were not needed lately. To be called several times a minute; ``now`` in seconds."""
        if now < self._trim_at:
            return
        self._trim_at = now + TRIM_SECONDS
        with self._lock:
            for number, slot in enumerate(self._slots):
                self._shorten(number, slot.needed)
                slot.needed = slot.needs

    def report(self) -> MemoryReport:
        """Return how much is in use."""
        with self._lock:
            used = SLOTS - len(self._free)
            return MemoryReport(SLOTS, used, self._touched, self._stored, self._without_slot)

    def _claim(self, nbytes: int) -> StoredFrame | None:
        """Return a slot with memory for so many bytes, None if there is none."""
        needs = whole_pages(nbytes)
        with self._lock:
            if needs > self._layout.slot_bytes or not self._free:
                return None
            number = self._free.pop()
            slot = self._slots[number]
            missing = max(0, needs - slot.touched)
            if self._touched + missing > self._layout.most_bytes:
                for other, one in enumerate(self._slots):
                    if other != number:
                        self._shorten(other, one.needs)
            if self._touched + missing > self._layout.most_bytes:
                self._free.append(number)
                return None
            slot.kept, slot.needs, slot.needed = True, needs, max(slot.needed, needs)
            begin = slot.touched
            slot.touched += missing
            self._touched += missing
        stored = StoredFrame(self, number, nbytes)
        try:
            if missing:
                # Without memory left this fails, while a write to the mapping would end the process.
                os.posix_fallocate(self._descriptor, number * self._layout.slot_bytes + begin, missing)
        except OSError:
            with self._lock:
                slot.touched -= missing
                self._touched -= missing
            return None
        return stored

    def _free_if_unused(self, number: int) -> None:
        slot = self._slots[number]
        if slot.needs and not slot.kept and not slot.holders:
            slot.needs = 0
            self._free.append(number)

    def _shorten(self, number: int, keep: int) -> None:
        """Return the pages of a slot behind the first ``keep`` bytes."""
        slot = self._slots[number]
        unused = slot.touched - keep
        if unused > 0:
            self._map.madvise(mmap.MADV_REMOVE, number * self._layout.slot_bytes + keep, unused)
            slot.touched = keep
            self._touched -= unused

"""A web process's side of the shared memory: frames are read where they lie, and slots are given back.

Viewers that read slowly keep a frame for long, and their transports cannot be given another one in its place. So a slot
is mapped privately: if one byte of each page is written, the pages become the web process's own, at the same addresses
and with the same content, and the slot itself can be given back while the frame is still being sent.
"""

import mmap
import os
import time
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.link.slots import SLOTS, layout_of, whole_pages

HOLD_SECONDS = 0.5
"""A frame held for longer is copied out when slots become scarce."""
MOST_COPIED_OUT = 64
"""Frames that are copied out and still held: each takes a descriptor."""
_MAP_BYTES = 2**20
"""Mappings are a multiple of this, so that frames that vary in size do not need a new one each time."""

_Bytes = NDArray[np.uint8]


@dataclass(slots=True)
class _Held:
    slot: int
    nbytes: int
    since: float
    frame: "weakref.ref[_Bytes]"
    copied_out: bool = False


class SlotReader:
    """The frames that one web process holds. ``share`` is how many slots it may hold for long.

    A frame is given out as a memoryview. As soon as nothing refers to its memory any more, in whatever thread, its slot
    is among :meth:`returned`.
    """

    def __init__(self, descriptor: int, share: int = SLOTS // 2, clock: Callable[[], float] = time.monotonic) -> None:
        """The descriptor is closed by :meth:`close`."""
        self.descriptor = descriptor
        self._layout = layout_of(descriptor)
        self._share = share
        self._share_bytes = self._layout.most_bytes * share // SLOTS
        self._clock = clock
        self._maps: list[mmap.mmap | None] = [None] * SLOTS
        self._held: dict[int, _Held] = {}
        self._next = 0
        self._returned: deque[int] = deque()
        self.copied_out = 0
        """Frames copied out of their slots because they were held too long."""

    def take(self, slot: int, nbytes: int) -> memoryview:
        """Return the frame in a slot. Raise :class:`ProtocolError` if there is no such slot."""
        if slot >= SLOTS or not 0 < nbytes <= self._layout.slot_bytes:
            raise ProtocolError(f"no frame of {nbytes} bytes can be in slot {slot}")
        try:
            mapped = self._mapped(slot, nbytes)
        except OSError:
            return self._copy(slot, nbytes)
        frame: _Bytes = np.frombuffer(mapped, np.uint8, nbytes)
        key, self._next = self._next, self._next + 1
        self._held[key] = _Held(slot, nbytes, self._clock(), weakref.ref(frame, partial(self._let_go, key)))
        return frame.data

    def returned(self) -> list[int]:
        """Return the slots that were given back since the last call."""
        found = []
        while self._returned:
            found.append(self._returned.popleft())
        return found

    @property
    def idle(self) -> bool:
        """No slot is held, and none was given back."""
        return not self._returned and not self._in_slots()

    def relieve(self) -> None:
        """If too many slots are held, copy the oldest frame out if it has been held for long.

        One at a time, because that takes about a millisecond for each megabyte.
        """
        in_slots = self._in_slots()
        crowded = len(in_slots) > self._share or sum(held.nbytes for held in in_slots) > self._share_bytes
        full = len(self._held) - len(in_slots) >= MOST_COPIED_OUT
        if crowded and not full and self._clock() - in_slots[0].since >= HOLD_SECONDS:
            self._copy_out(in_slots[0])

    def close(self) -> None:
        """The link has ended. Frames remain as long as somebody holds them."""
        self._maps = [None] * SLOTS
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _mapped(self, slot: int, nbytes: int) -> mmap.mmap:
        """Return a private mapping of a slot with at least so many bytes."""
        mapped = self._maps[slot]
        if mapped is None or len(mapped) < nbytes:
            size = min(-(-nbytes // _MAP_BYTES) * _MAP_BYTES, self._layout.slot_bytes)
            mapped = self._maps[slot] = mmap.mmap(
                self.descriptor, whole_pages(size), access=mmap.ACCESS_COPY, offset=slot * self._layout.slot_bytes
            )
        return mapped

    def _copy(self, slot: int, nbytes: int) -> memoryview:
        """Return a copy of a frame whose slot cannot be mapped."""
        copy: _Bytes = np.empty(nbytes, np.uint8)
        os.preadv(self.descriptor, [copy.data], slot * self._layout.slot_bytes)
        self._returned.append(slot)
        return copy.data

    def _copy_out(self, held: _Held) -> None:
        """Make the pages of a frame private, and give its slot back."""
        frame = held.frame()
        if frame is None:
            return
        pages = frame[:: mmap.PAGESIZE]
        # Of its own values numpy would notice that there is nothing to do.
        pages[:] = pages.copy()
        held.copied_out = True
        self._maps[held.slot] = None
        self._returned.append(held.slot)
        self.copied_out += 1

    def _let_go(self, key: int, frame: Any) -> None:
        held = self._held.pop(key)
        if not held.copied_out:
            self._returned.append(held.slot)

    def _in_slots(self) -> list[_Held]:
        """Return what is held and not copied out, the oldest first."""
        return [held for held in list(self._held.values()) if not held.copied_out]

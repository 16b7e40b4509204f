"""The memory in which large frames travel: sealed, bounded, each slot with owners, and free when all have let go."""

import mmap
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.link import slot_reader
from stream_online_viewer.link.report import MemoryReport
from stream_online_viewer.link.slot_reader import HOLD_SECONDS, SlotReader
from stream_online_viewer.link.slot_writer import TRIM_SECONDS, SlotWriter
from stream_online_viewer.link.slots import MIN_FRAME_BYTES, SLOTS, layout_of, new_slots
from tests.memory_link import MemoryIngestEnd
from tests.unit.fake_time import FakeTime

LARGEST = 8 * 2**20
SIZE = 2**20 + 1000
SHRINK = "import os, sys; os.ftruncate(int(sys.argv[1]), 0)"


def frame(number: int, size: int = SIZE) -> bytes:
    """Return the bytes of a frame, different for each number."""
    return bytes([number]) * size


class Both:
    """Both sides of one memory."""

    def __init__(self) -> None:
        self.time = FakeTime()
        self.descriptor = new_slots(LARGEST)
        self.writer = SlotWriter(self.descriptor)
        self.reader = SlotReader(os.dup(self.descriptor), clock=self.time.clock)
        self.peer = MemoryIngestEnd()

    def send(self, number: int, size: int = SIZE) -> memoryview | None:
        """Write a frame and take it; None if there was no room for it."""
        stored = self.writer.put([frame(number, size)])
        if stored is None:
            return None
        self.writer.hold(stored, self.peer)
        return self.reader.take(stored.slot, stored.nbytes)

    def give_back(self) -> int:
        """Give back what nobody needs any more; return how many slots those are."""
        returned = self.reader.returned()
        for slot in returned:
            self.writer.give_back(self.peer, slot)
        return len(returned)

    def relieve(self) -> None:
        """Copy out what has to be, one after the other."""
        before = -1
        while before != self.reader.copied_out:
            before = self.reader.copied_out
            self.reader.relieve()
            assert self.reader.copied_out - before <= 1

    @property
    def used(self) -> int:
        """The slots in use."""
        return self.writer.report().used

    @property
    def memory(self) -> int:
        """Bytes that the system has given for the memory."""
        return os.fstat(self.descriptor).st_blocks * 512


@pytest.fixture
def both() -> Iterator[Both]:
    """Both sides, of which the writer's descriptor is closed at the end."""
    both = Both()
    yield both
    both.reader.close()
    os.close(both.descriptor)


def test_a_process_that_has_the_memory_cannot_take_it_away(both: Both) -> None:
    """It gets an error when it makes it shorter, and who reads there is not killed."""
    body = both.send(7)
    assert body is not None
    command = [sys.executable, "-c", SHRINK, str(both.descriptor)]
    ended = subprocess.run(command, pass_fds=[both.descriptor], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "PermissionError" in ended.stderr
    assert bytes(body) == frame(7)
    with pytest.raises(PermissionError):
        os.ftruncate(both.descriptor, 2 * SLOTS * LARGEST)


def test_a_frame_is_read_where_it_was_written(both: Both) -> None:
    """In several pieces, one after the other; both sides see the same memory."""
    stored = both.writer.put([b"head", frame(1), memoryview(b"tail")])
    assert stored is not None
    both.writer.hold(stored, both.peer)
    body = both.reader.take(stored.slot, stored.nbytes)
    assert bytes(body) == b"head" + frame(1) + b"tail"
    assert both.memory < SIZE + 16 * mmap.PAGESIZE


def test_a_small_frame_needs_no_slot(both: Both) -> None:
    """It goes over the socket, and that is not counted as a lack of room."""
    assert both.writer.put([bytes(MIN_FRAME_BYTES - 1)]) is None
    assert both.writer.report().without_slot == 0
    assert both.writer.put([bytes(MIN_FRAME_BYTES)]) is not None


def test_a_slot_is_free_when_nothing_refers_to_its_frame(both: Both) -> None:
    """Neither the frame itself nor a part of it, as a transport keeps what it has not sent."""
    body = both.send(1)
    assert body is not None
    unsent = body[1000:]
    del body
    assert (both.give_back(), both.used) == (0, 1)
    assert bytes(unsent) == frame(1)[1000:]
    del unsent
    assert (both.give_back(), both.used) == (1, 0)


def test_the_frame_that_is_kept_for_others_keeps_its_slot(both: Both) -> None:
    """The ingest process may still tell another web process of it."""
    stored = both.writer.put([frame(1)])
    assert stored is not None
    both.writer.hold(stored, both.peer)
    both.writer.give_back(both.peer, stored.slot)
    assert both.used == 1
    del stored
    assert both.used == 0


def test_without_a_free_slot_there_is_none_and_it_is_counted(both: Both) -> None:
    """Until one is given back."""
    bodies = [both.send(number) for number in range(SLOTS)]
    assert None not in bodies
    assert both.send(99) is None
    assert (both.used, both.writer.report().without_slot) == (SLOTS, 1)
    assert [bytes(body[:1]) for body in bodies if body is not None] == [bytes([number]) for number in range(SLOTS)]
    bodies[3] = None
    both.give_back()
    assert both.send(99) is not None


def test_a_frame_that_is_larger_than_a_slot_gets_none(both: Both) -> None:
    """What was decoded may be larger than the largest message."""
    assert both.send(1, LARGEST + 2**20 + mmap.PAGESIZE) is None
    assert both.writer.report().without_slot == 1
    assert both.used == 0


def test_a_slot_is_free_when_all_web_processes_gave_it_back(both: Both) -> None:
    """Each as often as it was told; one that ends gives all of its own back."""
    other = MemoryIngestEnd()
    stored = both.writer.put([frame(1)])
    assert stored is not None
    slot = stored.slot
    for peer in (both.peer, both.peer, other):
        both.writer.hold(stored, peer)
    del stored
    both.writer.give_back(both.peer, slot)
    both.writer.give_back(other, slot)
    assert both.used == 1
    both.writer.forget(both.peer)
    assert both.used == 0
    for peer in (both.peer, other):
        with pytest.raises(ProtocolError):
            both.writer.give_back(peer, slot)


@pytest.mark.parametrize("slot", [SLOTS, 2**32 - 1])
def test_what_is_no_slot_is_refused(both: Both, slot: int) -> None:
    """On both sides."""
    with pytest.raises(ProtocolError):
        both.writer.give_back(both.peer, slot)
    with pytest.raises(ProtocolError):
        both.reader.take(slot, 1)


def test_no_frame_is_taken_from_beyond_its_slot(both: Both) -> None:
    """A broken ingest process cannot make the web process read elsewhere."""
    slot_bytes = layout_of(both.descriptor).slot_bytes
    assert len(both.reader.take(SLOTS - 1, slot_bytes)) == slot_bytes
    for nbytes in (0, slot_bytes + 1, 2**63):
        with pytest.raises(ProtocolError):
            both.reader.take(0, nbytes)


def test_the_slot_used_last_is_used_first(both: Both) -> None:
    """So that few of them take memory."""
    for number in range(20):
        assert both.send(number) is not None
        both.give_back()
    assert both.memory < SIZE + 16 * mmap.PAGESIZE


def test_memory_that_is_not_needed_any_more_is_given_back(both: Both) -> None:
    """After a while without large frames, but nothing of a frame that is in use."""
    both.writer.trim(0.0)
    large = [both.send(number, LARGEST) for number in range(4)]
    assert both.memory >= 4 * LARGEST
    del large
    both.give_back()
    kept = both.send(9)
    # Large frames came in this time, so they may come again in the next.
    for now in (TRIM_SECONDS, 2 * TRIM_SECONDS - 0.1):
        both.writer.trim(now)
        assert both.memory >= 4 * LARGEST
    both.writer.trim(2 * TRIM_SECONDS)
    assert both.memory <= SIZE + 16 * mmap.PAGESIZE
    assert both.writer.report().nbytes == both.memory
    assert kept is not None and bytes(kept) == frame(9)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch, both: Both) -> None:
    """Not more than two of the largest frames if that is more than a fixed amount; free slots give theirs first."""
    monkeypatch.setattr("stream_online_viewer.link.slots._ALWAYS_BYTES", 0)
    both.writer = SlotWriter(both.descriptor)
    bodies = [both.send(number, LARGEST) for number in range(3)]
    assert [body is None for body in bodies] == [False, False, True]
    assert both.memory <= layout_of(both.descriptor).most_bytes
    bodies.clear()
    both.give_back()
    small = [both.send(number) for number in range(10)]
    assert None not in small
    assert both.memory <= layout_of(both.descriptor).most_bytes


def test_without_memory_left_a_frame_gets_no_slot(monkeypatch: pytest.MonkeyPatch, both: Both) -> None:
    """It goes over the socket then; a write to the mapping would end the process."""

    def full(descriptor: int, offset: int, length: int) -> None:
        raise OSError(12, "no memory")

    with monkeypatch.context() as patched:
        patched.setattr(os, "posix_fallocate", full)
        assert both.send(1) is None
        assert both.writer.report() == MemoryReport(SLOTS, 0, 0, 0, 1)
    assert both.send(1) is not None


def test_frames_that_are_held_long_are_copied_out_when_slots_are_scarce(both: Both) -> None:
    """The oldest ones, so many that half of the slots are free; they stay what they are, also when slots are reused."""
    bodies = [both.send(number) for number in range(SLOTS - 1)]
    both.time.pass_by(HOLD_SECONDS - 0.1)
    bodies.append(both.send(SLOTS - 1))
    both.relieve()
    assert (both.give_back(), both.reader.copied_out) == (0, 0)
    both.time.pass_by(0.2)
    both.relieve()
    assert (both.give_back(), both.reader.copied_out, both.used) == (SLOTS // 2, SLOTS // 2, SLOTS // 2)
    newer = [both.send(100 + number) for number in range(SLOTS // 2)]
    assert None not in newer
    for number, body in enumerate(bodies):
        assert body is not None and bytes(body) == frame(number)
    for number, body in enumerate(newer):
        assert body is not None and bytes(body) == frame(100 + number)
    del body
    newer.clear()
    bodies.clear()
    # What was copied out is not given back a second time.
    assert (both.give_back(), both.used) == (SLOTS, 0)


def test_one_frame_that_is_held_long_stays_where_it_is(both: Both) -> None:
    """The newest frame of a slow source, for one: there is room enough."""
    body = both.send(1)
    both.time.pass_by(100 * HOLD_SECONDS)
    both.relieve()
    assert (both.give_back(), both.reader.copied_out) == (0, 0)
    assert body is not None and not both.reader.idle
    del body
    both.give_back()
    assert both.reader.idle


def test_frames_that_are_copied_out_are_bounded(monkeypatch: pytest.MonkeyPatch, both: Both) -> None:
    """Each takes a descriptor; beyond that, frames go over the socket as they did without this memory."""
    monkeypatch.setattr(slot_reader, "MOST_COPIED_OUT", 3)
    bodies = [both.send(number) for number in range(SLOTS)]
    both.time.pass_by(2 * HOLD_SECONDS)
    both.relieve()
    assert both.give_back() == 3
    bodies[:3] = []
    both.relieve()
    assert both.give_back() == 3


def test_a_slot_that_cannot_be_mapped_is_read(monkeypatch: pytest.MonkeyPatch, both: Both) -> None:
    """Without a descriptor left, for example. The slot is free at once."""

    def full(*_: object, **__: object) -> mmap.mmap:
        raise OSError(24, "too many open files")

    monkeypatch.setattr(mmap, "mmap", full)
    body = both.send(5)
    assert body is not None and bytes(body) == frame(5)
    assert (both.give_back(), both.used) == (1, 0)
    assert both.send(6) is not None
    assert bytes(body) == frame(5)


def test_a_frame_outlives_the_link(both: Both) -> None:
    """When the ingest process has ended, a slow viewer still gets what it was sent."""
    body = both.send(3)
    both.reader.close()
    both.writer = SlotWriter(both.descriptor)
    assert body is not None and bytes(body) == frame(3)

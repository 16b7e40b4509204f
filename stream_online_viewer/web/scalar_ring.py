"""The rows of scalars on their way to viewers: one ring for all, in which each viewer has its own position. Pure."""

from collections import deque
from collections.abc import Iterator

from stream_online_viewer.protocol.envelope import KIND_SCALARS
from stream_online_viewer.protocol.frame import Buffer
from stream_online_viewer.web.shared_body import SharedBody

RING_BYTES = 2**20


class Batch(SharedBody):
    """One message of rows.

    ``index`` is its number, ``first_row`` that of its first row; both count from the start of the ring. ``received`` is
    the receipt of its first row, monotonic ns.
    """

    __slots__ = ("first_row", "index", "rows")

    def __init__(self, index: int, body: Buffer, received: int, first_row: int, rows: int) -> None:
        super().__init__(KIND_SCALARS, body, received)
        self.index = index
        self.first_row = first_row
        self.rows = rows


class ScalarRing:
    """The newest batches, ``limit`` bytes of them. A viewer that is further behind loses the oldest rows."""

    def __init__(self, limit: int = RING_BYTES) -> None:
        self._limit = limit
        self._batches: deque[Batch] = deque()
        self._bytes = 0
        self.end = 0
        """Index of the next batch."""
        self.rows = 0
        """The number of rows so far."""

    def add(self, body: Buffer, received: int, rows: int) -> Batch:
        """Append a batch of ``rows`` rows, the first received at ``received`` (monotonic ns); return it."""
        batch = Batch(self.end, body, received, self.rows, rows)
        self._batches.append(batch)
        self.end += 1
        self.rows += rows
        self._bytes += batch.bytes
        while self._bytes > self._limit and len(self._batches) > 1:
            self._bytes -= self._batches.popleft().bytes
        return batch

    def since(self, cursor: int) -> Iterator[Batch]:
        """Yield the batches from index ``cursor`` on that are still in the ring."""
        if cursor >= self.end:
            return
        skip = max(0, cursor - self._batches[0].index) if self._batches else 0
        for index in range(skip, len(self._batches)):
            yield self._batches[index]

    def clear(self) -> None:
        """Remove the batches; indices and counts continue."""
        self._batches.clear()
        self._bytes = 0


class RowReader:
    """The position of one viewer in a ring."""

    __slots__ = ("_next_batch", "_next_row")

    def __init__(self) -> None:
        self._next_batch = 0
        self._next_row = 0

    def skip_to_end(self, ring: ScalarRing) -> None:
        """Skip everything that is in the ring now."""
        self._next_batch, self._next_row = ring.end, ring.rows

    def take(self, batch: Batch) -> bool:
        """Read the newest batch of the ring, if everything before it was read; return whether that is so."""
        if self._next_batch != batch.index or self._next_row != batch.first_row:
            return False
        self._next_batch, self._next_row = batch.index + 1, batch.first_row + batch.rows
        return True

    def read(self, ring: ScalarRing) -> Iterator[tuple[Batch, int]]:
        """Yield each batch that was not read yet, with the number of rows before it that are lost."""
        for batch in ring.since(self._next_batch):
            lost = batch.first_row - self._next_row
            self._next_batch, self._next_row = batch.index + 1, batch.first_row + batch.rows
            yield batch, lost

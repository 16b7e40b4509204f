"""Makes rows of the scalars of every pulse and sends them in batches, independently of the images."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from stream_online_viewer.ingest.channels import ChannelIds
from stream_online_viewer.link.messages import RowsInfo
from stream_online_viewer.model.problems import Invalid
from stream_online_viewer.model.pulse import Pulse
from stream_online_viewer.protocol.frame import Buffer, encode_scalars
from stream_online_viewer.protocol.table import Row, cell_bytes, encode_table

BUDGET_BYTES_PER_SECOND = 50_000
NAMED_BYTES_PER_SECOND = 500_000
"""Limit for channels wanted by name, for all viewers together: each viewer that takes scalars takes all of these."""
BATCH_SECONDS = 0.1
BATCH_ROWS = 64
_ROW_HEAD_BYTES = 24
_RESELECT_SECONDS = 1.0


class RowMaker:
    """Makes the row of scalars of a pulse, and counts the values that cannot be used."""

    def __init__(self, channel_ids: ChannelIds, count_invalid: Callable[[Invalid], None]) -> None:
        self._channel_ids = channel_ids
        self.count_invalid = count_invalid

    def make(self, pulse: Pulse) -> tuple[Row, list[tuple[int, str]]]:
        """Return the row, and (channel id, reason) of each invalid value."""
        channel_ids = self._channel_ids.of(pulse.layout)
        channels = pulse.layout.channels
        row = Row(pulse.sequence, pulse.pulse_id, pulse.source_time, {})
        nulls: list[int] = []
        problems: list[tuple[int, str]] = []
        for index, value in pulse.scalars():
            channel_id = channel_ids[index]
            if channel_id is None:
                continue
            if value is None:
                nulls.append(channel_id)
            elif isinstance(value, Invalid):
                self.count_invalid(value)
                problems.append((channel_id, str(value)))
            else:
                row.cells[channel_id] = (channels[index].dtype, value)
        row.nulls = nulls
        row.invalids = [channel_id for channel_id, _ in problems]
        return row, problems


class ScalarLane:
    """Collects rows and sends them encoded in batches of at most 0.1 s, by ``send``.

    All viewers share the same batches. These hold the channels wanted by name, up to 500 kB/s, and if any viewer wants
    all channels, the others up to 50 kB/s; both in the order of the stream.
    """

    def __init__(self, epoch: int, send: Callable[[RowsInfo, Sequence[Buffer]], None]) -> None:
        self._epoch = epoch
        self._send = send
        self._rows: list[Row] = []
        self._first = 0.0
        self._received = 0
        self._named: set[str] = set()
        self._all = False
        self._carried: set[int] | None = None
        self._selected = (-_RESELECT_SECONDS, -1)

    @property
    def wanted(self) -> bool:
        """Whether any viewer wants the scalars of every pulse."""
        return self._all or bool(self._named)

    def want(self, everything: bool, names: Sequence[str], unnamed: Sequence[str]) -> None:
        """Set what all viewers together want.

        ``everything``: one of them wants all channels; ``names`` are wanted by name in addition to earlier ones;
        ``unnamed`` are no longer wanted by name.
        """
        self._all = everything
        self._named.difference_update(unnamed)
        self._named.update(names)
        self._selected = (-_RESELECT_SECONDS, -1)
        if not self.wanted:
            self._rows.clear()

    def add(self, row: Row, pulse: Pulse, channel_ids: Sequence[int | None], rate: float, now: float) -> None:
        """Add the row of one pulse. ``rate`` is in messages a second, ``now`` in monotonic seconds."""
        at, serial = self._selected
        if now - at >= _RESELECT_SECONDS or serial != pulse.layout.serial:
            self._select(row, pulse, channel_ids, rate)
            self._selected = (now, pulse.layout.serial)
        if self._carried is not None:
            carried = self._carried
            row = replace(
                row,
                cells={channel_id: cell for channel_id, cell in row.cells.items() if channel_id in carried},
                nulls=[channel_id for channel_id in row.nulls if channel_id in carried],
                invalids=[channel_id for channel_id in row.invalids if channel_id in carried],
            )
        if not self._rows:
            self._first = now
            self._received = pulse.received
        self._rows.append(row)
        if len(self._rows) >= BATCH_ROWS:
            self.flush()

    def flush_due(self, now: float) -> float | None:
        """Send the batch if it is due; return the seconds until it is, None if there is none."""
        if not self._rows:
            return None
        left = self._first + BATCH_SECONDS - now
        if left > 0:
            return left
        self.flush()
        return None

    def flush(self) -> None:
        """Send the collected rows."""
        if self._rows:
            rows, self._rows = self._rows, []
            body = encode_scalars(self._epoch, encode_table(rows))
            self._send(RowsInfo(rows[-1].sequence, self._received, len(rows)), body)

    def _select(self, row: Row, pulse: Pulse, channel_ids: Sequence[int | None], rate: float) -> None:
        """Choose the channels of every batch: those wanted by name, then the others, each within their limit."""
        left = BUDGET_BYTES_PER_SECOND / max(rate, 1.0) - _ROW_HEAD_BYTES
        left_named = NAMED_BYTES_PER_SECOND / max(rate, 1.0) - _ROW_HEAD_BYTES
        carried: set[int] = set()
        every = True
        for channel, channel_id in zip(pulse.layout.channels, channel_ids, strict=True):
            if channel_id is None or not channel.is_scalar:
                continue
            cell = row.cells.get(channel_id)
            size = 1 if cell is None else cell_bytes(*cell)
            if channel.name in self._named and left_named >= size:
                left_named -= size
                carried.add(channel_id)
                continue
            left -= size
            if self._all and left >= 0:
                carried.add(channel_id)
            else:
                every = False
        self._carried = None if every else carried

"""bsread as a format of ZeroMQ messages."""

from collections.abc import Sequence

from stream_online_viewer.model.pulse import Arrival, Notice, Part
from stream_online_viewer.sources.bsread.headers import MAX_VALUE_BYTES, DataHeaders, parse_main_header
from stream_online_viewer.sources.bsread.message import Message
from stream_online_viewer.sources.zeromq.format import Format
from stream_online_viewer.sources.zeromq.json_header import claimed_htype


class Bsread(Format):
    """Reads the messages of one bsread stream. ``max_value_bytes`` limits a decoded value."""

    name = "bsread"

    def __init__(self, max_value_bytes: int = MAX_VALUE_BYTES) -> None:
        self._headers = DataHeaders(max_value_bytes)

    def read(self, parts: Sequence[Part]) -> Arrival | Notice:
        """Read the main header and nothing else."""
        main = parse_main_header(parts[0])
        return main if isinstance(main, Notice) else Message(parts, main, self._headers)

    def claims(self, parts: Sequence[Part]) -> bool:
        """Return whether the first part has the htype of a main header, a data header or a command."""
        return (claimed_htype(parts[0]) or "").startswith("bsr_")

"""A source that raises what nobody expected: it is counted and said, and what arrives next is taken."""

import asyncio
import socket
import threading
import time

import pytest

from stream_online_viewer.ingest import process
from stream_online_viewer.ingest.process import Ingest, IngestOptions
from stream_online_viewer.model.pulse import Arrival, Notice
from stream_online_viewer.sources.base import Source, SourceState
from tests.link_peer import memory_peer
from tests.support import deadline


class FailingSource(Source):
    """Whatever stands in ``arriving`` arrives; an exception is raised instead."""

    def __init__(self, *arriving: Arrival | Notice | Exception) -> None:
        self._arriving = list(arriving)
        self._readable, self._bell = socket.socketpair()

    @property
    def state(self) -> SourceState:
        return SourceState("waiting", "Connected.", None, False, False, time.monotonic())

    def fileno(self) -> int:
        return self._readable.fileno()

    def poll(self) -> bool:
        return bool(self._arriving)

    def receive(self) -> Arrival | Notice | None:
        if not self._arriving:
            return None
        arrived = self._arriving.pop(0)
        if isinstance(arrived, Exception):
            raise arrived
        return arrived

    def close(self) -> None:
        self._readable.close()
        self._bell.close()


def test_a_fault_of_a_source_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two faults among three notices: all five are counted, and the last fault stands in the report."""
    notice = Notice("test")
    source = FailingSource(notice, KeyError("a name"), notice, ZeroDivisionError("no rate"), notice)
    monkeypatch.setattr(process, "open_source", lambda options: source)
    with asyncio.Runner() as runner:
        peer = memory_peer(runner.get_loop())
        ingest = Ingest(IngestOptions("tcp://127.0.0.1:1", "auto", None, 2**24, 2**25, 1), [peer.ingest])
        thread = threading.Thread(target=ingest.run)
        thread.start()
        try:
            peer.until(lambda noted: noted.reports and noted.reports[-1].commands == 3, 5, "the last notice")
            report = peer.noted.reports[-1]
            assert report.faults.refused == {"internal fault": 2}
            assert report.faults.refusal is not None
            assert "ZeroDivisionError" in report.faults.refusal.detail
            assert thread.is_alive()
        finally:
            peer.web.close()
            peer.pump()
            thread.join(deadline(5))
        assert not thread.is_alive()

"""The status of several web processes is put together from that of each."""

import json

from stream_online_viewer.protocol.jsontext import to_json
from stream_online_viewer.web.ends import ENDS_SECONDS, FEW_ENDS, LONG_PAUSE, Ends
from stream_online_viewer.web.overview import (
    ConnectionsStatus,
    IngestStatus,
    Limits,
    MemoryStatus,
    Overview,
    ViewerOverview,
    ViewerStatus,
    WebProcess,
)
from stream_online_viewer.web.part import Counts, ParentPart, Part, joined
from stream_online_viewer.web.status import source_status


def viewer(address: str) -> ViewerOverview:
    """Return a viewer."""
    status = ViewerStatus(10.0, 5.0, 1, 2, None, "rate", "exact", "wish", None)
    return ViewerOverview(address, None, False, 7, 900, status)


def overview(*viewers: str) -> Overview:
    """Return what one process knows."""
    return Overview(
        version="1",
        build="b",
        uptime_s=5.0,
        stream="tcp://x:1",
        epoch=3,
        source=source_status(None, 0.0, True, "tcp://x:1"),
        images=(),
        default_image=None,
        ingest=IngestStatus(True, 9, 1, 2, 4, (), MemoryStatus(16, 1, 100, 2, 3, 5)),
        limits=Limits(60.0, 0.0, 800.0, 1000, 256, 512),
        unsent_bytes=100,
        closed_stalled=1,
        closed_refused=2,
        viewers=[viewer(address) for address in viewers],
        connections=ConnectionsStatus(0, 0, 0, 0, 0, {"host": 1, "late": 2}, 0, 3, 4, 5),
    )


def test_the_status_of_all() -> None:
    """What is of each is added up, places are those of the parent, and counts of ended processes are not lost."""
    own = overview("a", "b")
    parts = [Part.of(overview("c"), 2, 22, 1.234), Part.of(own, 1, 11, 0.5)]
    parent = ParentPart(3, 1, 2, 500, 4, 2, 3, 1, 600, Counts(10, 0, 0, 0, 0, {"host": 1, "no_place": 1}))
    # Both travel as JSON.
    parts = [Part.from_content(json.loads(to_json(part.content()))) for part in parts]
    parent = ParentPart.from_content(json.loads(to_json(parent.content())))
    whole = joined(own, parts, parent)
    assert [one.address for one in whole.viewers] == ["a", "b", "c"]
    assert whole.viewers[2] == viewer("c")
    assert (whole.unsent_bytes, whole.closed_stalled, whole.closed_refused) == (200, 12, 4)
    assert whole.connections == ConnectionsStatus(500, 4, 2, 3, 1, {"host": 3, "late": 4, "no_place": 1}, 600, 6, 8, 10)
    assert (whole.ingest.lost_rows, whole.ingest.memory) == (8, MemoryStatus(16, 1, 100, 2, 3, 10))
    assert whole.processes is not None
    assert whole.processes.answered == [WebProcess(1, 11, 2, 0.5), WebProcess(2, 22, 1, 1.23)]
    content = json.loads(to_json(whole.content()))
    assert content["web_processes"]["wanted"] == 3
    assert content["epoch"] == 3
    assert "web_processes" not in own.content()


def test_a_process_that_ends_again_and_again_waits() -> None:
    """Five times a minute it is started at once; after a minute without an end again."""
    ends = Ends()
    assert [ends.pause(float(second))[0] for second in range(FEW_ENDS)] == [0.0] * FEW_ENDS
    pause, words = ends.pause(FEW_ENDS)
    assert pause == LONG_PAUSE and "more than 5 times" in words
    assert ends.pause(FEW_ENDS + 1 + ENDS_SECONDS) == (0.0, "")

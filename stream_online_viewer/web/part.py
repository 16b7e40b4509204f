"""What each of several processes adds to the status of all. Pure.

Any web process may be asked for the status. It has all that is the same in each, and gets the rest, of which each
process knows a part, over the parent.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from stream_online_viewer.web.overview import (
    ConnectionsStatus,
    Overview,
    ViewerOverview,
    WebProcess,
    WebProcesses,
)


@dataclass(frozen=True, slots=True)
class Counts:
    """What only grows while a process lives, and is kept by the parent when it has ended."""

    closed_stalled: int = 0
    closed_refused: int = 0
    answers_stalled: int = 0
    images_refused: int = 0
    log_lines_held_back: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    """Connections and requests refused, by reason."""

    @classmethod
    def of(cls, overview: Overview) -> "Counts":
        """Return the counts of one process's own overview."""
        connections = overview.connections
        if connections is None:
            return cls(overview.closed_stalled, overview.closed_refused)
        return cls(
            overview.closed_stalled,
            overview.closed_refused,
            connections.answers_stalled,
            connections.images_refused,
            connections.log_lines_held_back,
            connections.refused,
        )

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.closed_stalled + other.closed_stalled,
            self.closed_refused + other.closed_refused,
            self.answers_stalled + other.answers_stalled,
            self.images_refused + other.images_refused,
            self.log_lines_held_back + other.log_lines_held_back,
            dict(Counter(self.refused) + Counter(other.refused)),
        )

    def content(self) -> dict[str, Any]:
        """Return the JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Part:
    """What one web process adds."""

    process: WebProcess
    viewers: Sequence[ViewerOverview]
    unsent_bytes: int
    lost_rows: int
    """Rows that its link had no room for."""
    copied_out: int
    """Frames copied out of the memory that is shared with the ingest process."""
    counts: Counts

    @classmethod
    def of(cls, overview: Overview, number: int, pid: int, cpu_s: float) -> "Part":
        """Return the part of a process from its own overview."""
        process = WebProcess(number, pid, len(overview.viewers), round(cpu_s, 2))
        ingest = overview.ingest
        return cls(
            process,
            overview.viewers,
            overview.unsent_bytes,
            ingest.lost_rows,
            ingest.memory.copied_out,
            Counts.of(overview),
        )

    def content(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {
            "process": asdict(self.process),
            "viewers": [viewer.content() for viewer in self.viewers],
            "unsent_bytes": self.unsent_bytes,
            "lost_rows": self.lost_rows,
            "copied_out": self.copied_out,
            "counts": self.counts.content(),
        }

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> "Part":
        """Return the part in a JSON object of :meth:`content`."""
        return cls(
            WebProcess(**content["process"]),
            [ViewerOverview.from_content(viewer) for viewer in content["viewers"]],
            content["unsent_bytes"],
            content["lost_rows"],
            content["copied_out"],
            Counts(**content["counts"]),
        )


@dataclass(frozen=True, slots=True)
class ParentPart:
    """What the parent adds: the limits of all, the processes, and the counts of those that have ended."""

    wanted: int
    restarts: int
    silent: int
    places: int
    taken: int
    addresses: int
    most_of_one_address: int
    gave_way: int
    answer_bytes: int
    counts: Counts

    def content(self) -> dict[str, Any]:
        """Return the JSON object."""
        return asdict(self)

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> "ParentPart":
        """Return the part in a JSON object of :meth:`content`."""
        return cls(**{**content, "counts": Counts(**content["counts"])})


def joined(own: Overview, parts: Sequence[Part], parent: ParentPart) -> Overview:
    """Return the overview of all web processes: ``parts`` of all that answered, and what is the same from ``own``."""
    parts = sorted(parts, key=lambda part: part.process.number)
    counts = sum((part.counts for part in parts), parent.counts)
    memory = replace(own.ingest.memory, copied_out=sum(part.copied_out for part in parts))
    return replace(
        own,
        ingest=replace(own.ingest, lost_rows=sum(part.lost_rows for part in parts), memory=memory),
        unsent_bytes=sum(part.unsent_bytes for part in parts),
        closed_stalled=counts.closed_stalled,
        closed_refused=counts.closed_refused,
        viewers=[viewer for part in parts for viewer in part.viewers],
        connections=ConnectionsStatus(
            places=parent.places,
            taken=parent.taken,
            addresses=parent.addresses,
            most_of_one_address=parent.most_of_one_address,
            gave_way=parent.gave_way,
            refused=counts.refused,
            answer_bytes=parent.answer_bytes,
            answers_stalled=counts.answers_stalled,
            images_refused=counts.images_refused,
            log_lines_held_back=counts.log_lines_held_back,
        ),
        processes=WebProcesses(parent.wanted, parent.restarts, parent.silent, [part.process for part in parts]),
    )

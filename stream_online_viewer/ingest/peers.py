"""The web processes that are served, and what they want together. Changed by the main loop only."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from stream_online_viewer.link.base import IngestEnd
from stream_online_viewer.link.messages import ChannelNames, InterestChange, RowsInfo
from stream_online_viewer.link.report import IngestReport
from stream_online_viewer.protocol.frame import Buffer
from stream_online_viewer.protocol.rendition import Rendition


@dataclass(slots=True)
class _Wanted:
    """What one web process wants."""

    lanes: dict[int, Rendition] = field(default_factory=dict)
    everything: bool = False
    names: set[str] = field(default_factory=set)


Key = TypeVar("Key", Rendition, str)


def _count(counts: Counter[Key], key: Key, by: int) -> int:
    """Change a count, remove it if it is zero, and return it."""
    counts[key] += by
    left = counts[key]
    if not left:
        del counts[key]
    return left


class Peers:
    """One peer for each link. Each numbers its lanes independently."""

    def __init__(self, links: Sequence[IngestEnd]) -> None:
        self._wanted = {link: _Wanted() for link in links}
        self._renditions: Counter[Rendition] = Counter()
        self._names: Counter[str] = Counter()

    @property
    def links(self) -> list[IngestEnd]:
        """The links that are open; may be used by any thread."""
        return list(self._wanted)

    def add(self, link: IngestEnd, names: Sequence[tuple[int, str]]) -> None:
        """Add a peer, which is sent the channel names that the others know already."""
        if names:
            link.send_names(ChannelNames(tuple(names)))
        self._wanted[link] = _Wanted()

    @property
    def renditions(self) -> Collection[Rendition]:
        """The renditions of images that any peer wants."""
        return self._renditions.keys()

    @property
    def everything(self) -> bool:
        """Whether any peer wants the scalars of all channels."""
        return any(wanted.everything for wanted in self._wanted.values())

    def change(self, link: IngestEnd, change: InterestChange) -> tuple[list[str], list[str]]:
        """Note what a peer wants; return the channels wanted by name from now on, and those no longer wanted."""
        wanted = self._wanted[link]
        for number in change.ended:
            _count(self._renditions, wanted.lanes.pop(number), -1)
        for number, rendition in change.lanes:
            wanted.lanes[number] = rendition
            self._renditions[rendition] += 1
        wanted.everything = change.everything
        new = [name for name in change.names if name not in wanted.names]
        old = [name for name in change.unnamed if name in wanted.names]
        wanted.names.update(new)
        wanted.names.difference_update(old)
        named = [name for name in new if _count(self._names, name, 1) == 1]
        unnamed = [name for name in old if _count(self._names, name, -1) == 0]
        return named, unnamed

    def nothing_more(self, link: IngestEnd) -> InterestChange:
        """Return the change that ends everything that a peer wants."""
        wanted = self._wanted[link]
        return InterestChange(ended=tuple(wanted.lanes), unnamed=tuple(wanted.names))

    def forget(self, link: IngestEnd) -> None:
        """Remove a peer that wants nothing any more."""
        del self._wanted[link]

    # sending to all peers

    def send_names(self, channels: Sequence[tuple[int, str]]) -> None:
        """Send new channel names to all peers; may be called by any thread."""
        names = ChannelNames(tuple(channels))
        for link in self.links:
            link.send_names(names)

    def send_rows(self, info: RowsInfo, body: Sequence[Buffer]) -> None:
        """Send the same rows to all peers that want any."""
        for link, wanted in self._wanted.items():
            if wanted.everything or wanted.names:
                link.send_rows(info, body)

    def send_report(self, report: IngestReport) -> None:
        """Send a report to all peers, each with the number of rows dropped by its own link."""
        for link in self._wanted:
            link.send_report(replace(report, lost_rows=link.lost_rows))

"""The messages of the link, independent of what carries them. Pure.

From the ingest process to a web process: :class:`ChannelNames`, :class:`.report.IngestReport`,
:class:`.cameras.CameraAnswer`, frames and rows (whose bodies are sent to viewers unchanged and are described by
:class:`FrameInfo` and :class:`RowsInfo`), and the answer that nothing is newer yet. From a web process to the ingest
process: :class:`InterestChange`, :class:`Pull`, :class:`SlotReturned`, :class:`RefusedRenditions`, :class:`ReadUntil`
and :class:`.cameras.CameraQuestion`. The JSON of these messages is written and read here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stream_online_viewer.link.cameras import CameraQuestion
from stream_online_viewer.protocol.rendition import Rendition


@dataclass(frozen=True, slots=True)
class ChannelNames:
    """New channels, each with its id, which stays the same until the ingest process ends."""

    channels: tuple[tuple[int, str], ...]

    def content(self) -> dict[str, Any]:
        """Return the message as a JSON object."""
        return {"channels": self.channels}

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "ChannelNames":
        """Return the message in a JSON object."""
        return cls(tuple((channel_id, name) for channel_id, name in content["channels"]))


@dataclass(frozen=True, slots=True)
class FrameInfo:
    """Describes a frame. ``received`` is the monotonic clock in ns at the receipt of the pulse."""

    lane: int
    """The number of the lane in the web process."""
    sequence: int
    received: int
    refused: bool = False
    """The frame has no image, because the pulse's image could not be used."""


@dataclass(frozen=True, slots=True)
class RowsInfo:
    """Describes a batch: its number of ``rows``, the last row's sequence, the first row's receipt (monotonic ns)."""

    sequence: int
    received: int
    rows: int


@dataclass(frozen=True, slots=True)
class InterestChange:
    """What a web process wants now, as far as it differs from what it has sent before."""

    lanes: tuple[tuple[int, Rendition], ...] = ()
    """New lanes, each with a number that this web process never uses again."""
    ended: tuple[int, ...] = ()
    """Numbers of lanes without viewers."""
    everything: bool = False
    """Whether any viewer wants the scalars of all channels. Set in each message."""
    names: tuple[str, ...] = ()
    """Channels whose scalars are wanted by name and were not before."""
    unnamed: tuple[str, ...] = ()
    """Channels whose scalars are no longer wanted by name."""

    def content(self) -> dict[str, Any]:
        """Return the message as a JSON object."""
        return {
            "lanes": [[number, rendition.content()] for number, rendition in self.lanes],
            "ended": self.ended,
            "everything": self.everything,
            "names": self.names,
            "unnamed": self.unnamed,
        }

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "InterestChange":
        """Return the message in a JSON object."""
        return cls(
            tuple((number, Rendition.of(rendition)) for number, rendition in content["lanes"]),
            tuple(content["ended"]),
            content["everything"],
            tuple(content["names"]),
            tuple(content["unnamed"]),
        )


@dataclass(frozen=True, slots=True)
class Pull:
    """A request for one frame of a lane: newer than its last one, and received after ``after`` (monotonic ns)."""

    lane: int
    after: int = 0


@dataclass(frozen=True, slots=True)
class SlotReturned:
    """A frame that was sent in a slot of the shared memory is not needed there any more."""

    slot: int


@dataclass(frozen=True, slots=True)
class RefusedRenditions:
    """Renditions that must not be encoded because they ended an ingest process: (JSON text, reason) of each."""

    renditions: tuple[tuple[str, str], ...]

    def content(self) -> dict[str, Any]:
        """Return the message as a JSON object."""
        return {"renditions": self.renditions}

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "RefusedRenditions":
        """Return the message in a JSON object."""
        return cls(tuple((what, why) for what, why in content["renditions"]))


@dataclass(frozen=True, slots=True)
class ReadUntil:
    """Leave to read the source until a time of this machine's monotonic clock (ns), when the process must have ended.

    Only for a process that needs leave, because another one on another machine may take its place. The first one that
    comes tells its ``epoch`` and the ``step`` of the pulse ids that others have received, None if that is not known:
    while one of them is frozen and still connected, every second pulse goes there and is lost, and a process that knew
    nothing would take that for the step.
    """

    until: int
    epoch: int
    step: int | None = None

    def content(self) -> dict[str, Any]:
        """Return the message as a JSON object."""
        return {"until": self.until, "epoch": self.epoch, "step": self.step}

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "ReadUntil":
        """Return the message in a JSON object."""
        return cls(content["until"], content["epoch"], content["step"])


FromWeb = InterestChange | Pull | SlotReturned | RefusedRenditions | ReadUntil | CameraQuestion

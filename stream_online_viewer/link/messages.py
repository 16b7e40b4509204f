"""The messages of the link, whatever carries them. Pure.

From the ingest process to a web process: :class:`ChannelNames`, :class:`.report.IngestReport`, frames and rows (their
bodies are bytes that viewers are sent as they are; :class:`FrameInfo` and :class:`RowsInfo` say what is in them), and
that there is nothing newer yet. From a web process to the ingest process: :class:`InterestChange`, :class:`Pull` and
:class:`RefusedRenditions`. Each is written as a JSON object and read from it here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stream_online_viewer.protocol.rendition import Rendition


@dataclass(frozen=True, slots=True)
class ChannelNames:
    """New channels, each with the id that it has as long as the ingest process lives."""

    channels: tuple[tuple[int, str], ...]

    def content(self) -> dict[str, Any]:
        """Return a JSON object."""
        return {"channels": self.channels}

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "ChannelNames":
        """Return the message in a JSON object."""
        return cls(tuple((channel_id, name) for channel_id, name in content["channels"]))


@dataclass(frozen=True, slots=True)
class FrameInfo:
    """What a frame is. ``received`` is the monotonic clock in ns when the message of the stream was received."""

    lane: int
    """Number that the web process gave to the lane."""
    sequence: int
    received: int
    refused: bool = False
    """It has no image, because the one that there was could not be used."""


@dataclass(frozen=True, slots=True)
class RowsInfo:
    """What a batch of scalars is: its number of ``rows``, the last one's sequence, the first one's receipt (ns)."""

    sequence: int
    received: int
    rows: int


@dataclass(frozen=True, slots=True)
class InterestChange:
    """What a web process wants from now on, as far as it differs from what it said before."""

    lanes: tuple[tuple[int, Rendition], ...] = ()
    """New lanes, each with a number that this web process never uses again."""
    ended: tuple[int, ...] = ()
    """Numbers of lanes that nobody is in any more."""
    everything: bool = False
    """Whether somebody wants the scalars of all channels; said anew each time."""
    names: tuple[str, ...] = ()
    """Channels whose scalars are asked for by name, beside those that were;"""
    unnamed: tuple[str, ...] = ()
    """and those that are not any more."""

    def content(self) -> dict[str, Any]:
        """Return a JSON object."""
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
    """A lane may be sent one frame: newer than its last one, and received after ``after`` (monotonic ns)."""

    lane: int
    after: int = 0


@dataclass(frozen=True, slots=True)
class RefusedRenditions:
    """What must not be encoded, because it ended an ingest process before: as JSON text, each with the reason."""

    renditions: tuple[tuple[str, str], ...]

    def content(self) -> dict[str, Any]:
        """Return a JSON object."""
        return {"renditions": self.renditions}

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "RefusedRenditions":
        """Return the message in a JSON object."""
        return cls(tuple((what, why) for what, why in content["renditions"]))


FromWeb = InterestChange | Pull | RefusedRenditions

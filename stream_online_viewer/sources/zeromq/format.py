"""The interface of a message format. The sender does not announce its format; each message shows it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from stream_online_viewer.model.pulse import Arrival, Notice, Part


class Format(ABC):
    """One format of messages. An object reads one stream and may keep what it has learnt from earlier messages."""

    name: str
    """The name of the format, for the page."""
    note = ""
    """A sentence for the page on what pulses of this format lack or how they are shown, "" for none."""

    @abstractmethod
    def read(self, parts: Sequence[Part]) -> Arrival | Notice:
        """Return the pulse or notice in a message; ``parts`` are all its parts, at least one.

        Raise :class:`~stream_online_viewer.model.problems.Refused`. This is called for every message, also without
        viewers, so it should read only what it needs.
        """

    @abstractmethod
    def claims(self, parts: Sequence[Part]) -> bool:
        """Return whether a message that another format has refused is clearly one of this format."""

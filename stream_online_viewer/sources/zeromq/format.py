"""What the messages of a ZeroMQ socket may be. The sender does not announce it: the messages themselves tell."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from stream_online_viewer.model.pulse import Arrival, Notice, Part


class Format(ABC):
    """One format of messages. An object of it reads one stream, and may keep what it learnt from earlier messages."""

    name: str
    """What it is called."""
    note = ""
    """A sentence for the page about what pulses of this format lack or how they are shown, "" if there is none."""

    @abstractmethod
    def read(self, parts: Sequence[Part]) -> Arrival | Notice:
        """Return what a message brings; ``parts`` are all its parts, at least one.

        Raises :class:`~stream_online_viewer.model.problems.Refused`. It is called for every message, also while nobody
        watches, so it reads no more than that needs.
        """

    @abstractmethod
    def claims(self, parts: Sequence[Part]) -> bool:
        """Return whether a message, which another format has refused, says that it is one of this format."""

"""The connection of a viewer, as far as viewer and hub use it. Pure."""

from typing import Any, Protocol

from stream_online_viewer.protocol.frame import Buffer


class Outlet(Protocol):
    """What a viewer sends through: a WebSocket, or whatever takes an image."""

    def send_binary(self, head: bytes, body: Buffer) -> None:
        """Send a head and a shared body, without a copy of the body."""

    def send_json(self, content: dict[str, Any]) -> None:
        """Send a JSON message."""

    def send_encoded_json(self, text: bytes) -> None:
        """Send a JSON message that is encoded already."""

    def unsent(self) -> int:
        """Return how many bytes the connection has not taken yet."""

    def taken(self) -> int:
        """Return how many bytes the connection has taken since it began."""

    def ping(self, clean: bool) -> None:
        """Measure the round trip; the answer goes to :meth:`.viewer.Viewer.pong`, with ``clean``."""

    def close(self, code: int, reason: str) -> None:
        """End the connection, without waiting for a viewer that takes nothing."""

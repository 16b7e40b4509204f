"""The connection of a viewer, as far as viewer and hub use it. Pure."""

from typing import Any, Protocol

from stream_online_viewer.protocol.frame import Buffer


class Outlet(Protocol):
    """What viewer and hub need of a connection; a WebSocket, or whatever waits for a single image."""

    def send_binary(self, head: bytes, body: Buffer) -> None:
        """Send a binary message of a head and a body; the body is not copied."""

    def send_json(self, content: dict[str, Any]) -> None:
        """Send a JSON message."""

    def send_encoded_json(self, text: bytes) -> None:
        """Send a JSON message that is already encoded as UTF-8."""

    def unsent(self) -> int:
        """Return the number of bytes that the operating system has not taken yet."""

    def keep_unsent(self, size: int) -> None:
        """Let about ``size`` bytes at most wait in the kernel from now on."""

    def taken(self) -> int:
        """Return the number of bytes that have arrived at the client since the connection began."""

    def ping(self, clean: bool) -> None:
        """Send a ping; its answer is passed to :meth:`.viewer.Viewer.pong` with ``clean``."""

    def close(self, code: int, reason: str) -> None:
        """End the connection with a WebSocket close code, without waiting for a client that takes nothing."""

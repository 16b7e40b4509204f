"""What a web process asks about the cameras that a server knows, and the answer to that. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CameraQuestion:
    """Which cameras are there? To be asked only while somebody looks, because a server is asked for it."""

    known: str = ""
    """The version of the list that the web process has, "" for none."""

    def content(self) -> dict[str, Any]:
        """Return the message as a JSON object."""
        return asdict(self)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "CameraQuestion":
        """Return the message in a JSON object."""
        return cls(**content)


@dataclass(frozen=True, slots=True)
class ListedCamera:
    """One camera. ``runs``: its own stream does. ``pipelines`` are the ids of those that run with its images."""

    name: str
    aliases: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    runs: bool = False
    pipelines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CameraAnswer:
    """The newest list of cameras, and how asking for it goes."""

    problem: str = ""
    """Why the server could not be asked the last time, one sentence; "" if it could."""
    age_s: float | None = None
    """Seconds since the last good answer of the server; None before the first."""
    version: str = ""
    """Of the list; another one for other content, "" for none."""
    cameras: tuple[ListedCamera, ...] | None = None
    """The list; None if it is the one that the web process has, or if there is none."""
    left_out: int = 0
    """Cameras that the server knows and that are not in the list."""
    note: str = ""
    """A sentence about what the list lacks, "" if it lacks nothing."""

    def content(self) -> dict[str, Any]:
        """Return the message as a JSON object."""
        return asdict(self)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "CameraAnswer":
        """Return the message in a JSON object."""
        cameras = content["cameras"]
        listed = None if cameras is None else tuple(ListedCamera(**_tuples(camera)) for camera in cameras)
        return cls(**{**content, "cameras": listed})


def _tuples(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in content.items()}

"""What a server that knows cameras by name says of all of them. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownCamera:
    """One camera; ``runs``: its own stream does. ``pipelines`` are the ids of those that run with its images."""

    name: str
    aliases: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    runs: bool = False
    pipelines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownCameras:
    """The answer of the server to one question; ``problem`` is a sentence, and then there are no cameras.

    ``note`` is a sentence about what the answer lacks, "" if it lacks nothing. ``left_out`` counts the cameras that
    are not listed.
    """

    cameras: tuple[KnownCamera, ...] = ()
    left_out: int = 0
    note: str = ""
    problem: str = ""

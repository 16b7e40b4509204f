"""The messages of the bus that are JSON objects with a ``kind``: all but frames and rows. Pure.

What is read here has been checked: nothing in it can harm whoever uses it.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, cast, get_args

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.link.cameras import CameraAnswer
from stream_online_viewer.link.nats.typed import read_as
from stream_online_viewer.link.report import IngestReport
from stream_online_viewer.protocol.colour_maps import colour_maps
from stream_online_viewer.protocol.frame import Buffer
from stream_online_viewer.protocol.jsontext import to_json
from stream_online_viewer.protocol.rendition import FILES, Rendition
from stream_online_viewer.protocol.shape import COLOUR_WISHES

ROWS_BYTES = 8 * 2**20
META_BYTES = 4 * 2**20
WANT_BYTES = 2**20
MOST_LANES = 256
"""Renditions that one web server may want."""
MOST_NAMES = 4096
"""Channels that one web server may want by name."""
NAMES_AT_ONCE = 256
"""Channel names in one message."""
_ENCODINGS = ("source", "raw", "bslz4", "float32", "preview", *FILES)


def rendition_key(rendition: Rendition) -> str:
    """Return the last part of the subject on which a rendition is published."""
    return hashlib.sha256(to_json(rendition.content())).hexdigest()[:24]


# from the ingest


@dataclass(frozen=True, slots=True)
class Report:
    """For all web servers, five times a second: what the ingest process reports. A larger epoch begins with it."""

    epoch: int
    publisher: str
    """Who publishes; another one has another clock."""
    host: str
    stream: str
    """The address of the stream."""
    restarts: int
    names: int
    """How many channel names there are."""
    report: IngestReport
    refused_renditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """Channel names, for all web servers or for the one that asked. ``first`` is how many were told before."""

    epoch: int
    first: int
    channels: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Down:
    """For all web servers: there is no ingest process now, and why."""

    publisher: str
    text: str


@dataclass(frozen=True, slots=True)
class Peer:
    """An ingest program: who holds the lease, or stands by."""

    id: str
    host: str


@dataclass(frozen=True, slots=True)
class Whole:
    """For all web servers, once a second: what they are together."""

    holder: Peer
    standbys: tuple[Peer, ...]
    servers: int
    viewers: int
    own: tuple[Rendition, ...] = ()
    """Renditions that are made for one viewer each."""


@dataclass(frozen=True, slots=True)
class Clock:
    """For one web server: a time of its clock, and when it arrived and was answered on ours, monotonic ns."""

    publisher: str
    sent: int
    received: int
    answered: int


@dataclass(frozen=True, slots=True)
class Tell:
    """For one web server: its interest is not known here."""

    version: int


@dataclass(frozen=True, slots=True)
class Cameras:
    """For one web server: the answer to its question."""

    publisher: str
    answer: CameraAnswer


# from a web server


@dataclass(frozen=True, slots=True)
class AskCameras:
    """Which cameras are there? ``known`` is the version of the list that the web server has, "" for none."""

    sender: str
    known: str


@dataclass(frozen=True, slots=True)
class Interest:
    """Everything that a web server wants; ``version`` is larger each time."""

    sender: str
    version: int
    lanes: tuple[Rendition, ...]
    everything: bool
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WebServer:
    """What a web server tells of itself. Rates are a second, counts since its start."""

    host: str
    pid: int
    version: str
    port: int
    viewers: int
    rate: float
    mbit: float
    frames: int = 0
    """Frames received from the bus."""
    unused: int = 0
    """Frames of these that a newer one replaced before any viewer was ready."""
    late: int = 0
    """Frames that were too old when they came."""
    lost: int = 0
    """Frames that were published and never came."""
    lost_rows: int = 0
    refused: int = 0
    """Messages that could not be used."""
    clock_error_us: float | None = None


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of life of a web server, and for which of its lanes frames are wanted during the next second."""

    sender: str
    version: int
    """Of its interest."""
    pulled: tuple[int, ...]
    """Positions in the lanes of its interest."""
    rate: float
    """Images a second that it can use, at most."""
    epoch: int
    names: int
    """How many channel names of this epoch it knows."""
    sent: int
    """Its clock, monotonic ns."""
    server: WebServer


# among the ingest programs


@dataclass(frozen=True, slots=True)
class Present:
    """An ingest program that stands by."""

    peer: Peer


@dataclass(frozen=True, slots=True)
class GivenBack:
    """An ingest program that has given the lease back: whoever stands by need not wait."""

    peer: Peer


FromIngest = Report | Names | Down | Whole | Clock | Tell | Cameras
FromWeb = Interest | Beat | AskCameras
AmongIngests = Present | GivenBack
_KINDS: dict[str, type[Any]] = {
    "report": Report,
    "names": Names,
    "down": Down,
    "whole": Whole,
    "clock": Clock,
    "tell": Tell,
    "cameras": Cameras,
    "ask_cameras": AskCameras,
    "interest": Interest,
    "beat": Beat,
    "present": Present,
    "given back": GivenBack,
}
_NAMES = {cls: name for name, cls in _KINDS.items()}


def pack_message(message: FromIngest | FromWeb | AmongIngests) -> bytes:
    """Return a message as JSON."""
    content = asdict(message)
    for field in ("lanes", "own"):
        if field in content:
            content[field] = [rendition.content() for rendition in getattr(message, field)]
    return to_json({"kind": _NAMES[type(message)], **content})


def read_from_ingest(payload: Buffer) -> FromIngest:
    """Return a message to web servers; raise :class:`ProtocolError` for anything else."""
    return cast(FromIngest, _read(payload, get_args(FromIngest)))


def read_from_web(payload: Buffer) -> FromWeb:
    """Return a message of a web server; raise :class:`ProtocolError` for anything else."""
    message = cast(FromWeb, _read(payload, get_args(FromWeb)))
    if isinstance(message, Interest):
        _check_interest(message)
    return message


def read_among_ingests(payload: Buffer) -> AmongIngests:
    """Return a message among ingest programs; raise :class:`ProtocolError` for anything else."""
    return cast(AmongIngests, _read(payload, get_args(AmongIngests)))


def _read(payload: Buffer, kinds: tuple[type[Any], ...]) -> Any:
    try:
        content = json.loads(bytes(payload))
    except (ValueError, RecursionError):
        raise ProtocolError("no JSON") from None
    kind = content.get("kind") if isinstance(content, dict) else None
    cls = _KINDS.get(kind) if isinstance(kind, str) else None
    if cls is None or cls not in kinds:
        raise ProtocolError("no message of this kind")
    return read_as(cls, content)


def _check_interest(interest: Interest) -> None:
    if len(interest.lanes) > MOST_LANES or len(interest.names) > MOST_NAMES:
        raise ProtocolError("more than a web server may want")
    for rendition in interest.lanes:
        numbers = (*(rendition.crop or ()), *(rendition.fit or ()), *(rendition.hover or ()))
        if (
            rendition.encoding not in _ENCODINGS
            or not 1 <= rendition.binning <= 4096
            or not 0 <= rendition.slice < 2**31
            or not all(0 <= number < 2**31 for number in numbers)
            or not all(numbers[2:4] if rendition.crop else ())
            or rendition.colour not in (None, *COLOUR_WISHES)
            or rendition.colour_map not in colour_maps()
        ):
            raise ProtocolError("a rendition that there is not")

"""The content of ``/api/status``, from which the metrics are made too. Pure.

The fields have the names of the JSON keys. Other programs read them, so they stay as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from stream_online_viewer.link.report import SourceImage
from stream_online_viewer.web.status import SourceStatus
from stream_online_viewer.web.viewer import Viewer


@dataclass(frozen=True, slots=True)
class ViewerStatus:
    """``you`` of the live protocol: what one viewer is sent now."""

    rate: float
    mbit: float
    not_sent: int
    window: int
    rtt_ms: float | None
    limit: str | None
    choice: str | None
    why: str | None
    refused: str | None

    @classmethod
    def of(cls, viewer: Viewer, now: float, look: bool = False) -> "ViewerStatus":
        """Return the status of a viewer. ``look``: do not reset the limit that was noted since the last status."""
        rate, mbit = viewer.meter.rates(now)
        rtt = viewer.window.rtt
        return cls(
            rate=round(rate, 2),
            mbit=round(mbit, 2),
            not_sent=viewer.not_sent,
            window=viewer.window.size,
            rtt_ms=None if rtt is None else round(rtt * 1e3, 3),
            limit=viewer.limit if look else viewer.take_limit(),
            choice=viewer.sent_as,
            why=viewer.why,
            refused=None if viewer.lane is None else viewer.lane.problem,
        )

    def content(self) -> dict[str, Any]:
        """Return the JSON object."""
        # Not asdict(), which is slow: this runs for each viewer once a second.
        return {
            "rate": self.rate,
            "mbit": self.mbit,
            "not_sent": self.not_sent,
            "window": self.window,
            "rtt_ms": self.rtt_ms,
            "limit": self.limit,
            "choice": self.choice,
            "why": self.why,
            "refused": self.refused,
        }


@dataclass(frozen=True, slots=True)
class ViewerOverview:
    """One viewer, for the operator of the server."""

    address: str
    image: str | None
    """Name of the image channel that it wants; None for the default."""
    hidden: bool
    images: int
    """Images and bytes sent to it so far."""
    bytes: int
    status: ViewerStatus

    @classmethod
    def of(cls, viewer: Viewer, now: float) -> "ViewerOverview":
        """Return what ``/api/status`` shows of a viewer."""
        return cls(
            address=viewer.address,
            image=viewer.want.image,
            hidden=viewer.want.hidden,
            images=viewer.meter.total_images,
            bytes=viewer.meter.total_bytes,
            status=ViewerStatus.of(viewer, now, look=True),
        )

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> "ViewerOverview":
        """Return the viewer in a JSON object of :meth:`content`."""
        own = ("address", "image", "hidden", "images", "bytes")
        status = ViewerStatus(**{key: value for key, value in content.items() if key not in own})
        return cls(**{key: content[key] for key in own}, status=status)

    def content(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {
            "address": self.address,
            "image": self.image,
            "hidden": self.hidden,
            "images": self.images,
            "bytes": self.bytes,
        } | self.status.content()


@dataclass(frozen=True, slots=True)
class MemoryStatus:
    """The memory in which large frames travel from the ingest process."""

    slots: int
    used: int
    bytes: int
    stored: int
    without_slot: int
    copied_out: int


@dataclass(frozen=True, slots=True)
class IngestStatus:
    """The state of the ingest process."""

    alive: bool
    pid: int | None
    restarts: int
    encoded: int
    lost_rows: int
    refused_forms: Sequence[str]
    memory: MemoryStatus


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits that the server was started with."""

    max_rate: float
    viewer_mbit: float
    total_mbit: float
    max_viewers: int
    max_message_mb: int
    max_pulse_mb: int


@dataclass(frozen=True, slots=True)
class ConnectionsStatus:
    """Connections, requests and answers."""

    places: int
    taken: int
    addresses: int
    most_of_one_address: int
    gave_way: int
    refused: Mapping[str, int]
    answer_bytes: int
    answers_stalled: int
    images_refused: int
    log_lines_held_back: int


@dataclass(frozen=True, slots=True)
class WebProcess:
    """One of several web processes."""

    number: int
    pid: int
    viewers: int
    cpu_s: float
    """Processor time since its start, in seconds."""


@dataclass(frozen=True, slots=True)
class WebProcesses:
    """The web processes, those first that answered."""

    wanted: int
    restarts: int
    silent: int
    """How often one has not answered in time, and was left out of a status, since the start."""
    answered: Sequence[WebProcess]


@dataclass(frozen=True, slots=True)
class BusStatus:
    """The link over a bus, of a web server that is one of several; counts since its start."""

    name: str
    address: str
    connected: bool
    text: str
    version: str
    connects: int
    id: str
    """This web server on the bus."""
    holder: str | None
    """Host of the ingest that reads the source."""
    standbys: Sequence[str]
    """Hosts of those that stand by."""
    servers: int
    viewers: int
    """Web servers on the bus, and the viewers of all of them."""
    frames: int
    unused: int
    late: int
    lost: int
    lost_rows: int
    refused: Mapping[str, int]
    clock_error_us: float | None
    clock_steps: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole content. ``connections`` is None without a server around the session, as in tests."""

    version: str
    build: str
    uptime_s: float
    stream: str
    epoch: int
    source: SourceStatus
    images: Sequence[SourceImage]
    default_image: str | None
    ingest: IngestStatus
    limits: Limits
    unsent_bytes: int
    closed_stalled: int
    closed_refused: int
    viewers: Sequence[ViewerOverview]
    connections: ConnectionsStatus | None = None
    processes: WebProcesses | None = None
    """The web processes, if there are several; all other fields are of all of them."""
    bus: BusStatus | None = None

    def content(self) -> dict[str, Any]:
        """Return the JSON object of ``/api/status``."""
        return {
            "version": self.version,
            "build": self.build,
            "uptime_s": self.uptime_s,
            "stream": self.stream,
            "epoch": self.epoch,
            "source": self.source.content(),
            "images": [{"name": image.name, "dtype": image.dtype, "shape": list(image.shape)} for image in self.images],
            "default_image": self.default_image,
            "ingest": asdict(self.ingest),
            "limits": asdict(self.limits),
            "unsent_bytes": self.unsent_bytes,
            "closed_stalled": self.closed_stalled,
            "closed_refused": self.closed_refused,
            "viewers": [viewer.content() for viewer in self.viewers],
            **({} if self.connections is None else {"connections": asdict(self.connections)}),
            **({} if self.processes is None else {"web_processes": asdict(self.processes)}),
            **({} if self.bus is None else {"bus": asdict(self.bus)}),
        }

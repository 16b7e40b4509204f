"""What the ingest process reports several times a second. Pure.

The JSON of these classes is written and read here only: :meth:`IngestReport.content` returns the object,
:meth:`IngestReport.of` reads one. Ages and periods are in seconds, at the time of the report.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from stream_online_viewer.protocol.shape import PixelFormat

STANDBY = "standby"
"""State of the connection that a process reports which has no leave to read its source."""


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """The connection to the source; the fields are those of ``source`` in the live protocol."""

    state: str
    text: str
    socket: str | None = None
    guessed: bool = False
    shared: bool = False
    protocol: str | None = None
    """The protocol of the pulses, None before the first one."""
    note: str = ""
    """A sentence about what such pulses lack or how they are shown."""
    origin: str | None = None
    """What the name of the stream stands for, None if it is not known or there is no name."""
    lookups: Mapping[str, int] = field(default_factory=dict)
    """How often the name of the stream was looked up, by the result."""


@dataclass(frozen=True, slots=True)
class PulseReport:
    """Counts derived from the pulse ids since the start of the ingest process."""

    lost: int = 0
    jumps: int = 0
    backwards: int = 0
    repeated: int = 0
    step: int | None = None
    pulse_id: str | None = None
    """The last pulse id in decimal digits, since it may exceed the numbers of a browser."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The last message that could not be used."""

    reason: str
    detail: str
    htype: str | None
    age_s: float
    rate: float
    """Messages refused a second."""
    period_s: float | None = None
    """Seconds between refused messages; None after fewer than two."""


@dataclass(frozen=True, slots=True)
class UnusableChannel:
    """A channel whose values cannot be used now."""

    name: str
    position: int | None
    """Its position in the data header, None if not known."""
    reason: str
    detail: str
    image: bool
    """It is an image according to its definition."""
    count: int
    """The number of its values that could not be used."""
    age_s: float


@dataclass(frozen=True, slots=True)
class FaultReport:
    """What was received and could not be used: counts by reason, the last refusal, and the channels concerned."""

    refused: Mapping[str, int] = field(default_factory=dict)
    invalid: Mapping[str, int] = field(default_factory=dict)
    refusal: Refusal | None = None
    time_problem: str | None = None
    """What is wrong with the global timestamp of the last message."""
    unusable_count: int = 0
    unusable: tuple[UnusableChannel, ...] = ()
    """The first of these channels, images before others."""


@dataclass(frozen=True, slots=True)
class SourceImage:
    """A channel that can be shown as image."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    """Slowest dimension first."""
    pixel_format: PixelFormat | None
    """How the stream says that its pixels are stored, None if it does not."""
    nbytes: int
    """Size of its newest value as the source sent it, in bytes."""


@dataclass(frozen=True, slots=True)
class MemoryReport:
    """The memory that is shared with the web processes; without such a memory all is zero."""

    slots: int = 0
    used: int = 0
    """Slots that hold a frame."""
    nbytes: int = 0
    """Memory that the slots take."""
    stored: int = 0
    """Frames written into slots so far."""
    without_slot: int = 0
    """Large frames so far that went over the socket because there was no room for them."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """Everything that the ingest process reports."""

    connection: ConnectionReport
    pulses: PulseReport = PulseReport()
    faults: FaultReport = FaultReport()
    age_s: float | None = None
    """Age of the last message that was not refused; None before the first."""
    image_age_s: float | None = None
    """Age of the last value of the default image channel; None before the first, and while there is no viewer."""
    rate: float = 0.0
    """Messages a second."""
    period_s: float | None = None
    """Seconds between messages; None after fewer than two."""
    image_rate: float = 0.0
    image_period_s: float | None = None
    mbit: float = 0.0
    """Mbit/s received from the source."""
    messages: int = 0
    commands: int = 0
    replaced: int = 0
    """Images replaced by a newer one before they were encoded."""
    encoded: int = 0
    """Frames encoded."""
    lost_rows: int = 0
    """Rows of scalars dropped because the link's other end did not read them in time."""
    memory: MemoryReport = MemoryReport()
    images: tuple[SourceImage, ...] = ()
    default_image: str | None = None
    """Name of the channel shown to viewers that have not chosen one; None if there is no image."""
    pid: int | None = None

    def content(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        return asdict(self)

    @classmethod
    def of(cls, content: dict[str, Any]) -> "IngestReport":
        """Return the report in a JSON object; raise KeyError or TypeError if it is not one."""
        faults = content["faults"]
        refusal = faults["refusal"]
        unusable = tuple(UnusableChannel(**channel) for channel in faults["unusable"])
        images = (SourceImage(**image | {"shape": tuple(image["shape"])}) for image in content["images"])
        return cls(
            **content
            | {
                "connection": ConnectionReport(**content["connection"]),
                "pulses": PulseReport(**content["pulses"]),
                "memory": MemoryReport(**content["memory"]),
                "faults": FaultReport(
                    **faults | {"refusal": None if refusal is None else Refusal(**refusal), "unusable": unusable}
                ),
                "images": tuple(images),
            }
        )

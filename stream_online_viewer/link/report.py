"""How the receiving goes, as the ingest process reports it several times a second. Pure.

Each class is written to the link and read from it here and nowhere else: ``content`` of :class:`IngestReport` returns
the JSON object, :meth:`IngestReport.of` reads one. Ages and periods are seconds, at the time of the report.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from stream_online_viewer.protocol.shape import PixelFormat


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """The connection to the source; the fields are those of ``source`` in the live protocol."""

    state: str
    text: str
    socket: str | None = None
    guessed: bool = False
    shared: bool = False
    protocol: str | None = None
    """What the pulses come as, None before the first one."""
    note: str = ""
    """A sentence about what such pulses lack or how they are shown."""


@dataclass(frozen=True, slots=True)
class PulseReport:
    """What the pulse ids told since the ingest process started."""

    lost: int = 0
    jumps: int = 0
    backwards: int = 0
    repeated: int = 0
    step: int | None = None
    pulse_id: str | None = None
    """The last pulse id in decimal digits: it may exceed what a browser's numbers hold."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The last message that could not be used at all."""

    reason: str
    detail: str
    htype: str | None
    age_s: float
    rate: float
    """Messages refused a second."""
    period_s: float | None = None
    """Seconds from one refused message to the next; None with fewer than two."""


@dataclass(frozen=True, slots=True)
class UnusableChannel:
    """A channel whose values cannot be used now."""

    name: str
    position: int | None
    """Its place in the data header, None if that is not known."""
    reason: str
    detail: str
    image: bool
    """It is an image, as far as its definition tells."""
    count: int
    """How many of its values could not be used."""
    age_s: float


@dataclass(frozen=True, slots=True)
class FaultReport:
    """What came and could not be used: counts by reason, the last refusal, and the channels concerned."""

    refused: Mapping[str, int] = field(default_factory=dict)
    invalid: Mapping[str, int] = field(default_factory=dict)
    refusal: Refusal | None = None
    time_problem: str | None = None
    """What is wrong with the global timestamp of the last message."""
    unusable_count: int = 0
    unusable: tuple[UnusableChannel, ...] = ()
    """The first of them, images before others."""


@dataclass(frozen=True, slots=True)
class SourceImage:
    """A channel that may be chosen as image."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    """Slowest dimension first."""
    pixel_format: PixelFormat | None
    """What the stream says of its pixels."""
    nbytes: int
    """Size of its newest value as the source sent it."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """Everything that the ingest process reports."""

    connection: ConnectionReport
    pulses: PulseReport = PulseReport()
    faults: FaultReport = FaultReport()
    age_s: float | None = None
    """Since the last message that was not refused; None if none came."""
    image_age_s: float | None = None
    """Since the last one with a value in the default image channel; None if none came or nobody watches."""
    rate: float = 0.0
    """Messages a second."""
    period_s: float | None = None
    """Seconds from one message to the next; None with fewer than two."""
    image_rate: float = 0.0
    image_period_s: float | None = None
    mbit: float = 0.0
    """Mbit/s received."""
    messages: int = 0
    commands: int = 0
    replaced: int = 0
    """Images that a newer one replaced before they were encoded."""
    encoded: int = 0
    """Frames made."""
    lost_rows: int = 0
    """Rows of scalars that a link did not take in time."""
    images: tuple[SourceImage, ...] = ()
    default_image: str | None = None
    """Name of the channel that is shown when a viewer has named none."""
    pid: int | None = None

    def content(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        return asdict(self)

    @classmethod
    def of(cls, content: dict[str, Any]) -> "IngestReport":
        """Return the report in a JSON object; raise KeyError or TypeError if it is none."""
        faults = content["faults"]
        refusal = faults["refusal"]
        unusable = tuple(UnusableChannel(**channel) for channel in faults["unusable"])
        images = (SourceImage(**image | {"shape": tuple(image["shape"])}) for image in content["images"])
        return cls(
            **content
            | {
                "connection": ConnectionReport(**content["connection"]),
                "pulses": PulseReport(**content["pulses"]),
                "faults": FaultReport(
                    **faults | {"refusal": None if refusal is None else Refusal(**refusal), "unusable": unusable}
                ),
                "images": tuple(images),
            }
        )

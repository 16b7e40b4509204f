"""The state of the source, for the page, ``/api/status``, the metrics and the log.

Pure: derived from the reports of the ingest process.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from stream_online_viewer.link.report import ConnectionReport, IngestReport, Refusal, UnusableChannel

SILENT_SECONDS = 1.0
SILENT_PERIODS = 3

_NOTHING_YET = IngestReport(ConnectionReport("down", "The receiving process is being started."))


@dataclass(frozen=True, slots=True)
class RefusalStatus:
    """``refusal`` of the live protocol: the last message that could not be used."""

    reason: str
    detail: str
    htype: str | None
    age_s: float
    rate: float


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """``source`` of the live protocol, see ``docs/protocol.md``; the fields have the names of its keys."""

    state: str
    text: str
    protocol: str | None
    socket: str | None
    guessed: bool
    shared: bool
    age_s: float | None
    image_age_s: float | None
    rate: float
    image_rate: float
    mbit: float
    messages: int
    lost: int
    jumps: int
    backwards: int
    repeated: int
    commands: int
    replaced: int
    step: int | None
    pulse_id: str | None
    refused: Mapping[str, int]
    invalid: Mapping[str, int]
    refusal: RefusalStatus | None
    unusable: tuple[UnusableChannel, ...]
    unusable_count: int
    time_problem: str | None
    kind: str
    """The scheme of the stream's address."""
    origin: str | None
    lookups: Mapping[str, int]

    def content(self) -> dict[str, Any]:
        """Return the JSON object."""
        return asdict(self)


def source_status(
    report: IngestReport | None, since_report: float, alive: bool, stream: str, why_down: str = ""
) -> SourceStatus:
    """Return the state of the source.

    ``report`` is the last one of the ingest process, None before the first; ``since_report`` are the seconds since it
    came; ``alive`` is whether that process runs; ``stream`` is the address. ``why_down`` is a sentence on why it does
    not, if more is known of that.
    """
    if report is None:
        report = _NOTHING_YET
    connection, pulses, faults = report.connection, report.pulses, report.faults
    state, text = connection.state, connection.text
    if not alive:
        state = "down"
        if why_down:
            text = why_down
        elif report is not _NOTHING_YET:
            text = "The receiving process stopped and is being restarted."
    age = None if report.age_s is None else report.age_s + since_report
    image_age = None if report.image_age_s is None else report.image_age_s + since_report
    rate, image_rate, mbit = report.rate, report.image_rate, report.mbit
    refusal = faults.refusal
    if refusal is not None:
        refusal = replace(refusal, age_s=refusal.age_s + since_report)
    if state == "waiting":
        state, text = _flow(stream, text, age, report.period_s, refusal, connection.note)
    if state != "receiving":
        # Zero says more than a rate that is still falling.
        rate = image_rate = 0.0
        mbit = mbit if state == "unusable" else 0.0
    elif image_age is not None and image_age > _silence(report.image_period_s):
        image_rate = 0.0
    return SourceStatus(
        state=state,
        text=text,
        protocol=connection.protocol,
        socket=connection.socket,
        guessed=connection.guessed,
        shared=connection.shared,
        age_s=age,
        image_age_s=image_age,
        rate=round(rate, 2),
        image_rate=round(image_rate, 2),
        mbit=round(mbit, 2),
        messages=report.messages,
        lost=pulses.lost,
        jumps=pulses.jumps,
        backwards=pulses.backwards,
        repeated=pulses.repeated,
        commands=report.commands,
        replaced=report.replaced,
        step=pulses.step,
        pulse_id=pulses.pulse_id,
        refused=faults.refused,
        invalid=faults.invalid,
        refusal=None if refusal is None else _refusal_status(refusal),
        unusable=faults.unusable,
        unusable_count=faults.unusable_count,
        time_problem=faults.time_problem,
        kind=stream.partition("://")[0],
        origin=connection.origin,
        lookups=connection.lookups,
    )


def _flow(
    stream: str, text: str, age: float | None, period: float | None, refusal: Refusal | None, note: str
) -> tuple[str, str]:
    """Return state and sentence for a source that is connected: whether messages come, and whether they can be used."""
    if age is not None and age <= _silence(period):
        return "receiving", f"Messages come from {stream}." + (f" {note}" if note else "")
    if refusal is not None and refusal.age_s <= _silence(refusal.period_s):
        return "unusable", f"Messages come from {stream}, but they cannot be used: {_because(refusal)}."
    if refusal is not None and (age is None or refusal.age_s < age):
        before = f"the last one that came could not be used: {_because(refusal)}"
        return "silent", f"The connection to {stream} stands, but no message comes; {before}."
    if age is not None:
        return "silent", f"The connection to {stream} stands, but no message comes."
    return "waiting", text


def _because(refusal: Refusal) -> str:
    return f"{refusal.reason}: {refusal.detail}"


def _refusal_status(refusal: Refusal) -> RefusalStatus:
    """Return the ``refusal`` of the live protocol; its rate is zero once no more come."""
    rate = round(refusal.rate, 2) if refusal.age_s <= _silence(refusal.period_s) else 0.0
    return RefusalStatus(refusal.reason, refusal.detail, refusal.htype, refusal.age_s, rate)


def _silence(period: float | None) -> float:
    """Return the seconds without a message that count as silence; ``period`` are the usual seconds between messages."""
    return max(SILENT_SECONDS, SILENT_PERIODS * (period or 0.0))

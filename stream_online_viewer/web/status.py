"""How things are, for the page, for ``/api/status`` and for the metrics.

Pure: made from what the ingest process reports.
"""

from typing import Any

SILENT_SECONDS = 1.0
SILENT_PERIODS = 3

_COUNTS = ("messages", "lost", "jumps", "backwards", "repeated", "commands", "replaced")


def source_status(report: dict[str, Any] | None, since_report: float, alive: bool, stream: str) -> dict[str, Any]:
    """Return the ``source`` object of the live protocol.

    ``report`` is the last status of the ingest process, None if there was none; ``since_report`` are the seconds since
    it came.
    """
    if report is None or not alive:
        state, text = "down", "The receiving process is being started."
        if report is not None:
            text = "The receiving process stopped and is being restarted."
        report = report or {}
    else:
        state, text = report["state"], report["text"]
    age, image_age = (
        None if report.get(key) is None else report[key] + since_report for key in ("age_s", "image_age_s")
    )
    rate, image_rate, mbit = report.get("rate", 0.0), report.get("image_rate", 0.0), report.get("mbit", 0.0)
    refusal = report.get("refusal")
    if refusal is not None:
        refusal = {**refusal, "age_s": refusal["age_s"] + since_report}
    if state == "waiting":
        state, text = _flow(stream, text, age, report.get("period_s"), refusal, report.get("note", ""))
    if state != "receiving":
        # A rate that is still falling says less than zero does.
        rate = image_rate = 0.0
        mbit = mbit if state == "unusable" else 0.0
    elif image_age is not None and image_age > _silence(report.get("image_period_s")):
        image_rate = 0.0
    return {
        "state": state,
        "text": text,
        "protocol": report.get("protocol"),
        "socket": report.get("socket"),
        "guessed": report.get("guessed", False),
        "shared": report.get("shared", False),
        "age_s": age,
        "image_age_s": image_age,
        "rate": round(rate, 2),
        "image_rate": round(image_rate, 2),
        "mbit": round(mbit, 2),
        **{key: report.get(key, 0) for key in _COUNTS},
        "step": report.get("step"),
        "pulse_id": report.get("pulse_id"),
        "refused": report.get("refused", {}),
        "invalid": report.get("invalid", {}),
        "refusal": None if refusal is None else _refusal(refusal),
        "unusable": report.get("unusable", []),
        "unusable_count": report.get("unusable_count", 0),
        "time_problem": report.get("time_problem"),
    }


def _flow(
    stream: str, text: str, age: float | None, period: float | None, refusal: dict[str, Any] | None, note: str
) -> tuple[str, str]:
    """Return state and text of a connection that stands: what comes through it, and whether it can be used."""
    if age is not None and age <= _silence(period):
        return "receiving", f"Messages come from {stream}." + (f" {note}" if note else "")
    if refusal is not None and refusal["age_s"] <= _silence(refusal["period_s"]):
        return "unusable", f"Messages come from {stream}, but they cannot be used: {_because(refusal)}."
    if refusal is not None and (age is None or refusal["age_s"] < age):
        before = f"the last one that came could not be used: {_because(refusal)}"
        return "silent", f"The connection to {stream} stands, but no message comes; {before}."
    if age is not None:
        return "silent", f"The connection to {stream} stands, but no message comes."
    return "waiting", text


def _because(refusal: dict[str, Any]) -> str:
    return f"{refusal['reason']}: {refusal['detail']}"


def _refusal(refusal: dict[str, Any]) -> dict[str, Any]:
    """Return the ``refusal`` of the live protocol; its rate falls to zero when no more come."""
    recent = refusal["age_s"] <= _silence(refusal["period_s"])
    return {
        "reason": refusal["reason"],
        "detail": refusal["detail"],
        "htype": refusal["htype"],
        "age_s": refusal["age_s"],
        "rate": round(refusal["rate"], 2) if recent else 0.0,
    }


def _silence(period: float | None) -> float:
    """Return the seconds after which nothing is silence, from the usual seconds between two."""
    return max(SILENT_SECONDS, SILENT_PERIODS * (period or 0.0))

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
    if state == "waiting" and age is not None:
        if age > _silence(report.get("period_s")):
            state, text = "silent", f"The connection to {stream} stands, but no message comes."
        else:
            state, text = "receiving", f"Messages come from {stream}."
    if state != "receiving":
        # A rate that is still falling says less than zero does.
        rate = image_rate = mbit = 0.0
    elif image_age is not None and image_age > _silence(report.get("image_period_s")):
        image_rate = 0.0
    return {
        "state": state,
        "text": text,
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
    }


def _silence(period: float | None) -> float:
    """Return the seconds after which nothing is silence, from the usual seconds between two."""
    return max(SILENT_SECONDS, SILENT_PERIODS * (period or 0.0))

"""``/metrics`` in the text format of Prometheus."""

from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_SOURCE_COUNTERS = {
    "messages": "Messages received from the stream.",
    "lost": "Pulses lost before this server, by the gaps in the pulse ids.",
    "jumps": "Jumps of the pulse id that are no loss.",
    "backwards": "Pulse ids that went backwards.",
    "repeated": "Pulse ids that came again.",
    "commands": "Command messages of the source.",
    "replaced": "Images replaced by a newer one before they were encoded.",
}


class _Overview(Collector):
    """Metrics made from the overview at the time of the request."""

    def __init__(self, overview: Callable[[], dict[str, Any]]) -> None:
        self._overview = overview

    def collect(self) -> Iterable[Metric]:
        """Yield all metrics."""
        overview = self._overview()
        source = overview["source"]
        for name, text in _SOURCE_COUNTERS.items():
            yield CounterMetricFamily(f"sov_source_{name}", text, value=source[name])
        for name, text in (
            ("refused", "Messages refused, by reason."),
            ("invalid", "Channel values that could not be used, by reason."),
        ):
            family = CounterMetricFamily(f"sov_source_{name}", text, labels=["reason"])
            for reason, count in source[name].items():
                family.add_metric([reason], count)
            yield family
        state = GaugeMetricFamily("sov_source_state", "1 for the present state of the source.", labels=["state"])
        state.add_metric([source["state"]], 1)
        yield state
        yield GaugeMetricFamily("sov_source_rate_hertz", "Messages a second.", value=source["rate"])
        yield GaugeMetricFamily("sov_source_image_rate_hertz", "Images a second.", value=source["image_rate"])
        for name, key in (("sov_source_age_seconds", "age_s"), ("sov_source_image_age_seconds", "image_age_s")):
            age = GaugeMetricFamily(name, "Seconds since the last message, or the last image; absent before the first.")
            if source[key] is not None:
                age.add_metric([], source[key])
            yield age
        viewers = overview["viewers"]
        yield GaugeMetricFamily("sov_viewers", "Viewers connected.", value=len(viewers))
        yield GaugeMetricFamily(
            "sov_sent_hertz", "Images a second to all viewers.", value=sum(v["rate"] for v in viewers)
        )
        yield GaugeMetricFamily("sov_sent_mbit", "Mbit/s to all viewers.", value=sum(v["mbit"] for v in viewers))
        yield GaugeMetricFamily(
            "sov_unsent_bytes", "Frames pinned by unfinished sends.", value=overview["unsent_bytes"]
        )
        yield CounterMetricFamily(
            "sov_viewers_stalled", "Viewers closed because they took nothing.", value=overview["closed_stalled"]
        )
        yield CounterMetricFamily(
            "sov_images_encoded", "Images made for the viewers.", value=overview["ingest"]["encoded"]
        )
        yield GaugeMetricFamily(
            "sov_forms_refused",
            "Forms of images that are not made, because they ended a receiving process before.",
            value=len(overview["ingest"]["refused_forms"]),
        )
        yield CounterMetricFamily(
            "sov_ingest_restarts", "Restarts of the receiving process.", value=overview["ingest"]["restarts"]
        )


class Metrics:
    """The text of ``/metrics``."""

    def __init__(self, overview: Callable[[], dict[str, Any]]) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_Overview(overview))
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """Return all metrics."""
        return generate_latest(self._registry)

"""``/metrics`` of the ingest half in the text format of Prometheus."""

from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_SERVER_GAUGES = {
    "viewers": ("sov_web_server_viewers", "Viewers of a web server."),
    "rate": ("sov_web_server_sent_hertz", "Images a second that a web server sends to all its viewers."),
    "mbit": ("sov_web_server_sent_mbit", "Mbit/s that a web server sends to all its viewers."),
    "receiving": ("sov_web_server_received_hertz", "Frames a second that a web server receives from the bus."),
    "clock_error_us": ("sov_web_server_clock_error_us", "How exactly a web server knows the clock of the ingest."),
}
_SERVER_COUNTERS = {
    "frames": ("sov_web_server_frames", "Frames that a web server received from the bus."),
    "unused": ("sov_web_server_unused", "Frames that a newer one replaced there before a viewer was ready."),
    "late": ("sov_web_server_late", "Frames that came too late there."),
    "lost": ("sov_web_server_lost", "Frames that were published and never came there."),
    "lost_rows": ("sov_web_server_lost_rows", "Rows of scalars that were published and never came there."),
    "refused": ("sov_web_server_refused", "Messages that could not be used there."),
}


class IngestCollector(Collector):
    """Metrics made from the status at the time of the request."""

    def __init__(self, status: Callable[[], dict[str, Any]]) -> None:
        self._status = status

    def collect(self) -> Iterable[Metric]:
        """Yield all metrics."""
        status = self._status()
        source, ingest, bus = status["source"], status["ingest"], status["bus"]
        yield GaugeMetricFamily("sov_lease_held", "1 if this program reads the source.", value=status["lease"]["held"])
        yield CounterMetricFamily("sov_lease_taken", "How often it got the lease.", value=status["lease"]["taken"])
        yield GaugeMetricFamily("sov_standbys", "Programs that stand by.", value=len(status["lease"]["standbys"]))
        yield GaugeMetricFamily("sov_bus_connected", "1 if the bus is connected.", value=bus["connected"])
        yield CounterMetricFamily("sov_bus_connects", "How often the bus was connected.", value=bus["connects"])
        refused = CounterMetricFamily("sov_bus_refused", "Messages of the bus that were refused.", labels=["reason"])
        for reason, count in bus["refused"].items():
            refused.add_metric([reason], count)
        yield refused
        state = GaugeMetricFamily("sov_source_state", "1 for the present state of the source.", labels=["state"])
        state.add_metric([source["state"]], 1)
        yield state
        yield CounterMetricFamily("sov_source_messages", "Messages received.", value=source["messages"])
        yield CounterMetricFamily("sov_source_lost", "Pulses lost before this program.", value=source["lost"])
        yield GaugeMetricFamily("sov_source_rate_hertz", "Messages a second.", value=source["rate"])
        yield CounterMetricFamily("sov_images_encoded", "Images made for all web servers.", value=ingest["encoded"])
        yield CounterMetricFamily("sov_bus_published", "Frames published.", value=ingest["published"])
        yield CounterMetricFamily("sov_bus_published_bytes", "Their bytes.", value=ingest["published_bytes"])
        yield CounterMetricFamily("sov_bus_too_large", "Images too large for the bus.", value=ingest["too_large"])
        yield CounterMetricFamily("sov_bus_lost_rows", "Rows that the bus did not take.", value=ingest["lost_rows"])
        yield CounterMetricFamily("sov_ingest_restarts", "Restarts of the ingest process.", value=ingest["restarts"])
        yield GaugeMetricFamily("sov_web_servers", "Web servers on the bus.", value=len(status["web_servers"]))
        yield GaugeMetricFamily("sov_viewers", "Viewers of all web servers.", value=status["viewers"])
        for families, kind in ((_SERVER_GAUGES, GaugeMetricFamily), (_SERVER_COUNTERS, CounterMetricFamily)):
            for key, (name, text) in families.items():
                family = kind(name, text, labels=["server"])
                for server in status["web_servers"]:
                    if server.get(key) is not None:
                        family.add_metric([server["id"]], server[key])
                yield family

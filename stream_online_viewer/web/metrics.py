"""``/metrics`` in the text format of Prometheus."""

import os
from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from stream_online_viewer.web.overview import BusStatus, ConnectionsStatus, MemoryStatus, Overview, WebProcesses

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

    def __init__(self, overview: Callable[[], Overview]) -> None:
        self._overview = overview

    def collect(self) -> Iterable[Metric]:
        """Yield all metrics."""
        overview = self._overview()
        source = overview.source
        for name, text in _SOURCE_COUNTERS.items():
            yield CounterMetricFamily(f"sov_source_{name}", text, value=getattr(source, name))
        for name, counts, text in (
            ("refused", source.refused, "Messages refused, by reason."),
            ("invalid", source.invalid, "Channel values that could not be used, by reason."),
        ):
            family = CounterMetricFamily(f"sov_source_{name}", text, labels=["reason"])
            for reason, count in counts.items():
                family.add_metric([reason], count)
            yield family
        refusal = source.refusal
        yield GaugeMetricFamily(
            "sov_source_refused_hertz", "Messages refused a second.", value=0.0 if refusal is None else refusal.rate
        )
        yield GaugeMetricFamily(
            "sov_source_unusable_channels",
            "Channels whose values cannot be used now, of those that were looked at.",
            value=source.unusable_count,
        )
        state = GaugeMetricFamily("sov_source_state", "1 for the present state of the source.", labels=["state"])
        state.add_metric([source.state], 1)
        yield state
        kind = GaugeMetricFamily("sov_source_kind", "1 for the kind of the stream's address.", labels=["kind"])
        kind.add_metric([source.kind], 1)
        yield kind
        lookups = CounterMetricFamily("sov_resolutions", "Times a name was looked up, by result.", labels=["result"])
        for result, count in source.lookups.items():
            lookups.add_metric([result], count)
        yield lookups
        yield GaugeMetricFamily("sov_source_rate_hertz", "Messages a second.", value=source.rate)
        yield GaugeMetricFamily("sov_source_image_rate_hertz", "Images a second.", value=source.image_rate)
        for name, seconds in (
            ("sov_source_age_seconds", source.age_s),
            ("sov_source_image_age_seconds", source.image_age_s),
        ):
            age = GaugeMetricFamily(name, "Seconds since the last message, or the last image; absent before the first.")
            if seconds is not None:
                age.add_metric([], seconds)
            yield age
        viewers = overview.viewers
        yield GaugeMetricFamily("sov_viewers", "Viewers connected.", value=len(viewers))
        yield GaugeMetricFamily(
            "sov_sent_hertz", "Images a second to all viewers.", value=sum(v.status.rate for v in viewers)
        )
        yield GaugeMetricFamily("sov_sent_mbit", "Mbit/s to all viewers.", value=sum(v.status.mbit for v in viewers))
        yield GaugeMetricFamily("sov_unsent_bytes", "Frames pinned by unfinished sends.", value=overview.unsent_bytes)
        if overview.connections is not None:
            yield from _connections(overview.connections)
        yield CounterMetricFamily(
            "sov_viewers_stalled", "Viewers closed because they took nothing.", value=overview.closed_stalled
        )
        yield CounterMetricFamily(
            "sov_viewers_refused", "Viewers closed because of what they said.", value=overview.closed_refused
        )
        yield CounterMetricFamily("sov_images_encoded", "Images made for the viewers.", value=overview.ingest.encoded)
        yield GaugeMetricFamily(
            "sov_forms_refused",
            "Forms of images that are not made, because they ended a receiving process before.",
            value=len(overview.ingest.refused_forms),
        )
        yield CounterMetricFamily(
            "sov_ingest_restarts", "Restarts of the receiving process.", value=overview.ingest.restarts
        )
        yield from _memory(overview.ingest.memory)
        if overview.processes is not None:
            yield from _processes(overview.processes)
        if overview.bus is not None:
            yield from _bus(overview.bus)


def _bus(bus: BusStatus) -> Iterable[Metric]:
    """Yield the metrics of a link over a bus, see ``bus`` of ``/api/status``."""
    yield GaugeMetricFamily("sov_bus_connected", "1 if the bus is connected.", value=bus.connected)
    yield GaugeMetricFamily("sov_web_servers", "Web servers on the bus.", value=bus.servers)
    yield GaugeMetricFamily("sov_viewers_of_all", "Viewers of all web servers on the bus.", value=bus.viewers)
    for name, value, text in (
        ("connects", bus.connects, "How often the bus was connected."),
        ("frames", bus.frames, "Frames received from the bus."),
        ("unused", bus.unused, "Frames that a newer one replaced before a viewer was ready."),
        ("late", bus.late, "Frames that came too late."),
        ("lost", bus.lost, "Frames that were published and never came."),
        ("lost_rows", bus.lost_rows, "Rows of scalars that were published and never came."),
        ("clock_steps", bus.clock_steps, "Steps of the clock of this host or of the ingest's."),
    ):
        yield CounterMetricFamily(f"sov_bus_{name}", text, value=value)
    refused = CounterMetricFamily("sov_bus_refused", "Messages of the bus that were refused.", labels=["reason"])
    for reason, count in bus.refused.items():
        refused.add_metric([reason], count)
    yield refused
    error = GaugeMetricFamily("sov_bus_clock_error_us", "How exactly the clock of the ingest is known.")
    if bus.clock_error_us is not None:
        error.add_metric([], bus.clock_error_us)
    yield error


def _memory(memory: MemoryStatus) -> Iterable[Metric]:
    """Yield the metrics of the shared memory, see ``ingest.memory`` of ``/api/status``."""
    for name, value, text in (
        ("sov_memory_slots", memory.slots, "Places for large images in memory shared with the receiving process."),
        ("sov_memory_slots_used", memory.used, "Those of them that hold an image."),
        ("sov_memory_bytes", memory.bytes, "Memory that they take."),
    ):
        yield GaugeMetricFamily(name, text, value=value)
    for name, value, text in (
        ("sov_memory_images", memory.stored, "Images that came from the receiving process in shared memory."),
        ("sov_memory_full", memory.without_slot, "Large images that found no room there, and were copied."),
        ("sov_memory_copied_out", memory.copied_out, "Images copied out because viewers held them for half a second."),
    ):
        yield CounterMetricFamily(name, text, value=value)


def _connections(connections: ConnectionsStatus) -> Iterable[Metric]:
    """Yield the metrics of connections, requests and answers, see ``connections`` of ``/api/status``."""
    for name, key, text in (
        ("sov_connection_places", "places", "Connections that there is room for."),
        ("sov_connections", "taken", "Connections at present, viewers included."),
        ("sov_connection_addresses", "addresses", "Addresses that have connections."),
        ("sov_connections_of_one_address", "most_of_one_address", "Connections of the address that has the most."),
        ("sov_answer_bytes", "answer_bytes", "Bytes of images that were asked for and are not read yet."),
    ):
        yield GaugeMetricFamily(name, text, value=getattr(connections, key))
    for name, key, text in (
        ("sov_connections_gave_way", "gave_way", "Connections ended to make room for another address."),
        ("sov_answers_stalled", "answers_stalled", "Answers ended because nothing of them was taken."),
        ("sov_images_refused", "images_refused", "Images not sent: asked for too often, or earlier ones not read."),
        ("sov_log_lines_held_back", "log_lines_held_back", "Log lines that others of their kind stand for."),
    ):
        yield CounterMetricFamily(name, text, value=getattr(connections, key))
    refused = CounterMetricFamily("sov_requests_refused", "Connections and requests refused.", labels=["reason"])
    for reason, count in connections.refused.items():
        refused.add_metric([reason], count)
    yield refused


def _processes(processes: WebProcesses) -> Iterable[Metric]:
    """Yield the metrics of several web processes."""
    yield GaugeMetricFamily("sov_web_processes", "Web processes that there should be.", value=processes.wanted)
    yield CounterMetricFamily("sov_web_restarts", "Restarts of web processes.", value=processes.restarts)
    yield CounterMetricFamily(
        "sov_web_silent", "Times that a web process did not say in time how it is.", value=processes.silent
    )
    viewers = GaugeMetricFamily("sov_web_process_viewers", "Viewers of one web process.", labels=["process"])
    seconds = CounterMetricFamily(
        "sov_web_process_cpu_seconds", "Processor time of one web process.", labels=["process"]
    )
    for process in processes.answered:
        viewers.add_metric([str(process.number)], process.viewers)
        seconds.add_metric([str(process.number)], process.cpu_s)
    yield viewers
    yield seconds


class Metrics:
    """Makes the text of ``/metrics``."""

    def __init__(self, overview: Callable[[], Overview], pid: Callable[[], int] = os.getpid) -> None:
        """``pid`` returns the process that the metrics ``process_...`` are of."""
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_Overview(overview))
        ProcessCollector(pid=pid, registry=self._registry)

    def text(self) -> bytes:
        """Return all metrics."""
        return generate_latest(self._registry)

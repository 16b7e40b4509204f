"""Everything that the web process knows of its stream: viewers, reports of the ingest process, and the link to it.

It runs in one thread, that of the loop.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from stream_online_viewer import __version__
from stream_online_viewer.link.base import WebEnd
from stream_online_viewer.link.cameras import CameraQuestion
from stream_online_viewer.link.messages import ChannelNames, InterestChange, Pull
from stream_online_viewer.link.report import IngestReport, MemoryReport
from stream_online_viewer.protocol.client import CLIENT_MESSAGE_BYTES, FORMATS, MAX_EVERY, MAX_NAME, Want
from stream_online_viewer.protocol.jsontext import to_json
from stream_online_viewer.settings import Settings
from stream_online_viewer.web.allowance import (
    CHANGE_SECONDS,
    FRAME_BYTES,
    MESSAGES_PER_SECOND,
    TEXT_BURST_BYTES,
    TEXT_BYTES_PER_SECOND,
)
from stream_online_viewer.web.announcer import Announcer
from stream_online_viewer.web.cameras import CameraKeeper
from stream_online_viewer.web.clock import MONOTONIC, Clock, nanoseconds
from stream_online_viewer.web.hub import MAX_PINNED_BYTES, Hub
from stream_online_viewer.web.outlet import Outlet
from stream_online_viewer.web.overview import (
    BusStatus,
    IngestStatus,
    Limits,
    MemoryStatus,
    Overview,
    ViewerOverview,
    ViewerStatus,
)
from stream_online_viewer.web.plan import Planner
from stream_online_viewer.web.status import SourceStatus, source_status
from stream_online_viewer.web.turns import Turns
from stream_online_viewer.web.viewer import Viewer

logger = logging.getLogger(__name__)

CLOSE_STOPPING = 1001
LEAST_PINNED_BYTES = 128 * 2**20
"""So that with many web processes a few of the largest images still fit into the share of each."""
STOPPING = "the server stops"


class StreamSession:
    """One stream and its viewers."""

    def __init__(
        self,
        settings: Settings,
        build: str,
        loop: asyncio.AbstractEventLoop,
        clock: Clock = MONOTONIC,
        share: int = 1,
    ) -> None:
        """``build`` is that of the page, ``loop`` the one that runs this, ``share`` the number of web processes.

        The memory of unfinished sends is divided evenly among these, and so is the bandwidth of all viewers at first.
        """
        self.settings = settings
        self.build = build
        self.loop = loop
        self.clock = clock
        self.turns = Turns(loop.call_soon)
        self.hub = Hub(
            clock=clock,
            later=loop.call_later,
            send_pull=self._send_pull,
            send_interest=self._send_interest,
            measured=self._reconsider,
            max_rate=settings.max_rate,
            viewer_mbit=settings.viewer_mbit,
            total_mbit=settings.total_mbit / share,
            max_pinned_bytes=max(MAX_PINNED_BYTES // share, LEAST_PINNED_BYTES),
        )
        self.cameras = CameraKeeper(clock, time.time, self._send_question)
        self._planner = Planner(settings, self.hub, clock)
        self.started = clock()
        self.restarts = 0
        self.epoch = 0
        self.alive = False
        self.report: IngestReport | None = None
        self._reported = 0.0
        self._link: WebEnd | None = None
        self._status_start = b""
        self._channels: dict[str, int] = {}
        self._channels_text: bytes | None = None
        """The message with all channel names, kept until there is a new name: a thousand viewers may connect at once.
        """
        self.announcer: Announcer | None = Announcer(logger, settings.stream)
        """Logs the state of the source; None where another process does."""
        self.viewers_elsewhere = 0
        """Viewers of other web processes."""
        self.snapshots: set[Outlet] = set()
        """The outlets of requests that wait for a single image."""
        self.stopping = False
        self.stream = settings.stream
        """The address of the stream, as far as it is known here."""
        self.why_down = ""
        """A sentence on why there is no ingest process, where more is known than that it ended."""
        self.note = ""
        """A sentence that is added while there is an ingest process: where that is."""
        self.bus_status: Callable[[], BusStatus] | None = None
        """Returns how the link over a bus is; None for another link."""
        self.refused_renditions: list[str] = []
        """Renditions whose encoding ended an ingest process, as JSON text."""

    # the ingest process

    def ingest_up(self, epoch: int, link: WebEnd) -> None:
        """A new ingest process has started and is connected by ``link``."""
        self.epoch, self._link = epoch, link
        self.alive = True
        # What the last ingest process reported is not true of this one.
        self.report = None
        self._channels.clear()
        self._channels_text = None
        # Statuses that are still to be sent must not name the channels of the last one.
        self._encode_common_status()
        self.cameras.forget_question()
        for viewer in list(self.hub.viewers):
            viewer.outlet.send_json(self.hello(viewer))
        self.hub.restart()

    def ingest_down(self) -> None:
        """The ingest process has ended. All viewers are sent a status at once."""
        self._link = None
        self.cameras.forget_question()
        if self.alive:
            self.alive = False
            self.restarts += 1
            self.send_status_to_all()

    def ingest_names(self, names: ChannelNames) -> None:
        """Store the ids of new channels and send them to all viewers."""
        self._channels.update({name: channel_id for channel_id, name in names.channels})
        self._channels_text = None
        text = to_json({"kind": "channels", "channels": names.channels})
        for viewer in list(self.hub.viewers):
            viewer.outlet.send_encoded_json(text)

    def ingest_report(self, report: IngestReport) -> None:
        """Store a report of the ingest process."""
        before = self.source().state
        self.report, self._reported = report, self.clock()
        self.hub.source_image_rate = report.image_rate
        is_new = self._planner.learn(report)
        if is_new:
            for viewer in list(self.hub.viewers):
                self._reconsider(viewer, always=True)
        source = self.source()
        if source.state != before or is_new:
            self.send_status_to_all()
        if self.announcer is not None:
            self.announcer.update(source, self.clock())

    def _send_pull(self, pull: Pull) -> None:
        if self._link is not None:
            self._link.send_pull(pull)

    def _send_interest(self, change: InterestChange) -> None:
        if self._link is not None:
            self._link.send_interest(change)

    def _send_question(self, question: CameraQuestion) -> bool:
        if self._link is None:
            return False
        self._link.send_question(question)
        return True

    def channel_name(self, channel_id: int) -> str:
        """Return the name of the channel with this id in the present epoch."""
        return next((name for name, known in self._channels.items() if known == channel_id), str(channel_id))

    # viewers

    def ready(self) -> bool:
        """Whether viewers can be served: an ingest process runs and has reported."""
        return self.alive and self.report is not None

    def add_viewer(self, outlet: Outlet, local: bool, address: str) -> Viewer:
        """Add a viewer after its handshake; send it the hello, the channel names and the status.

        ``local``: on this machine.
        """
        viewer = self.hub.connect(outlet, nanoseconds(self.clock), local, address)
        outlet.send_json(self.hello(viewer))
        if self._channels:
            if self._channels_text is None:
                channels = [[channel_id, name] for name, channel_id in self._channels.items()]
                self._channels_text = to_json({"kind": "channels", "channels": channels})
            outlet.send_encoded_json(self._channels_text)
        outlet.send_json(self.status(viewer))
        logger.debug("viewer %s joined", address)
        return viewer

    def remove_viewer(self, viewer: Viewer) -> None:
        """Remove a viewer whose connection has ended."""
        self.hub.disconnect(viewer)
        logger.debug("viewer %s left", viewer.address)

    def stop(self) -> None:
        """The server is stopping: end the requests that wait for an image."""
        self.stopping = True
        for outlet in list(self.snapshots):
            outlet.close(CLOSE_STOPPING, STOPPING)

    def set_want(self, viewer: Viewer, want: Want) -> None:
        """Set what a viewer wants."""
        is_slow = viewer.pieces.transfer is not None
        self.hub.set_want(viewer, want, self._planner.rendition(viewer, want))
        if is_slow:
            # The next image may be far away; until then this tells what will come.
            viewer.send_status(to_json(self.status(viewer)))

    def _reconsider(self, viewer: Viewer, always: bool = False) -> None:
        """Send a viewer another rendition if its link's measurements, or with ``always`` anything else, call for it."""
        fixed = not always and viewer.want.format != "auto" and viewer.why != "encoders"
        if viewer.subscribed and viewer.lane is not None and not fixed and viewer.outlet not in self.snapshots:
            self.hub.change_rendition(viewer, self._planner.rendition(viewer, viewer.want))

    def hello(self, viewer: Viewer) -> dict[str, Any]:
        """Return the content of the first message to a viewer."""
        settings = self.settings
        return {
            "kind": "hello",
            "clock_us": time.time_ns() // 1000,
            "protocol": "sov.1",
            "build": self.build,
            "version": __version__,
            "epoch": self.epoch,
            "stream": self.stream,
            "formats": list(FORMATS),
            "limits": {
                "max_rate": settings.max_rate,
                "viewer_mbit": settings.viewer_mbit,
                "total_mbit": settings.total_mbit,
                "loopback": viewer.local,
                "message_bytes": CLIENT_MESSAGE_BYTES,
                "text_bytes_per_second": TEXT_BYTES_PER_SECOND,
                "text_burst_bytes": TEXT_BURST_BYTES,
                "frame_bytes": FRAME_BYTES,
                "names": MAX_EVERY,
                "name_characters": MAX_NAME,
                "messages_per_second": MESSAGES_PER_SECOND,
                "changes_per_second": round(1 / CHANGE_SECONDS),
            },
        }

    # status

    def source(self) -> SourceStatus:
        """Return the present state of the source."""
        source = source_status(self.report, self.clock() - self._reported, self.alive, self.stream, self.why_down)
        return replace(source, text=f"{source.text} {self.note}") if self.note and self.alive else source

    def status(self, viewer: Viewer) -> dict[str, Any]:
        """Return the content of the status message to one viewer."""
        return self._common_status() | {"you": ViewerStatus.of(viewer, self.clock()).content()}

    def send_status_to_all(self) -> None:
        """Send the status to all viewers; to blocked ones it is sent when they are no longer blocked."""
        self._encode_common_status()
        self.turns.share(list(self.hub.viewers), self._send_status)

    def _send_status(self, viewer: Viewer) -> None:
        if not viewer.closed:
            you = to_json(ViewerStatus.of(viewer, self.clock()).content())
            viewer.send_status(self._status_start + you + b"}")

    def _encode_common_status(self) -> None:
        """Encode the part of the status that is the same for all viewers."""
        self._status_start = to_json(self._common_status())[:-1] + b',"you":'

    def _common_status(self) -> dict[str, Any]:
        return {
            "kind": "status",
            "clock_us": time.time_ns() // 1000,
            "source": self.source().content(),
            "images": [
                [self._channels[image.name], image.dtype, image.shape]
                for image in (() if self.report is None else self.report.images)
                if image.name in self._channels
            ],
            "default_image": self._channels.get((self.report and self.report.default_image) or ""),
            "ingest": {"restarts": self.restarts},
            "viewers": len(self.hub.viewers) - len(self.snapshots) + self.viewers_elsewhere,
        }

    def overview(self) -> Overview:
        """Return the content of ``/api/status`` without the connections."""
        report, settings, now = self.report, self.settings, self.clock()
        return Overview(
            version=__version__,
            build=self.build,
            uptime_s=round(now - self.started, 1),
            stream=self.stream,
            epoch=self.epoch,
            source=self.source(),
            images=() if report is None else report.images,
            default_image=None if report is None else report.default_image,
            ingest=IngestStatus(
                alive=self.alive,
                pid=report.pid if report is not None and self.alive else None,
                restarts=self.restarts,
                encoded=0 if report is None else report.encoded,
                lost_rows=0 if report is None else report.lost_rows,
                refused_forms=self.refused_renditions,
                memory=self._memory_status(),
            ),
            limits=Limits(
                max_rate=settings.max_rate,
                viewer_mbit=settings.viewer_mbit,
                total_mbit=settings.total_mbit,
                max_viewers=settings.max_viewers,
                max_message_mb=settings.max_message_mb,
                max_pulse_mb=settings.pulse_mb,
            ),
            unsent_bytes=self.hub.pinned.bytes,
            closed_stalled=self.hub.closed_stalled,
            closed_refused=self.hub.closed_refused,
            viewers=[ViewerOverview.of(viewer, now) for viewer in self.hub.viewers],
            bus=None if self.bus_status is None else self.bus_status(),
        )

    def _memory_status(self) -> MemoryStatus:
        memory = MemoryReport() if self.report is None else self.report.memory
        return MemoryStatus(
            slots=memory.slots,
            used=memory.used,
            bytes=memory.nbytes,
            stored=memory.stored,
            without_slot=memory.without_slot,
            copied_out=0 if self._link is None else self._link.copied_out,
        )

    def tick(self) -> None:
        """To be called once a second."""
        self.hub.count_far_viewers()
        self.turns.share(list(self.hub.viewers), self._look_at)
        self.send_status_to_all()

    def _look_at(self, viewer: Viewer) -> None:
        if not viewer.closed:
            self.hub.look_at(viewer)
            self._reconsider(viewer)

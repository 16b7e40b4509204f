"""The ingest process as the parent owns it: a link for each web process, and one of its own for the reports."""

import logging
from collections.abc import Callable, Sequence

from stream_online_viewer.link.base import WebEnd
from stream_online_viewer.link.cameras import CameraAnswer
from stream_online_viewer.link.messages import ChannelNames, FrameInfo, RowsInfo
from stream_online_viewer.link.report import IngestReport
from stream_online_viewer.protocol.frame import Buffer
from stream_online_viewer.settings import Settings
from stream_online_viewer.web.announcer import Announcer
from stream_online_viewer.web.clock import MONOTONIC, Clock
from stream_online_viewer.web.status import source_status
from stream_online_viewer.web.supervisor import INGEST_COMMAND, Supervisor

logger = logging.getLogger(__name__)


class SharedIngest:
    """Owns the ingest process, see :class:`.supervisor.IngestOwner`, and takes what comes over the parent's own link.

    ``went_up`` and ``went_down`` are called when a process has started and ended.
    """

    def __init__(self, settings: Settings, command: Sequence[str] = INGEST_COMMAND, clock: Clock = MONOTONIC) -> None:
        self.clock = clock
        self.stopping = False
        self.refused_renditions: list[str] = []
        self.alive = False
        self.epoch = 0
        self.restarts = 0
        self.went_up: Callable[[], None] = lambda: None
        self.went_down: Callable[[], None] = lambda: None
        self._stream = settings.stream
        self._announcer = Announcer(logger, settings.stream)
        self.supervisor = Supervisor(settings, self, lambda: self, command, several=True)

    # supervisor.IngestOwner

    def ingest_up(self, epoch: int, link: WebEnd) -> None:
        """A new ingest process has started."""
        self.epoch, self.alive = epoch, True
        self.went_up()

    def ingest_down(self) -> None:
        """The ingest process has ended."""
        if self.alive:
            self.alive = False
            self.restarts += 1
            self.went_down()

    # base.WebEvents

    def link_report(self, report: IngestReport) -> None:
        """Tell the log how the source is."""
        self._announcer.update(source_status(report, 0.0, self.alive, self._stream), self.clock())

    def link_names(self, names: ChannelNames) -> None:
        """The parent looks at no channel."""

    def link_cameras(self, answer: CameraAnswer) -> None:
        """The parent asks nothing."""

    def link_rows(self, info: RowsInfo, body: Buffer) -> None:
        """The parent wants no rows and gets none."""

    def link_frame(self, info: FrameInfo, body: Buffer) -> None:
        """The parent pulls no frames and gets none."""

    def link_nothing_newer(self, lane: int) -> None:
        """The parent pulls nothing."""

    def link_full(self, full: bool) -> None:
        """The parent says next to nothing."""

    def link_lost(self) -> None:
        """The supervisor knows."""

"""Passes on to the session and the hub what arrives over a link."""

from collections.abc import Callable

from stream_online_viewer.link.cameras import CameraAnswer
from stream_online_viewer.link.messages import ChannelNames, FrameInfo, RowsInfo
from stream_online_viewer.link.report import IngestReport
from stream_online_viewer.protocol.frame import Buffer, image_block
from stream_online_viewer.web.session import StreamSession


class FromIngest:
    """What arrives over one link, see :class:`.link.base.WebEvents`. ``lost`` is called at the link's end."""

    def __init__(self, session: StreamSession, lost: Callable[[], None] = lambda: None) -> None:
        self._session = session
        self._lost = lost

    def link_names(self, names: ChannelNames) -> None:
        """Pass on new channel names."""
        self._session.ingest_names(names)

    def link_report(self, report: IngestReport) -> None:
        """Pass on a report."""
        self._session.ingest_report(report)

    def link_cameras(self, answer: CameraAnswer) -> None:
        """Pass on what is known of other cameras."""
        self._session.cameras.take(answer)

    def link_rows(self, info: RowsInfo, body: Buffer) -> None:
        """Pass on a batch of rows."""
        self._session.hub.publish_scalars(body, info.received, info.rows)

    def link_frame(self, info: FrameInfo, body: Buffer) -> None:
        """Pass on the next frame of a lane."""
        hub = self._session.hub
        lane = hub.lanes.numbered(info.lane)
        if lane is not None:
            found = image_block(body) if info.refused else None
            lane.set_problem(found if isinstance(found, str) else None)
        hub.publish(info.lane, body, info.sequence, info.received)

    def link_nothing_newer(self, lane: int) -> None:
        """Pass on that a lane has no newer frame yet."""
        self._session.hub.nothing_newer(lane)

    def link_full(self, full: bool) -> None:
        """While the process reads nothing, send it no interest, so that messages do not pile up here."""
        self._session.hub.interest.set_blocked(full)

    def link_lost(self) -> None:
        """The link has ended."""
        self._lost()

"""A web server whose ingest is elsewhere: the session's side of the link over a bus."""

import os
import socket
import ssl

from stream_online_viewer import __version__
from stream_online_viewer.errors import SettingsError
from stream_online_viewer.link.base import WebEnd
from stream_online_viewer.link.nats.client import NatsClient
from stream_online_viewer.link.nats.member import Member
from stream_online_viewer.link.nats.messages import Report, WebServer, Whole
from stream_online_viewer.protocol.bus_address import parse_bus, parse_name
from stream_online_viewer.web.from_ingest import FromIngest
from stream_online_viewer.web.overview import BusStatus
from stream_online_viewer.web.session import StreamSession


class OnBus:
    """Tells the session what comes from the bus; takes the place of the supervisor of an ingest process."""

    def __init__(self, session: StreamSession, port: int) -> None:
        """``port`` is that of this web server. Raise :class:`SettingsError` if the options cannot be fulfilled."""
        settings = session.settings
        self._session = session
        self._port = port
        self._host = socket.gethostname()[:200]
        name = parse_name(settings.name or "")
        address = parse_bus(settings.bus or "")
        try:
            client = NatsClient(address, f"sov web {name} {self._host} {os.getpid()}", settings.bus_ca)
        except (ssl.SSLError, OSError) as error:
            raise SettingsError(f"--bus-ca: {settings.bus_ca!r} cannot be used: {error}") from None
        self._member = Member(client, name, self, lambda: FromIngest(session), settings.max_rate)
        session.stream = str(name)
        session.bus_status = self.status

    async def run(self) -> None:
        """Be a web server on the bus until cancelled."""
        await self._member.run()

    # link.nats.member.Owner

    def bus_up(self, report: Report, link: WebEnd) -> None:
        """An ingest is heard, or another epoch of it."""
        session = self._session
        session.stream, session.why_down = report.stream, ""
        if session.announcer is not None:
            session.announcer.stream = report.stream
        session.refused_renditions = list(report.refused_renditions)
        session.ingest_up(report.epoch, link)
        session.restarts = report.restarts

    def bus_down(self, text: str) -> None:
        """No ingest is heard."""
        session = self._session
        restarts, was_alive = session.restarts, session.alive
        session.why_down = text
        session.ingest_down()
        session.restarts = restarts
        if not was_alive:
            session.send_status_to_all()

    def bus_whole(self, whole: Whole) -> None:
        """What all web servers are together."""
        session = self._session
        session.viewers_elsewhere = max(0, whole.viewers - len(session.hub.viewers))
        here = session.hub.lanes.own_here()
        session.hub.lanes.own_elsewhere = frozenset(rendition for rendition in whole.own if rendition not in here)

    def bus_server(self) -> WebServer:
        """Return what this web server tells of itself."""
        hub = self._session.hub
        now = self._session.clock()
        rates = [viewer.meter.rates(now) for viewer in hub.viewers]
        return WebServer(
            self._host,
            os.getpid(),
            __version__,
            self._port,
            len(hub.viewers),
            round(sum(rate for rate, _ in rates), 2),
            round(sum(mbit for _, mbit in rates), 2),
        )

    def status(self) -> BusStatus:
        """Return the bus's part of ``/api/status``."""
        member, client = self._member, self._member.client
        whole, server = member.whole, member.server()
        return BusStatus(
            name=str(member.name),
            address=str(client.address),
            connected=client.connected,
            text=client.text,
            version=client.server_version,
            connects=client.connects,
            id=member.id,
            holder=None if whole is None or not member.alive else whole.holder.host,
            standbys=() if whole is None else [peer.host for peer in whole.standbys],
            servers=0 if whole is None else whole.servers,
            viewers=0 if whole is None else whole.viewers,
            frames=server.frames,
            unused=server.unused,
            late=server.late,
            lost=server.lost,
            lost_rows=server.lost_rows,
            refused=dict(member.refused),
            clock_error_us=server.clock_error_us,
            clock_steps=member.offset.steps,
        )

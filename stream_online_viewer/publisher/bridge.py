"""Publishes what the ingest process makes, and asks it for what web servers on the bus want. In the thread of the loop.

It is to the ingest process what a web process is: the one peer of a link, with a lane for each rendition that any web
server wants. A frame is published once, whoever wants it; the next one is pulled when the kernel has taken the last.
"""

import asyncio
import logging
import socket
import time
from collections.abc import Callable
from dataclasses import replace

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.link.base import WebEnd
from stream_online_viewer.link.cameras import CameraAnswer, CameraQuestion
from stream_online_viewer.link.messages import ChannelNames, FrameInfo, InterestChange, Pull, RowsInfo
from stream_online_viewer.link.nats.client import NatsClient, TooLarge
from stream_online_viewer.link.nats.frames import BusHead, Kind
from stream_online_viewer.link.nats.messages import (
    NAMES_AT_ONCE,
    WANT_BYTES,
    AskCameras,
    Beat,
    Cameras,
    Clock,
    Down,
    FromIngest,
    Interest,
    Names,
    Peer,
    Report,
    Tell,
    Whole,
    pack_message,
    read_from_web,
    rendition_key,
)
from stream_online_viewer.link.nats.wire import Message
from stream_online_viewer.link.report import IngestReport
from stream_online_viewer.protocol.bus_address import StreamName
from stream_online_viewer.protocol.frame import Buffer
from stream_online_viewer.protocol.rendition import Rendition
from stream_online_viewer.publisher.demand import Demand
from stream_online_viewer.publisher.lane import Lane, without_image

logger = logging.getLogger(__name__)

MOST_UNSENT = 4 * 2**20
"""Bytes that may wait for the kernel before rows are dropped."""


class Bridge:
    """Both sides of the publishing: a ``WebEvents`` of the link, and what arrives on the bus."""

    def __init__(self, client: NatsClient, name: StreamName, peer: Peer, stream: str) -> None:
        """``peer`` is this program on the bus, ``stream`` the address of its source."""
        self.demand = Demand()
        self.report: IngestReport | None = None
        self.reported = 0.0
        self.epoch = 0
        self.restarts = 0
        self.refused_renditions: list[str] = []
        self.standbys: Callable[[], tuple[Peer, ...]] = lambda: ()
        self.published = self.published_bytes = self.lost_rows = 0
        self.too_large = 0
        """Frames that the bus does not take, because of their size."""
        self.refused: dict[str, int] = {}
        """Messages from the bus that could not be used, by reason."""
        self._client = client
        self._name = name
        self._peer = peer
        self._stream = stream
        self._loop = asyncio.get_running_loop()
        self._link: WebEnd | None = None
        self._lanes: dict[Rendition, Lane] = {}
        self._numbered: dict[int, Lane] = {}
        self._number = 0
        self._counts: dict[str, int] = {}
        """Frames published on each subject since the epoch began."""
        self._rows = 0
        self._names: list[tuple[int, str]] = []
        self._cameras = CameraAnswer()
        """The newest answer with the list itself."""
        self._askers: dict[str, str] = {}
        """The web servers that wait for an answer about cameras, and the version of the list that each has."""
        self._everything = False
        self._wanted_names: set[str] = set()
        client.on_writable = self._writable
        client.subscribe(name.subject("want"), self._take_want, WANT_BYTES)
        client.subscribe(f"_P.{peer.id}.*", self._take_nobody, 1024)

    @property
    def leads(self) -> bool:
        """Whether there is an ingest process whose frames are published."""
        return self._link is not None

    def begin(self, epoch: int, link: WebEnd) -> None:
        """Publish what an ingest process makes from now on."""
        self.epoch, self._link, self.report = epoch, link, None
        self._lanes.clear()
        self._numbered.clear()
        self._counts.clear()
        self._names.clear()
        self._cameras = CameraAnswer()
        self._askers.clear()
        self._rows = 0
        self._everything, self._wanted_names = False, set()
        self._want()

    def end(self, text: str) -> None:
        """There is no ingest process any more; web servers are told why."""
        if self._link is None:
            return
        self._link = None
        for lane in self._lanes.values():
            lane.stop()
        self._lanes.clear()
        self._numbered.clear()
        self._say("meta", Down(self._peer.id, text))

    def tick(self) -> None:
        """To be called once a second."""
        if self.demand.tick(self._loop.time()):
            self._want()
        if self._link is not None:
            own = tuple(rendition for rendition in self.demand.renditions if rendition.is_own)
            demand = self.demand
            self._say("meta", Whole(self._peer, self.standbys(), len(demand.members), demand.viewers, own))

    def bus_lost(self) -> None:
        """The connection to the bus is lost: what waits for it is old when it comes back."""
        for lane in self._lanes.values():
            lane.waiting = None

    def bus_connected(self) -> None:
        """The bus is there again: go on, without waiting until web servers ask again."""
        for lane in self._lanes.values():
            self._pull(lane)

    # what web servers want

    def _take_want(self, message: Message) -> None:
        received = time.monotonic_ns()
        try:
            want = read_from_web(message.payload)
            now = self._loop.time()
            if isinstance(want, Interest):
                self.demand.take_interest(want, now)
                self._want()
            elif isinstance(want, AskCameras):
                self._ask_cameras(want)
            else:
                known = self.demand.take_beat(want, now)
                self._answer(want, received, known)
        except ProtocolError as error:
            self._refuse(str(error)[:60])

    def _answer(self, beat: Beat, received: int, known: bool) -> None:
        """Answer a web server: the time here, and what it lacks."""
        if self._link is None:
            return
        to = f"web.{beat.sender}"
        self._say(to, Clock(self._peer.id, beat.sent, received, time.monotonic_ns()))
        if not known:
            self._say(to, Tell(beat.version))
        if beat.epoch == self.epoch and 0 <= beat.names < len(self._names):
            self._tell_names(to, beat.names)
        for lane in self._lanes.values():
            self._pull(lane)

    def _ask_cameras(self, question: AskCameras) -> None:
        """Pass on the question of a web server; one that has not told of itself gets no answer."""
        if self._link is not None and question.sender in self.demand.members:
            self._askers[question.sender] = question.known
            self._link.send_question(CameraQuestion(self._cameras.version))

    def _want(self) -> None:
        """Tell the ingest process what all web servers want now, as far as it does not know that."""
        if self._link is None:
            return
        demand = self.demand
        wanted = dict.fromkeys(demand.renditions)
        ended = [lane for rendition, lane in self._lanes.items() if rendition not in wanted]
        begun = [self._new_lane(rendition) for rendition in wanted if rendition not in self._lanes]
        names = demand.names
        change = InterestChange(
            tuple((lane.number, lane.rendition) for lane in begun),
            tuple(lane.number for lane in ended),
            demand.everything,
            tuple(sorted(names - self._wanted_names)),
            tuple(sorted(self._wanted_names - names)),
        )
        for lane in ended:
            lane.stop()
            del self._lanes[lane.rendition], self._numbered[lane.number]
        if begun or ended or change.names or change.unnamed or change.everything != self._everything:
            self._everything, self._wanted_names = change.everything, names
            self._link.send_interest(change)

    def _new_lane(self, rendition: Rendition) -> Lane:
        self._number += 1
        key = rendition_key(rendition)
        lane = Lane(self._number, rendition, self._name.subject("frame", key), f"_P.{self._peer.id}.{self._number}")
        self._lanes[rendition] = self._numbered[lane.number] = lane
        return lane

    def _pull(self, lane: Lane) -> None:
        """Pull the next frame of a lane, if it is wanted, as soon as it may be sent."""
        if self._link is None or lane.pulled or lane.waiting is not None or lane.timer is not None:
            return
        now = self._loop.time()
        rate = self.demand.rate(lane.rendition, now)
        if rate <= 0 or not self._client.connected or not self._client.writable:
            return
        if now < lane.due:
            lane.timer = self._loop.call_later(lane.due - now, self._pull_due, lane)
            return
        lane.due = max(lane.due + 1 / rate, now + 0.5 / rate)
        lane.pulled = True
        self._link.send_pull(Pull(lane.number))

    def _pull_due(self, lane: Lane) -> None:
        lane.timer = None
        self._pull(lane)

    def _take_nobody(self, message: Message) -> None:
        """The bus says that a frame has reached nobody."""
        number = message.subject.rpartition(".")[2]
        lane = self._numbered.get(int(number)) if number.isdigit() and len(number) < 18 else None
        if lane is not None and message.status == 503:
            self.demand.nobody_listens(lane.rendition)

    # base.WebEvents

    def link_names(self, names: ChannelNames) -> None:
        """Publish new channel names."""
        first = len(self._names)
        self._names.extend(names.channels)
        self._tell_names("meta", first)

    def link_report(self, report: IngestReport) -> None:
        """Publish a report."""
        self.report, self.reported = report, self._loop.time()
        self._say(
            "meta",
            Report(
                self.epoch, self._peer.id, self._peer.host, self._stream, self.restarts, len(self._names), report,
                tuple(self.refused_renditions),
            ),
        )  # fmt: skip

    def link_cameras(self, answer: CameraAnswer) -> None:
        """Tell the answer to all web servers that wait for one, each with the list if it has another one."""
        cameras = answer.cameras if answer.cameras is not None else self._cameras.cameras
        self._cameras = replace(answer, cameras=cameras)
        askers, self._askers = self._askers, {}
        for sender, known in askers.items():
            told = replace(self._cameras, cameras=None) if known == answer.version else self._cameras
            self._say(f"web.{sender}", Cameras(self._peer.id, told))

    def link_rows(self, info: RowsInfo, body: Buffer) -> None:
        """Publish a batch of rows; it is lost if the bus takes nothing."""
        number, self._rows = self._rows, self._rows + info.rows
        head = BusHead(
            Kind.ROWS,
            self.epoch,
            info.sequence,
            info.received,
            time.monotonic_ns(),
            number,
            len(self._names),
            info.rows,
        )
        sent = self._client.unsent <= MOST_UNSENT and self._client.publish(
            self._name.subject("rows"), [head.pack(), body]
        )
        if not sent:
            self.lost_rows += info.rows

    def link_frame(self, info: FrameInfo, body: Buffer) -> None:
        """Publish a frame, unless nobody wants it any more."""
        lane = self._numbered.get(info.lane)
        if lane is None:
            return
        lane.pulled = False
        if self.demand.rate(lane.rendition, self._loop.time()) > 0 and self._client.connected:
            if self._client.writable:
                self._publish(lane, info, body)
            else:
                lane.waiting = info, body
        self._pull(lane)

    def link_nothing_newer(self, lane: int) -> None:
        """The frame will come by itself."""

    def link_full(self, full: bool) -> None:
        """The ingest process is asked for little, so this does not matter."""

    def link_lost(self) -> None:
        """The supervisor deals with that."""

    # publishing

    def _publish(self, lane: Lane, info: FrameInfo, body: Buffer) -> None:
        number = self._counts[lane.subject] = self._counts.get(lane.subject, 0) + 1
        head = BusHead(
            Kind.FRAME, self.epoch, info.sequence, info.received, time.monotonic_ns(), number, len(self._names),
            refused=info.refused,
        ).pack()  # fmt: skip
        try:
            self._client.publish(lane.subject, [head, body], lane.reply)
        except TooLarge as error:
            self.too_large += 1
            if self.too_large == 1:
                logger.error("an image cannot be published: %s", error)
            if not info.refused:
                refused = FrameInfo(info.lane, info.sequence, info.received, refused=True)
                self._publish(lane, refused, without_image(body, error))
            return
        self.published += 1
        self.published_bytes += len(body)

    def _writable(self) -> None:
        """The kernel has taken everything: send what waits, one lane after the other."""
        for lane in list(self._lanes.values()):
            if not self._client.writable:
                return
            if lane.waiting is not None:
                (info, body), lane.waiting = lane.waiting, None
                # To the end, so that it does not keep others waiting.
                self._lanes[lane.rendition] = self._lanes.pop(lane.rendition)
                self._publish(lane, info, body)
            self._pull(lane)

    def _tell_names(self, to: str, first: int) -> None:
        for begin in range(first, len(self._names), NAMES_AT_ONCE):
            self._say(to, Names(self.epoch, begin, tuple(self._names[begin : begin + NAMES_AT_ONCE])))

    def _say(self, to: str, message: FromIngest) -> None:
        try:
            self._client.publish(self._name.subject(*to.split(".", 1)), [pack_message(message)])
        except TooLarge as error:
            self._refuse(f"own message: {error}"[:60])

    def _refuse(self, reason: str) -> None:
        if reason in self.refused or len(self.refused) < 64:
            self.refused[reason] = self.refused.get(reason, 0) + 1


def new_peer(token: str) -> Peer:
    """Return this program as others on the bus see it."""
    return Peer(token, socket.gethostname()[:200])

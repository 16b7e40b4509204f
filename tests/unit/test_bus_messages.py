"""Messages of the bus: written and read again, and everything that is none is refused with a ProtocolError."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.link.nats.frames import HEAD_BYTES, BusHead, Kind, image_channel, set_receipt_time, unpack
from stream_online_viewer.link.nats.messages import (
    MOST_LANES,
    AskCameras,
    Beat,
    Cameras,
    Clock,
    Down,
    GivenBack,
    Interest,
    Names,
    Peer,
    Present,
    Report,
    Tell,
    WebServer,
    Whole,
    pack_message,
    read_among_ingests,
    read_from_ingest,
    read_from_web,
    rendition_key,
)
from stream_online_viewer.protocol.bus_address import BusAddressError, parse_bus, parse_name
from stream_online_viewer.protocol.frame import Block, Buffer, FrameHead, encode_frame, encode_scalars, frame_identity
from stream_online_viewer.protocol.rendition import Rendition
from tests.unit.test_link import CAMERAS, PREVIEW
from tests.unit.test_reports import REPORT

SERVER = WebServer("host", 1, "1.0", 8080, 3, 12.5, 80.0, 5, 4, 3, 2, 1, 0, 12.5)
FROM_INGEST = [
    Report(7, "me", "host", "tcp://a:1", 2, 3, REPORT, ("{}",)),
    Names(7, 2, ((2, "a"), (3, "ü"))),
    Down("me", "It ended."),
    Whole(Peer("a", "b"), (Peer("c", "d"),), 2, 5, (PREVIEW, Rendition(None))),
    Clock("me", 1, 2, 3),
    Tell(9),
    Cameras("me", CAMERAS),
]
FROM_WEB = [
    Interest("a", 3, (PREVIEW, Rendition("x", encoding="png", colour_map="gray")), True, ("n",)),
    Beat("a", 3, (0, 1), 60.0, 7, 5, 10**18, SERVER),
    AskCameras("a", "v"),
]
EPOCH, SEQUENCE = 5, 9


def body(payload: bytes = b"pixels") -> bytearray:
    head = FrameHead(EPOCH, SEQUENCE, 77, None, 1)
    keys = {"role": "image", "channel": 4, "format": "raw", "dtype": "uint8", "shape": [2, 3]}
    return bytearray(b"".join(encode_frame(head, [Block(keys, payload)])))


def frame(**changes: Any) -> bytearray:
    head = BusHead(Kind.FRAME, EPOCH, SEQUENCE, 100, 200, 3, 6)
    return bytearray(replace(head, **changes).pack() + body())


def refuse(data: Buffer, kind: Kind = Kind.FRAME) -> None:
    with pytest.raises(ProtocolError):
        unpack(data, kind)


@pytest.mark.parametrize("message", FROM_INGEST, ids=lambda message: type(message).__name__)
def test_what_an_ingest_says_is_read_as_it_was_written(message: Any) -> None:
    """With all that is in it; a web server cannot say it."""
    assert read_from_ingest(pack_message(message)) == message
    with pytest.raises(ProtocolError):
        read_from_web(pack_message(message))


@pytest.mark.parametrize("message", FROM_WEB, ids=lambda message: type(message).__name__)
def test_what_a_web_server_says_is_read_as_it_was_written(message: Any) -> None:
    """With all that is in it; an ingest cannot say it."""
    assert read_from_web(pack_message(message)) == message
    with pytest.raises(ProtocolError):
        read_from_ingest(pack_message(message))


def test_a_program_that_stands_by_says_who_it_is() -> None:
    """And nothing else is taken for that."""
    for among in (Present(Peer("a", "b")), GivenBack(Peer("a", "b"))):
        assert read_among_ingests(pack_message(among)) == among
    with pytest.raises(ProtocolError):
        read_among_ingests(pack_message(Tell(1)))


def spoil(content: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of JSON with another value at a path."""
    if not path:
        return value
    copy = dict(content) if isinstance(content, dict) else list(content)
    copy[path[0]] = spoil(content[path[0]], path[1:], value)
    return copy


def paths(content: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths to all values in JSON."""
    found = [before] if before else []
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in items:
        found += paths(value, (*before, key))
    return found


@pytest.mark.parametrize("message", [*FROM_INGEST, *FROM_WEB], ids=lambda message: type(message).__name__)
def test_every_field_is_checked(message: Any) -> None:
    """In the place of each value one of another type: it is refused, or what is read has only declared types."""
    text = json.loads(pack_message(message))
    read = read_from_web if type(message) in (Interest, Beat) else read_from_ingest
    refused = 0
    for path in paths(text):
        values: tuple[Any, ...] = ({"x": {}}, [[[]]], "\ud800", 1e400, 2**70, True)
        for value in values:
            data = json.dumps(spoil(text, path, value)).encode()
            try:
                again = read(data)
            except ProtocolError:
                refused += 1
            else:
                pack_message(again)
    assert refused > 3 * len(paths(text))


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text().map(str.encode)))
def test_any_bytes_are_refused(data: bytes) -> None:
    """With a ProtocolError and nothing else."""
    for read in (read_from_ingest, read_from_web, read_among_ingests):
        with pytest.raises(ProtocolError):
            read(data)
    refuse(data)


def test_deep_json_is_refused() -> None:
    """It would end Python's recursion."""
    for read in (read_from_ingest, read_from_web):
        with pytest.raises(ProtocolError):
            read(b"[" * 200_000)


@pytest.mark.parametrize(
    "rendition",
    [
        Rendition(None, encoding="exe"),
        Rendition(None, binning=0),
        Rendition(None, slice=-1),
        Rendition(None, crop=(0, 0, 0, 5)),
        Rendition(None, crop=(-1, 0, 5, 5)),
        Rendition(None, colour="red"),
        Rendition(None, colour_map="none"),
    ],
)
def test_a_rendition_that_there_is_not_is_refused(rendition: Rendition) -> None:
    """Before the ingest process hears of it."""
    with pytest.raises(ProtocolError):
        read_from_web(pack_message(Interest("a", 1, (rendition,), False, ())))


def test_nobody_wants_more_than_there_is_room_for() -> None:
    """Lanes are bounded."""
    lanes = tuple(Rendition(f"c{number}") for number in range(MOST_LANES + 1))
    read_from_web(pack_message(Interest("a", 1, lanes[1:], False, ())))
    with pytest.raises(ProtocolError):
        read_from_web(pack_message(Interest("a", 1, lanes, False, ())))


def test_a_frame_is_read_as_it_was_written() -> None:
    """Head and body; its receipt time can be set, its image channel is known."""
    head, found = unpack(frame(refused=True), Kind.FRAME)
    assert head == BusHead(Kind.FRAME, EPOCH, SEQUENCE, 100, 200, 3, 6, refused=True)
    assert bytes(found) == body()
    assert image_channel(found) == 4
    set_receipt_time(found, 10**18)
    identity = frame_identity(bytes(found))
    assert (identity.receipt_time, identity.pulse_id, identity.sequence) == (10**18, 77, SEQUENCE)


def test_rows_are_read_as_they_were_written() -> None:
    """Only of the epoch that the head tells."""
    rows = b"".join(encode_scalars(EPOCH, b"table"))
    head = BusHead(Kind.ROWS, EPOCH, SEQUENCE, 100, 200, 3, 6, rows=10)
    found, read = unpack(head.pack() + rows, Kind.ROWS)
    assert (found, bytes(read)) == (head, rows)
    refuse(replace(head, epoch=6).pack() + rows, Kind.ROWS)
    refuse(head.pack() + rows)
    refuse(head.pack() + rows[:7], Kind.ROWS)


def test_a_frame_that_is_cut_off_anywhere_is_refused() -> None:
    """At every byte."""
    whole = frame()
    end = len(whole)
    # The last payload is padded to a multiple of eight.
    for length in range(end - 2):
        refuse(bytes(whole[:length]))


@pytest.mark.parametrize(
    "changes",
    [{"epoch": 6}, {"sequence": 8}, {"kind": Kind.ROWS}, {"received": 201}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_frame_whose_head_tells_something_else_is_refused(changes: dict[str, Any]) -> None:
    """Another pulse than its body, or times that cannot be."""
    refuse(frame(**changes))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"offset":', b'"offsat":'),
        (b'"role":"image"', b'"role":1234567'),
        (b'"blocks"', b'"blacks"'),
        (b'"bytes":6', b'"bytes":7e3'.replace(b"7e3", b"9")),
        (b'"bytes":6', b'"bytes":-'),
        (b"{", b"["),
    ],
)
def test_a_frame_with_a_broken_head_is_refused(old: bytes, new: bytes) -> None:
    """What pages and files rely on has been looked at."""
    whole = bytes(frame())
    assert old in whole
    spoiled = whole.replace(old, new, 1)
    assert len(spoiled) == len(whole)
    if new == b'"bytes":9':
        # Nine bytes would be more than the padding has.
        spoiled = spoiled[:-2]
    refuse(spoiled)


def test_a_frame_with_any_byte_changed_does_no_harm() -> None:
    """It is refused, or all that the server reads of it can be read."""
    used = 0
    for position in range(len(frame())):
        for value in (0, 1, *b'"[]{}-,:9', 0x7F, 0xFF):
            whole = frame()
            whole[position] = value
            try:
                _, found = unpack(whole, Kind.FRAME)
            except ProtocolError:
                continue
            used += 1
            image_channel(found)
            frame_identity(bytes(found))
    assert used > 100


def test_equal_renditions_have_one_subject() -> None:
    """And others have another one."""
    assert rendition_key(Rendition("a")) == rendition_key(Rendition("a"))
    assert len({rendition_key(one) for one in (Rendition("a"), Rendition("b"), Rendition("a", slice=1), PREVIEW)}) == 4
    assert HEAD_BYTES % 8 == 0


def test_addresses_of_a_bus() -> None:
    """Hosts, ports, encryption and what to log in with; the password is not shown."""
    address = parse_bus("nats://me:s%40cret@a:1, tls://[::1]")
    assert [str(server) for server in address.servers] == ["nats://a:1", "tls://[::1]:4222"]
    assert (address.user, address.password) == ("me", "s@cret")
    assert "cret" not in str(address) + repr(address)
    assert parse_bus("nats://token@a").password is None
    for text in ("", "a:4222", "http://a", "nats://", "nats://a:x", "nats://a:99999", "nats://a/b", "nats://a,,"):
        with pytest.raises(BusAddressError):
            parse_bus(text)


def test_names_of_streams() -> None:
    """They become tokens of subjects and keys, so few characters are allowed."""
    name = parse_name("psi/cam-1_x")
    assert name.subject("web", "id") == "sov.psi.cam-1_x.web.id"
    assert name.key == "psi.cam-1_x"
    for text in ("psi", "a/b/c", "A/b", "a/*", "a/>", "a.b/c", "a/ b", "/b", "a/", "a/b\n"):
        with pytest.raises(BusAddressError):
            parse_name(text)

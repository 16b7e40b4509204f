"""Reading the opening of a ZeroMQ connection."""

import random
import struct

import pytest

from stream_online_viewer.sources.zeromq.zmtp import GREETING, OPENING_BYTES, NotZmtp, PeerReader
from tests.unit.source_helpers import short_id

# As libzmq 4.3.5 sends it.
PUB_OPENING = (
    bytes.fromhex("ff00000000000000017f0301")
    + b"NULL".ljust(20, b"\0")
    + bytes(32)
    + b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03PUB"
)


def _ready(properties: bytes, long: bool = False) -> bytes:
    body = b"\x05READY" + properties
    return (b"\x06" + struct.pack(">Q", len(body)) if long else b"\x04" + bytes([len(body)])) + body


def _property(name: bytes, value: bytes) -> bytes:
    return bytes([len(name)]) + name + struct.pack(">I", len(value)) + value


def _read(*pieces: bytes) -> PeerReader:
    reader = PeerReader()
    for piece in pieces:
        reader.feed(piece)
    return reader


def test_our_greeting_is_64_bytes() -> None:
    """Signature, version 3.1, mechanism NULL, client."""
    assert len(GREETING) == 64
    assert GREETING[0] == 0xFF and GREETING[9:OPENING_BYTES] == b"\x7f\x03"
    assert _read(GREETING).mechanism == "NULL"


def test_opening_in_one_piece() -> None:
    """Version, mechanism and socket type are known, and nothing more is to come."""
    reader = _read(PUB_OPENING)
    assert (reader.major, reader.minor, reader.mechanism, reader.socket_type) == (3, 1, "NULL", "PUB")
    assert reader.done


def test_opening_cut_at_every_byte() -> None:
    """Wherever the network cuts, the result is the same, and nothing is claimed too early."""
    for cut in range(len(PUB_OPENING) + 1):
        reader = PeerReader()
        reader.feed(PUB_OPENING[:cut])
        assert reader.done == (cut == len(PUB_OPENING))
        assert reader.speaks_zmtp == (cut >= 10)
        assert (reader.minor is not None) == (cut >= 64)
        reader.feed(PUB_OPENING[cut:])
        assert reader.done and reader.socket_type == "PUB"


def test_opening_byte_by_byte() -> None:
    """Sixty-odd pieces of one byte are read as one."""
    reader = _read(*(bytes([byte]) for byte in PUB_OPENING))
    assert (reader.socket_type, reader.minor) == ("PUB", 1)


def test_bytes_after_ready_do_not_matter() -> None:
    """What a publisher sends next is not looked at."""
    reader = _read(PUB_OPENING + b"\x99" * 500)
    reader.feed(b"more")
    assert reader.socket_type == "PUB"


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("name", [b"Socket-Type", b"socket-type", b"SOCKET-TYPE"])
def test_ready_with_other_properties(name: bytes, long: bool) -> None:
    """Short and long frames, properties before and after, names in any case."""
    properties = _property(b"Identity", b"") + _property(name, b"PUSH") + _property(b"X-Other", bytes(50))
    assert _read(GREETING + _ready(properties, long)).socket_type == "PUSH"


@pytest.mark.parametrize(
    "command", [_ready(b""), _ready(_property(b"Identity", b"x")), b"\x04\x06\x05ERROR", b"\x04\0"], ids=short_id
)
def test_peer_that_does_not_say_its_type(command: bytes) -> None:
    """The first command is there and names no type: nothing more is to be waited for."""
    reader = _read(GREETING + command)
    assert reader.done and reader.socket_type is None and reader.minor == 1


def test_minor_version() -> None:
    """Heartbeats depend on it."""
    assert _read(GREETING[:11] + b"\0" + GREETING[12:]).minor == 0


def test_mechanism_of_a_peer_with_authentication() -> None:
    """What the peer wants can be told to the operator."""
    assert _read(GREETING[:12] + b"CURVE".ljust(20, b"\0") + GREETING[32:]).mechanism == "CURVE"


@pytest.mark.parametrize(("number", "name"), [(1, "PUB"), (8, "PUSH"), (9, "XPUB"), (7, "PULL")])
def test_peer_of_version_2(number: int, name: str) -> None:
    """libzmq 3 sends a number right after its version, and knows no heartbeats."""
    reader = _read(GREETING[:10] + b"\x01" + bytes([number]))
    assert (reader.major, reader.minor, reader.socket_type, reader.done) == (1, 0, name, True)


def test_peer_of_version_1() -> None:
    """The oldest peers do not say what they are."""
    reader = _read(GREETING[:10] + b"\0")
    assert reader.done and reader.speaks_zmtp and reader.socket_type is None


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 400 Bad Request",
        b"SSH-2.0-OpenSSH",
        b"\0",
        b"\x15\x03\x01\0\x02\x02\x0a",
        b"\xff" * 10,
        GREETING[:10] + b"\x01\x63",
        GREETING + b"\x00\x05hello",
        GREETING + b"\xff\xff",
        GREETING + b"\x06" + b"\xff" * 8,
        GREETING + b"\x06" + struct.pack(">Q", 2**40) + b"x",
        GREETING + _ready(b"\x0bSocket-Type\0\0"),
        GREETING + _ready(b"\x0bSocket-Type\xff\xff\xff\xffPUB"),
        GREETING + _ready(b"\xff"),
    ],
    ids=short_id,
)
def test_what_is_not_zmtp(data: bytes) -> None:
    """Other protocols and lies about lengths."""
    with pytest.raises(NotZmtp):
        _read(data)


def test_random_bytes_after_the_signature() -> None:
    """Whatever follows is read, or is not ZMTP; nothing else happens, and memory stays bounded."""
    rng = random.Random(1)
    for _ in range(3000):
        start = PUB_OPENING[: rng.choice([0, 10, 11, 12, 64, 65, 66, 73])]
        reader = PeerReader()
        try:
            reader.feed(start + rng.randbytes(rng.randrange(300)))
        except NotZmtp:
            continue
        assert reader.socket_type is None or reader.done

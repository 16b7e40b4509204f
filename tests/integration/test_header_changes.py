"""What the stream holds may be another thing with every message: each frame is decoded by its own header, exactly."""

import contextlib
import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.live_client import Frame, LiveClient, Row
from tests.raw_source import Order, Part, RawSource, channel, compress, message
from tests.server import ServerProcess, running_server
from tests.support import deadline

TYPES = ("bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64")
ORDERS: tuple[Order, Order] = ("little", "big")
COMPRESSIONS = ("none", "lz4", "bitshuffle_lz4")
MESSAGES = 200
IMAGE = np.arange(12, dtype=np.uint16).reshape(3, 4)


class Stage:
    """A source, a server and a viewer: what is sent is looked at, one message after the other."""

    def __init__(self, source: RawSource, server: ServerProcess, viewer: LiveClient) -> None:
        self.source, self.server, self.viewer = source, server, viewer
        source.send_until_shown(viewer, channel("image", IMAGE))
        # A batch of rows that began before the viewer came is not for it, whatever else is in it.
        while not viewer.rows:
            viewer.receive(deadline(3))

    def show(self, *channels: Part, **more: Any) -> Frame:
        """Send a message and return its frame."""
        pulse_id = self.source.send(*channels, **more)
        frame = self.viewer.next_frame()
        while frame.pulse_id != pulse_id:
            frame = self.viewer.next_frame()
        return frame

    def row(self, *channels: Part, **more: Any) -> Row:
        """Send a message and return its row in the scalar lane."""
        pulse_id = self.source.send(*channels, **more)
        while not self.viewer.rows or self.viewer.rows[-1].pulse_id != pulse_id:
            self.viewer.receive(deadline(3))
        return self.viewer.rows[-1]

    def counted(self) -> dict[str, Any]:
        """Return the state of the source once it counts the last message."""
        last = str(self.source.pulse_id)
        return self.server.wait_for_status(lambda status: status["source"]["pulse_id"] == last, 2, "counted")["source"]


@pytest.fixture(scope="module")
def source() -> Iterator[RawSource]:
    """A PUSH source."""
    with RawSource() as source:
        yield source


@pytest.fixture(scope="module")
def server(source: RawSource) -> Iterator[ServerProcess]:
    """A server that shows every image that it can."""
    with running_server(source.port, "--max-rate", "10000") as server:
        yield server


@pytest.fixture
def open_stage(source: RawSource, server: ServerProcess) -> Iterator[Callable[..., Stage]]:
    """A function that makes a new viewer of the source, which wants what the arguments say."""
    with contextlib.ExitStack() as stack:

        def connect(**want: Any) -> Stage:
            stack.close()
            return Stage(source, server, stack.enter_context(LiveClient(server.url("live", "ws"), **want)))

        yield connect


@pytest.fixture
def stage(open_stage: Callable[..., Stage]) -> Stage:
    """A new viewer of the source."""
    return open_stage()


def random_values(generator: np.random.Generator, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return values over the whole range of a type, NaN and infinities included."""
    if dtype == "bool":
        return generator.random(shape) < 0.5
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    values = np.frombuffer(generator.bytes(size), dtype).reshape(shape)
    # Half of the images are smooth enough to be compressed.
    return values if generator.random() < 0.5 else np.sort(values, axis=None).reshape(shape)


def same(shown: Any, sent: Any) -> bool:
    """Return whether two arrays or scalars are equal to the bit, NaN by NaN."""
    shown = np.asarray(shown)
    return shown.shape == np.shape(sent) and shown.astype(sent.dtype).tobytes() == np.asarray(sent).tobytes()


def random_message(generator: np.random.Generator) -> tuple[dict[str, Any], list[Part], dict[str, Any]]:
    """Return the values of a message by name, the channels that send them, and further arguments."""
    values: dict[str, Any] = {}
    channels: list[Part] = []

    def add(name: str, value: Any) -> None:
        how = {"order": generator.choice(ORDERS), "prefix": generator.choice(ORDERS)}
        compression = str(generator.choice(COMPRESSIONS)) if np.ndim(value) else "none"
        values[name] = value
        channels.append(channel(name, value, compression=compression, time_ns=None, **how))

    add("image", random_values(generator, generator.choice(TYPES), tuple(generator.integers(1, 60, 2))))
    for name in generator.permutation(list("abcdefgh"))[: generator.integers(0, 9)]:
        dtype = str(generator.choice([*TYPES, "string", "null"]))
        if dtype == "null":
            add(str(name), None)
        elif dtype == "string":
            add(str(name), "Schön <b>& " + "x" * int(generator.integers(0, 300)))
        elif generator.random() < 0.3:
            add(str(name), random_values(generator, dtype, (int(generator.integers(2, 500)),)))
        else:
            add(str(name), random_values(generator, dtype, (1,))[0])
    generator.shuffle(channels)
    more: dict[str, Any] = {"header_compression": str(generator.choice(COMPRESSIONS))}
    if (lie := generator.integers(0, 4)) < 3:
        # A hash that is always the same, null, or not there: only the header itself counts.
        more["hash"] = ("0" * 32, None, ...)[lie]
    return values, channels, more


@pytest.mark.parametrize("form", ["auto", "raw", "bslz4"])
def test_each_frame_is_decoded_by_its_own_header(open_stage: Callable[..., Stage], form: str) -> None:
    """Size, type, byte order, compression and channels change with every message, whatever its hash says."""
    generator = np.random.default_rng(["auto", "raw", "bslz4"].index(form))
    stage = open_stage(format=form)
    for _ in range(MESSAGES):
        values, channels, more = random_message(generator)
        frame = stage.show(*channels, **more)
        assert frame.image_block["dtype"] == values["image"].dtype.name
        assert same(frame.image, values.pop("image"))
        assert not frame.invalid
        assert {name for name, value in values.items() if value is None} == frame.null
        arrays = {name: value for name, value in values.items() if np.ndim(value)}
        assert set(frame.arrays) == set(arrays)
        assert all(same(frame.arrays[name], value) for name, value in arrays.items())
        scalars = {name: value for name, value in values.items() if name not in arrays}
        assert set(frame.row.values) == set(scalars)
        for name, value in scalars.items():
            shown = frame.row.values[name]
            assert shown == value if value is None or isinstance(value, str) else same(shown, value)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("dtype", TYPES)
def test_every_type_is_exact(open_stage: Callable[..., Stage], dtype: str, order: Order) -> None:
    """Images of every type in both byte orders and all compressions, over the whole range of the type."""
    generator = np.random.default_rng(1)
    for form in ("raw", "bslz4"):
        stage = open_stage(format=form)
        for compression in COMPRESSIONS:
            sent = random_values(generator, dtype, (37, 53))
            frame = stage.show(channel("image", sent, order=order, compression=compression, prefix=order))
            assert frame.image_block["exact"] is True
            assert frame.image_block["format"] == form
            assert same(frame.image, sent)


def test_scalars_are_exact_to_the_last_bit(stage: Stage) -> None:
    """The largest and smallest numbers of each type, NaN, infinities and the signed zero arrive as they are."""
    floats = (np.nan, np.inf, -np.inf, -0.0, 5e-324, 0.1)
    sent: dict[str, np.generic] = {
        "i64": np.int64(-(2**63)),
        "u64": np.uint64(2**64 - 1),
        "u64b": np.uint64(2**53 + 1),
        "b": np.bool_(True),
    }
    sent |= {f"f64-{number}": np.float64(number) for number in floats}
    sent |= {f"f32-{number}": np.float32(number) for number in floats}
    for order in ORDERS:
        channels = [channel(name, value, order=order) for name, value in sent.items()]
        row = stage.row(*channels)
        assert all(same(row.values[name], value) for name, value in sent.items())


def test_any_byte_but_zero_is_true(stage: Stage) -> None:
    """A bool is one byte; some sources send another one than 1 for true."""
    image = channel("image", np.array([[0, 1, 2, 255]], np.uint8), type="bool")
    frame = stage.show(image, channel("flag", np.uint8(2), type="bool"))
    assert frame.image.tolist() == [[False, True, True, True]]
    assert frame.row.values["flag"] is True


def test_strings(stage: Stage) -> None:
    """Text of any language; what C sources pad with NUL ends there; an empty text cannot be told from no value."""
    frame = stage.show(
        channel("image", IMAGE),
        channel("unicode", "Grüße, 光, <script>alert(1)</script>"),
        channel("padded", "DESY\0\0\0garbage"),
        channel("empty", ""),
        channel("long", "x" * 10000, compression="lz4"),
    )
    assert frame.row.values == {
        "unicode": "Grüße, 光, <script>alert(1)</script>",
        "padded": "DESY",
        "empty": None,
        "long": "x" * 10000,
    }


def test_a_type_that_changes_within_a_batch_of_scalars(stage: Stage) -> None:
    """A channel may be a number in one message, a text in the next and nothing in a third: every row has its own."""
    values = [np.float64(0.5), "text", None, np.int32(-7), np.uint64(2**63), np.float64(1.5)] * 5
    pulses = {stage.source.send(channel("changing", value)): value for value in values}
    while not stage.viewer.rows or stage.viewer.rows[-1].pulse_id < max(pulses):
        stage.viewer.receive(deadline(3))
    shown = {row.pulse_id: row.values["changing"] for row in stage.viewer.rows if row.pulse_id in pulses}
    assert shown == pulses


BROKEN: dict[str, dict[str, Any]] = {
    "type": {"type": "float16"},
    "shape": {"shape": [4, -3]},
    "compression": {"compression": "zip"},
    "length": {"shape": [5, 3]},
}


@pytest.mark.parametrize("reason", BROKEN)
def test_a_channel_that_cannot_be_used_is_invalid_with_a_reason(stage: Stage, reason: str) -> None:
    """A bad scalar and a bad array say why; image and other channels of the message are shown."""
    frame = stage.show(
        channel("image", IMAGE),
        channel("good", np.int32(5)),
        channel("bad_scalar", np.int16(1), **({"type": "float64"} if reason == "length" else BROKEN[reason])),
        channel("bad_array", IMAGE[0], **({"shape": [3]} if reason == "length" else BROKEN[reason])),
    )
    assert same(frame.image, IMAGE)
    assert frame.row.values["good"] == 5
    assert set(frame.invalid) == {"bad_scalar", "bad_array"}
    assert all(text.startswith(f"{reason}: ") for text in frame.invalid.values())
    status = stage.server.wait_for_status(lambda status: status["source"]["invalid"].get(reason), 2, "counted")
    assert status["source"]["invalid"][reason] >= 1


def test_an_image_whose_data_are_broken_is_named_as_invalid(open_stage: Callable[..., Stage]) -> None:
    """A compressed image that was cut in half: the frame says so, and the next one is shown."""
    broken = channel("image", np.zeros((64, 64), np.uint16), compression="bitshuffle_lz4")
    broken.payload = broken.payload[: len(broken.payload) // 2]
    for form in ("auto", "raw", "bslz4"):
        stage = open_stage(format=form)
        frame = stage.show(broken, channel("number", np.int32(3)))
        assert frame.image is None
        assert frame.invalid["image"].startswith("compressed data: ")
        assert frame.row.values["number"] == 3
        assert same(stage.show(channel("image", IMAGE)).image, IMAGE)


def test_a_message_that_cannot_be_used_is_refused_and_counted(stage: Stage) -> None:
    """A message with a part too few, and one that is no JSON: counted by reason, and the next one is shown."""
    before = stage.counted()["refused"]
    good = message(1, [channel("image", IMAGE)])
    stage.source.send_parts(good[:-1])
    stage.source.send_parts([b"{broken", *good[1:]])
    status = stage.server.wait_for_status(
        lambda status: len(status["source"]["refused"]) >= len(before) + 2, 2, "two refusals"
    )
    assert status["source"]["refused"]["part count"] == before.get("part count", 0) + 1
    assert status["source"]["refused"]["main header"] == before.get("main header", 0) + 1
    assert same(stage.show(channel("image", IMAGE)).image, IMAGE)


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ({"sec": 1_700_000_000, "ns": 5}, 1_700_000_000_000_000_005),
        ({"epoch": 1_700_000_000, "ns": 5}, 1_700_000_000_000_000_005),
        ({"sec": 0, "ns": 0}, None),
        ({"sec": 1_700_000_000, "ns": -1}, None),
        ({"sec": 10**30, "ns": 1}, None),
        ("yesterday", None),
        (..., None),
    ],
    ids=str,
)
def test_source_time(stage: Stage, time: Any, expected: int | None) -> None:
    """Seconds are called sec or epoch; a time that is zero, impossible or absent is none, and the image is shown."""
    frame = stage.show(channel("image", IMAGE), global_timestamp=time)
    assert frame.source_time == expected
    assert same(frame.image, IMAGE)


def test_timestamps_of_channels_may_be_empty_or_zero(stage: Stage) -> None:
    """A timestamp of 0 or 16 bytes is good; one of another length makes its channel invalid, and no other."""
    odd = channel("odd", np.int32(3))
    odd.timestamp = b"1234567"
    frame = stage.show(channel("image", IMAGE, time_ns=None), channel("zero", np.int32(1), time_ns=0), odd)
    assert same(frame.image, IMAGE)
    assert frame.row.values == {"zero": 1}
    assert set(frame.invalid) == {"odd"}


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_compressed_data_headers(stage: Stage, compression: str) -> None:
    """The data header may be compressed; the length before lz4 data comes in either byte order."""
    for prefix in ORDERS:
        text = message(0, [channel("image", IMAGE), channel("big", np.int16(-2), order="big")])[1]
        frame = stage.show(
            channel("image", IMAGE),
            channel("big", np.int16(-2), order="big"),
            header=compress(text, compression, prefix=prefix),
            dh_compression=compression,
        )
        assert same(frame.image, IMAGE)
        assert frame.row.values == {"big": -2}


def test_an_empty_data_header_is_the_one_with_its_hash(stage: Stage) -> None:
    """A sender may leave the data header out when it has not changed; an unknown hash is refused."""
    first = [channel("image", IMAGE)]
    other = [channel("image", IMAGE.astype(np.float32))]
    stage.show(*first, hash="first")
    stage.show(*other, hash="other")
    assert same(stage.show(*first, header=b"", hash="first").image, IMAGE)
    assert same(stage.show(*other, header=b"", hash="other").image, IMAGE.astype(np.float32))
    stage.source.send(*first, header=b"", hash="never seen")
    stage.server.wait_for_status(lambda status: status["source"]["refused"].get("unknown header"), 2, "refused")


def test_defaults_of_the_data_header(stage: Stage) -> None:
    """A channel without type, shape, encoding and compression is one little-endian float64."""
    plain = channel("plain", np.float64(2.5))
    plain.definition = {"name": "plain"}
    assert stage.show(channel("image", IMAGE), plain).row.values == {"plain": 2.5}


def test_command_messages_are_counted_and_nothing_else(stage: Stage) -> None:
    """`bsr_stop` and the like are no pulses, and nothing is done with them."""
    before = stage.counted()
    for htype in ("bsr_stop-1.0", "bsr_reconnect-1.0"):
        stage.source.send_parts([b'{"htype": "%s", "address": "tcp://127.0.0.1:1"}' % htype.encode()])
    after = stage.server.wait_for_status(
        lambda status: status["source"]["commands"] == before["commands"] + 2, 2, "two commands"
    )["source"]
    assert after["messages"] == before["messages"]
    assert after["refused"] == before["refused"]
    assert same(stage.show(channel("image", IMAGE)).image, IMAGE)


def test_pulse_ids_are_64_bits(stage: Stage) -> None:
    """The largest pulse id, and one beyond what a float holds, which JSON carries as a text."""
    for pulse_id in (2**64 - 1, 0, 2**53 + 1):
        stage.source.send_parts(message(pulse_id, [channel("image", IMAGE)]))
        frame = stage.viewer.next_frame()
        assert frame.pulse_id == pulse_id
    stage.server.wait_for_status(lambda status: status["source"]["pulse_id"] == "9007199254740993", 2, "in the status")


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize(
    ("shape", "colour"),
    [((3, 5, 7), "planar"), ((4, 5, 7), "planar"), ((5, 7, 3), "interleaved"), ((5, 7, 4), "interleaved")],
)
def test_colour_images(
    open_stage: Callable[..., Stage], shape: tuple[int, int, int], colour: str, compression: str
) -> None:
    """uint8 with 3 or 4 planes, first or last, is colour, and is sent whole."""
    sent = np.random.default_rng(2).integers(0, 256, shape, np.uint8)
    for form in ("raw", "bslz4"):
        stage = open_stage(format=form)
        frame = stage.show(channel("image", sent, compression=compression))
        assert frame.image_block["colour"] == colour
        assert same(frame.image, sent)


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_slices_of_three_dimensions(open_stage: Callable[..., Stage], compression: str) -> None:
    """Of another three-dimensional channel one slice is sent, which the viewer chooses; beyond the end is the last."""
    sent = np.random.default_rng(3).integers(0, 60000, (6, 5, 7), np.uint16)
    for form in ("raw", "bslz4"):
        for index, expected in ((0, 0), (4, 4), (99, 5)):
            stage = open_stage(format=form, slice=index)
            frame = stage.show(channel("image", sent, compression=compression))
            assert frame.image_block["slice"] == [expected, 6]
            assert same(frame.image, sent[expected])


def test_a_source_that_comes_back_with_another_stream() -> None:
    """A source stops; another one on its port sends other channels of other types: decoded by their own header."""
    with RawSource() as first:
        port = first.port
        with running_server(port) as server, LiveClient(server.url("live", "ws")) as viewer:
            before = first.send_until_shown(viewer, channel("image", IMAGE), channel("gone", np.int32(1)), hash="h")
            first.close()
            with RawSource(port=port) as second:
                other = IMAGE.astype(np.float32)[:2]
                # The hash of the first, to see that nothing of it is left.
                second.send(channel("image", other, order="big"), channel("new", "text"), hash="h")
                after = viewer.next_frame()
    assert same(before.image, IMAGE)
    assert before.row.values == {"gone": 1}
    assert same(after.image, other)
    assert after.row.values == {"new": "text"}
    assert (after.epoch, after.sequence) == (before.epoch, before.sequence + 1)


def test_the_struct_of_a_timestamp_in_big_endian_is_read(stage: Stage) -> None:
    """A channel in big endian has its timestamp in big endian; it is no reason to refuse the value."""
    sent = channel("image", IMAGE, order="big")
    sent.timestamp = struct.pack(">QQ", 1_700_000_000, 5)
    assert same(stage.show(sent).image, IMAGE)

"""Images over PV Access, from a real server in another process: every type, codec, colour mode and number of
dimensions, against numpy."""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from stream_online_viewer.model.problems import Invalid, Refused
from stream_online_viewer.model.pulse import Arrival, Pulse
from stream_online_viewer.sources.base import SourceOptions
from stream_online_viewer.sources.pva.source import PvaSource
from tests.pva_server import OTHER, PV, SCALARS, PvaServer, image_of, packed, pva_server
from tests.support import deadline, wait_until

CODECS = ("", "lz4", "lz4hdf5", "bslz4", "blosc", "zlib")
SHAPES: dict[str, list[int]] = {"one": [1001], "two": [37, 53], "three": [4, 21, 33]}
COLOURS: dict[str, tuple[int, list[int]]] = {
    "RGB1": (2, [21, 33, 3]),
    "RGB2": (3, [21, 3, 33]),
    "RGB3": (4, [3, 21, 33]),
}


@pytest.fixture(scope="module")
def server() -> Iterator[PvaServer]:
    with pva_server() as running:
        running.post(dtype="uint8", shape=[2, 2], time=1.0)
        yield running


def opened(server: PvaServer, pv: str = PV, **options: Any) -> PvaSource:
    """Return a source on a PV of the server."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        return PvaSource(SourceOptions(f"pva://{pv}", **options))


@pytest.fixture(scope="module")
def source(server: PvaServer) -> Iterator[PvaSource]:
    """A source that is connected, and has left out the update that the server had kept."""
    source = opened(server)
    try:
        wait_for_state(source, "waiting")
        yield source
    finally:
        source.close()


def wait_for_state(source: PvaSource, state: str, seconds: float = 10) -> None:
    def reached() -> bool:
        source.tick()
        assert source.receive() is None
        return source.state.state == state

    wait_until(reached, seconds, f"{state}; {source.state}")


def next_arrival(source: PvaSource) -> Arrival:
    """Return what arrives next. Raise what it is refused for."""
    end = time.monotonic() + deadline(10)
    while True:
        if source.poll():
            arrived = source.receive()
            if arrived is not None:
                return arrived
        source.tick()
        assert time.monotonic() < end, source.state
        time.sleep(0.001)


def posted(server: PvaServer, source: PvaSource, **recipe: Any) -> Pulse:
    """Post a recipe and return its pulse."""
    server.post(**recipe)
    return next_arrival(source).pulse(1, 2, 3)


def image(pulse: Pulse) -> NDArray[Any]:
    value = pulse.value(0)
    assert isinstance(value, np.ndarray)
    return value


@pytest.mark.parametrize("codec", CODECS)
def test_every_type_and_number_of_dimensions(server: PvaServer, source: PvaSource, codec: str) -> None:
    """Exact, in the type that was sent."""
    for number, dtype in enumerate(SCALARS):
        for shape in SHAPES.values():
            case: dict[str, Any] = {"dtype": dtype, "shape": shape, "seed": number}
            pulse = posted(server, source, codec=codec, unique=number, **case)
            expected = image_of(**case)
            found = image(pulse)
            assert (found.dtype, found.shape) == (expected.dtype, expected.shape), case
            assert np.array_equal(found, expected), case
            assert pulse.pulse_id == number
            assert pulse.layout.channels[0].passes_through == (codec == "bslz4")


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("colour", COLOURS)
def test_every_colour_mode(server: PvaServer, source: PvaSource, codec: str, colour: str) -> None:
    """Colours stand where viewers look for them, in each codec: last, or in planes."""
    mode, shape = COLOURS[colour]
    for dtype in ("uint8", "uint16", "float32"):
        pulse = posted(server, source, dtype=dtype, shape=shape, codec=codec, attributes={"ColorMode": mode})
        expected = image_of(dtype, shape, 0)
        if colour == "RGB2":
            expected = expected.transpose(1, 0, 2)
        channel = pulse.layout.channels[0]
        assert channel.shape == expected.shape and channel.pixel_format == "rgb"
        assert np.array_equal(image(pulse), expected)


@pytest.mark.parametrize("mode", [0, 1, 5])
def test_what_is_no_rgb_is_gray(server: PvaServer, source: PvaSource, mode: int) -> None:
    """Mono, the mosaic of a Bayer sensor and YUV are shown as they are."""
    pulse = posted(server, source, dtype="uint8", shape=[3, 21, 33], attributes={"ColorMode": mode})
    assert pulse.layout.channels[0].pixel_format == "gray"
    assert np.array_equal(image(pulse), image_of("uint8", [3, 21, 33], 0))


@pytest.mark.parametrize("shape", [[64, 48], [64, 48, 3]])
def test_jpeg_is_decoded_and_said_to_be_lossy(server: PvaServer, source: PvaSource, shape: list[int]) -> None:
    """The pixels are those of another decoder, to one count; the sentence and a value say what they are."""
    import io

    from PIL import Image

    sent = image_of("uint8", shape, 1)
    pulse = posted(server, source, dtype="uint8", shape=shape, codec="jpeg", seed=1, attributes={"ColorMode": 2})
    expected = np.asarray(Image.open(io.BytesIO(packed(sent, "jpeg"))))
    assert np.abs(image(pulse).astype(int) - expected).max() <= 3
    assert "lossy" in source.state.note
    assert pulse.value(pulse.layout.index["codec"]) == "jpeg (lossy)"
    posted(server, source, dtype="uint8", shape=shape)
    assert source.state.note == ""


class TestBeside:
    """Values beside the image."""

    def test_attributes_are_channels(self, server: PvaServer, source: PvaSource) -> None:
        """Numbers, texts and arrays; what is neither is left out, and none takes the place of the image."""
        pulse = posted(
            server,
            source,
            dtype="uint16",
            shape=[3, 4],
            unique=-5,
            attributes={"count": 7, "big": 2**63 - 1, "gain": 2.5, "name": "camera", "on": True, "none": None,
                        "image": 3, "empty": "", "texts": ["a", "b"]},
            arrays={"curve": [1.0, 2.0, 3.0]},
        )  # fmt: skip
        found = {channel.name: pulse.value(at) for at, channel in enumerate(pulse.layout.channels) if at}
        assert found.pop("curve").tolist() == [1, 2, 3]
        assert found == {
            "uniqueId": -5, "alarm_severity": 0, "alarm_message": "", "count": 7, "big": 2**63 - 1, "gain": 2.5,
            "name": "camera", "on": True, "empty": "",
        }  # fmt: skip
        assert pulse.pulse_id == 2**32 - 5

    def test_the_layout_stays_while_nothing_changes(self, server: PvaServer, source: PvaSource) -> None:
        """The same object."""
        recipe = {"dtype": "uint16", "shape": [3, 4], "attributes": {"gain": 1.5}}
        one, two = (posted(server, source, unique=n, **recipe) for n in (1, 2))
        assert one.layout is two.layout

    def test_places_on_the_detector_are_axes(self, server: PvaServer, source: PvaSource) -> None:
        """Offset, binning and direction; none for the whole detector."""
        places = [{"offset": 100, "binning": 2}, {"offset": 50, "reverse": True}]
        pulse = posted(server, source, dtype="uint16", shape=[3, 4], places=places)
        axes = [pulse.value(pulse.layout.index[name]) for name in ("x_axis", "y_axis")]
        assert [axis.tolist() for axis in axes] == [[100, 102, 104, 106], [52, 51, 50]]
        assert pulse.value(pulse.layout.index["x_axis_unit"]) == "px"
        assert "x_axis" not in posted(server, source, dtype="uint16", shape=[3, 4]).layout.index
        colour = posted(
            server, source, dtype="uint8", shape=[3, 4, 3], places=[{}, *places], attributes={"ColorMode": 2}
        )
        assert colour.value(colour.layout.index["x_axis"]).tolist() == [100, 102, 104, 106]

    def test_an_alarm_is_said(self, server: PvaServer, source: PvaSource) -> None:
        """In the sentence and in the values, until it is over."""
        alarm = {"severity": 2, "status": 1, "message": "too hot"}
        pulse = posted(server, source, dtype="uint8", shape=[2, 2], alarm=alarm)
        assert source.state.note == "The PV is in alarm: MAJOR, too hot."
        assert pulse.value(pulse.layout.index["alarm_severity"]) == 2
        posted(server, source, dtype="uint8", shape=[2, 2])
        assert source.state.note == ""

    def test_the_time_is_that_of_the_frame(self, server: PvaServer, source: PvaSource) -> None:
        """In ns; without one that is said."""
        assert (
            posted(server, source, dtype="uint8", shape=[2, 2], time=1.5e9 + 0.5).source_time
            == 1_500_000_000_500_000_000
        )
        server.post(dtype="uint8", shape=[2, 2], time=0.0)
        assert next_arrival(source).time_problem == "zero"


class TestOddServers:
    """What senders are known to do."""

    def test_a_whole_buffer_is_cut(self, server: PvaServer, source: PvaSource) -> None:
        """compressedSize counts, not what came."""
        pulse = posted(server, source, dtype="uint16", shape=[30, 40], codec="bslz4", room=5000)
        assert np.array_equal(image(pulse), image_of("uint16", [30, 40], 0))

    def test_types_as_areadetector_numbers_them(self, server: PvaServer, source: PvaSource) -> None:
        """3 is uint16 there, int32 in pvData: only one fits the size."""
        pulse = posted(
            server,
            source,
            dtype="uint16",
            shape=[30, 40],
            codec="lz4",
            fields={"codec": {"name": "lz4", "parameters": 3}},
        )
        assert image(pulse).dtype == np.uint16
        assert "areaDetector's own list" in source.state.note

    def test_an_unknown_codec_is_said(self, server: PvaServer, source: PvaSource) -> None:
        """The image cannot be used; its attributes can."""
        server.post(
            dtype="uint16", shape=[30, 40], codec="zlib", fields={"codec": {"name": "zstd", "parameters": 6}},
            attributes={"gain": 2.5},
        )  # fmt: skip
        pulse = next_arrival(source).pulse(1, 2, 3)
        with pytest.raises(Invalid, match="unknown compression 'zstd'"):
            pulse.value(0)
        assert pulse.value(pulse.layout.index["gain"]) == 2.5

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"dimension": []}, "array header"),
            ({"dimension": [{"size": 0}, {"size": 3}]}, "array header"),
            ({"dimension": [{"size": -4}, {"size": -3}]}, "array header"),
            ({"dimension": [{"size": 4}, {"size": 4}]}, "array size"),
            ({"dimension": [{"size": 2**24}, {"size": 2**24}]}, "array size"),
            ({"dimension": [{"size": 1}] * 5}, "array header"),
        ],
    )
    def test_sizes_that_do_not_fit_are_refused(
        self, server: PvaServer, source: PvaSource, fields: dict[str, Any], reason: str
    ) -> None:
        """With a reason, before anything is allocated."""
        server.post(dtype="uint16", shape=[3, 4], fields=fields)
        with pytest.raises(Refused) as problem:
            next_arrival(source)
        assert problem.value.reason == reason

    def test_the_pulse_id_may_be_an_attribute(self, server: PvaServer) -> None:
        """By the option; without the attribute a frame is refused."""
        # Before, because the update that the server has kept is sent first.
        server.post(dtype="uint8", shape=[2, 2], time=1.0)
        source = opened(server, pulse_id_attribute="PulseId")
        try:
            wait_for_state(source, "waiting")
            for value, expected in ((12345678901, 12345678901), (77.0, 77)):
                pulse = posted(server, source, dtype="uint8", shape=[2, 2], attributes={"PulseId": value})
                assert pulse.pulse_id == expected
            for attributes in ({}, {"PulseId": -1}, {"PulseId": 1.5}, {"PulseId": "7"}):
                server.post(dtype="uint8", shape=[2, 2], attributes=attributes)
                with pytest.raises(Refused, match="pulse id"):
                    next_arrival(source)
        finally:
            source.close()


class TestConnection:
    """States and sentences."""

    def test_an_old_update_is_left_out_and_a_fresh_one_shown(self, server: PvaServer) -> None:
        """The server keeps the last one for whoever connects."""
        server.post(dtype="uint8", shape=[2, 2], time=time.time() - 60, unique=1)
        source = opened(server)
        try:
            wait_for_state(source, "waiting")
            server.post(dtype="uint8", shape=[2, 2], unique=2)
            assert next_arrival(source).pulse_id == 2
        finally:
            source.close()

    def test_a_pv_that_is_no_image(self, server: PvaServer) -> None:
        """Its type is told."""
        source = opened(server, OTHER)
        try:
            wait_for_state(source, "wrong_type")
            assert source.state.text == (
                f"The PV {OTHER} is no image: it is 'epics:nt/NTScalar:1.0' instead of an NTNDArray."
            )
        finally:
            source.close()

    def test_a_pv_that_nobody_knows(self, server: PvaServer) -> None:
        """After some seconds; it is looked for on."""
        source = opened(server, "TEST:NoSuchThing")
        try:
            assert source.state.state == "resolving"
            wait_for_state(source, "unreachable")
            assert "No server answers for the PV TEST:NoSuchThing" in source.state.text
        finally:
            source.close()

    def test_a_server_that_goes_and_comes_back(self) -> None:
        """Lost, and found again by itself; the counter begins anew."""
        with pva_server() as first:
            source = opened(first)
            try:
                # What it keeps is an empty value at first, which is left out too.
                wait_for_state(source, "waiting")
                first.post(dtype="uint8", shape=[2, 2], unique=1000)
                assert next_arrival(source).pulse_id == 1000
                first.close()
                wait_for_state(source, "lost")
                assert source.state.text == f"The connection to the PV {PV} was lost; it is looked for."
                with pva_server(first.port) as second:
                    wait_for_state(source, "waiting", 40)
                    second.post(dtype="uint8", shape=[2, 2], unique=1)
                    assert next_arrival(source).pulse_id == 1
            finally:
                source.close()

    def test_it_is_let_go_while_nobody_watches(self, server: PvaServer) -> None:
        """The server has no client then; the next viewer opens it again."""
        server.post(dtype="uint8", shape=[2, 2], time=1.0)
        source = opened(server, release_idle=0.2)
        try:
            wait_for_state(source, "released")
            source.watch(True)
            wait_for_state(source, "waiting")
            server.post(dtype="uint8", shape=[2, 2], unique=9)
            assert next_arrival(source).pulse_id == 9
        finally:
            source.close()

    def test_a_slow_reader_gets_the_newest(self, server: PvaServer, source: PvaSource) -> None:
        """A few wait, the newest among them, and no more."""
        for unique in range(1, 31):
            server.post(dtype="uint8", shape=[2, 2], unique=unique)
        found: list[int] = []
        end = time.monotonic() + deadline(10)
        while 30 not in found:
            assert time.monotonic() < end
            found.append(next_arrival(source).pulse_id)
        assert found == sorted(found) and len(found) <= 30

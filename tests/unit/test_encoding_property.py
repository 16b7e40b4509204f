"""Any image in any rendition decodes to the size announced, and nothing but a meant refusal is ever raised."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stream_online_viewer.ingest.encode import encode_pulse
from stream_online_viewer.ingest.image import ImageEncoder
from stream_online_viewer.model.pulse import Pulse
from stream_online_viewer.protocol.client import Want
from stream_online_viewer.protocol.frame import Buffer, encode_frame
from stream_online_viewer.protocol.rendition import Rendition
from stream_online_viewer.protocol.table import Row
from stream_online_viewer.web.plan import ImageFacts, make_plan, round_levels
from tests.live_client import decode
from tests.raw_source import Order, channel, message
from tests.unit.source_helpers import received

DTYPES = [
    "bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64",
]  # fmt: skip
FILLS = [
    "random",
    "one value",
    "lowest",
    "highest",
    "both ends",
    "step",
    "not a number",
    "infinite",
    "some nan",
    "tiny",
]
LARGEST = 1e300
CHECKS = settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)

sides = st.one_of(st.integers(1, 5), st.integers(1, 40), st.integers(1, 300))
numbers = st.one_of(
    st.floats(-LARGEST, LARGEST),
    st.sampled_from([0.0, 1.0, -1.0, 255.0, 65535.0, 2.0**63, 2.0**64, 1e300, -1e300, 5e-324, 1e-17]),
    st.integers(-5, 70000).map(float),
)


@st.composite
def shapes(draw: st.DrawFn) -> tuple[int, ...]:
    """Curves, planes, colour of both kinds, stacks; now and then as long as a JPEG may be, or longer."""
    kind = draw(st.sampled_from(["plane", "plane", "plane", "long", "curve", "interleaved", "planar", "slices"]))
    rows, columns = draw(sides), draw(sides)
    if kind == "long":
        long = draw(st.sampled_from([65499, 65500, 65501, 65535, 65536, 131001, 140001]))
        return draw(st.sampled_from([(1, long), (long, 1), (3, long), (long, 5)]))
    if kind == "curve":
        return (1 + rows * columns,)
    if kind == "interleaved":
        return rows, columns, draw(st.sampled_from([3, 4]))
    if kind == "planar":
        return draw(st.sampled_from([3, 4])), rows, columns
    return (draw(st.integers(1, 5)), rows, columns) if kind == "slices" else (rows, columns)


def pixels(dtype: str, shape: tuple[int, ...], fill: str, seed: int) -> np.ndarray[Any, Any]:
    """Return an image of the extremes of a type, or of what is no number."""
    generator = np.random.default_rng(seed)
    kind = np.dtype(dtype)
    if kind.kind == "b":
        return generator.random(shape) > 0.5
    info: Any = np.finfo(kind) if kind.kind == "f" else np.iinfo(kind)
    if fill == "one value":
        return np.full(shape, generator.integers(0, 100), kind)
    if fill in ("lowest", "highest"):
        return np.full(shape, info.min if fill == "lowest" else info.max, kind)
    if fill == "both ends":
        return np.where(generator.random(shape) > 0.5, kind.type(info.min), kind.type(info.max))
    if fill == "step":
        return (np.arange(math.prod(shape)) % 120).reshape(shape).astype(kind)
    values = generator.normal(50, 20, shape).astype(kind)
    if kind.kind == "f":
        if fill == "not a number":
            return np.full(shape, np.nan, kind)
        if fill == "infinite":
            return np.where(generator.random(shape) > 0.5, np.inf, -np.inf).astype(kind)
        if fill == "some nan":
            return np.where(generator.random(shape) > 0.7, np.nan, values).astype(kind)
        if fill == "tiny":
            return (generator.integers(0, 1500, shape) * float(info.smallest_subnormal)).astype(kind)
    elif fill == "random":
        return generator.integers(info.min, info.max, shape, kind, endpoint=True)
    return values


def long_image(*shape: int) -> Pulse:
    """Return a message with an image of these sides."""
    return received(message(1, [channel("image", pixels("uint16", shape, "step", 1))]))


@st.composite
def images(draw: st.DrawFn) -> Pulse:
    """Return a message with one image."""
    shape = draw(shapes())
    values = pixels(draw(st.sampled_from(DTYPES)), shape, draw(st.sampled_from(FILLS)), draw(st.integers(0, 99)))
    orders: list[Order] = ["little", "big"]
    order = draw(st.sampled_from(orders))
    compression = draw(st.sampled_from(["none", "bitshuffle_lz4", "lz4"]))
    return received(message(1, [channel("image", values, order=order, compression=compression)]))


@st.composite
def boxes(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """Return a crop, which may lie partly or wholly beyond the image."""
    place, size = st.integers(0, 400), st.integers(1, 400)
    return draw(place), draw(place), draw(size), draw(size)


@st.composite
def wants(draw: st.DrawFn) -> Want:
    """Return what a client may say."""
    low, high = sorted(draw(st.tuples(numbers, numbers)))
    return Want(
        slice=draw(st.integers(0, 6)),
        format=draw(st.sampled_from(["auto", "exact", "raw", "bslz4", "float32", "preview", "preview", "preview"])),
        picture=draw(st.none() | st.tuples(st.integers(1, 50), st.integers(1, 2000))),
        crop=draw(st.none() | boxes()),
        levels=draw(st.none() | st.just((low, high))) if low < high else None,
        hover=draw(st.none() | st.tuples(st.integers(0, 400), st.integers(0, 400))),
        saturation=draw(st.none() | numbers),
    )


def facts_of(sent: Pulse) -> ImageFacts:
    """Return what the web process knows of the image."""
    found = sent.layout.channels[0]
    shape = found.shape
    if len(shape) == 1:
        return ImageFacts(found.dtype, "curve", 1, shape[0], found.nbytes or 0)
    if len(shape) == 2:
        return ImageFacts(found.dtype, "plane", *shape, found.nbytes or 0)
    if found.dtype == "uint8" and shape[2] in (3, 4):
        return ImageFacts(found.dtype, "interleaved", shape[0], shape[1], found.nbytes or 0)
    kind = "planar" if found.dtype == "uint8" and shape[0] in (3, 4) else "slices"
    return ImageFacts(found.dtype, kind, shape[1], shape[2], found.nbytes or 0)


def frame_of(sent: Pulse, rendition: Rendition) -> tuple[dict[str, Any], bytes]:
    """Return head and bytes of the frame of a message; AssertionError for anything that was refused."""
    problems: list[Any] = []
    row = Row(1, 1, None, {})
    head, blocks = encode_pulse(sent, 1, [0], row, [], 0, rendition, ImageEncoder(), problems.append)
    parts: list[Buffer] = encode_frame(head, blocks)
    body = b"".join(bytes(memoryview(part).cast("B")) for part in parts)
    length = int.from_bytes(body[4:8], "little")
    content: dict[str, Any] = json.loads(body[40 : 40 + length], parse_constant=refuse)
    assert not problems, f"{rendition} of {sent.layout.channels[0]}: {problems[0]}"
    return content, bytes(16) + body


def refuse(constant: str) -> float:
    """JSON has no such number."""
    raise AssertionError(f"{constant} in JSON")


def assert_decodes(sent: Pulse, rendition: Rendition) -> None:
    """Every block of the frame decodes to what its keys announce."""
    head, data = frame_of(sent, rendition)
    roles = [block["role"] for block in head["blocks"]]
    assert roles.count("image") == 1
    for block in head["blocks"]:
        if block["role"] == "values":
            continue
        payload = data[block["offset"] : block["offset"] + block["bytes"]]
        assert list(decode(block, payload).shape) == block["shape"]
        if block["format"] == "jpeg":
            binning = block.get("binning", 1)
            rows, columns = (block["crop"][3], block["crop"][2]) if "crop" in block else block["of"]
            assert block["shape"][:2] == [-(-rows // binning), -(-columns // binning)]


@pytest.mark.parametrize("picture", [(1, 1), (2, 2), (40, 1)])
def test_a_narrow_part_of_a_camera_with_a_pedestal(picture: tuple[int, int]) -> None:
    """A preview of one column and four rows, which OpenCV takes for a scalar."""
    values = np.random.default_rng(1).integers(900, 4000, (600, 800)).astype(np.uint16)
    sent = received(message(1, [channel("image", values)]))
    for crop in [(790, 150, 1, 80), (0, 0, 1, 1), (799, 599, 1, 1), (5, 590, 1, 10)]:
        want = Want(format="preview", crop=crop, picture=picture)
        for facts in (facts_of(sent), None):
            assert_decodes(sent, make_plan(want, False, 1, None, False, facts, (), ()).rendition)
        assert_decodes(sent, Rendition(None, 0, "preview", crop, 20))


# A busy machine makes hundreds of examples slow.
pytestmark = pytest.mark.timeout(600)


WHOLE: dict[str, Any] = {"crop": None, "binning": 1, "levels": (0.0, 1.0), "automatic": True, "hover": None}
BESIDE_THE_LONGEST = [
    example(sent=long_image(*shape), saturation=None, **WHOLE) for shape in ((1, 65500), (1, 65501), (131001, 1))
]
"""Where a picture is as long as a JPEG may be, and where it is longer: chance alone hardly ever comes there."""


# NumPy warns of sums and casts beyond the range of a type, which these images are made of.
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(sent=images(), want=wants(), known=st.booleans(), exact=st.booleans(), local=st.booleans())
@CHECKS
def test_every_image_in_every_form_that_a_viewer_may_get(
    sent: Pulse, want: Want, known: bool, exact: bool, local: bool
) -> None:
    """From what a client says, by the server's own plan, to a frame that decodes."""
    facts = facts_of(sent) if known else None
    assert_decodes(sent, make_plan(want, exact, 1, None, local, facts, (), ()).rendition)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(
    sent=images(),
    crop=st.none() | boxes(),
    binning=st.integers(1, 40),
    levels=st.tuples(numbers, numbers),
    automatic=st.booleans(),
    hover=st.none() | st.tuples(st.integers(0, 400), st.integers(0, 400)),
    saturation=st.none() | numbers,
)
@BESIDE_THE_LONGEST[0]
@BESIDE_THE_LONGEST[1]
@BESIDE_THE_LONGEST[2]
@CHECKS
def test_every_preview(
    sent: Pulse,
    crop: tuple[int, int, int, int] | None,
    binning: int,
    levels: tuple[float, float],
    automatic: bool,
    hover: tuple[int, int] | None,
    saturation: float | None,
) -> None:
    """Also binnings, parts and levels that no plan asks for: equal ones, the wrong way round, beyond the type."""
    low, high = (None, None) if automatic else levels
    if low is not None and high is not None and low < high:
        low, high = round_levels(low, high)
    rendition = Rendition(None, 0, "preview", crop, binning, None, low, high, hover, saturation)
    assert_decodes(sent, rendition)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", ["npy", "png"])
@given(sent=images(), levels=st.none() | st.tuples(numbers, numbers))
@settings(CHECKS, max_examples=30)
def test_every_file(name: str, sent: Pulse, levels: tuple[float, float] | None) -> None:
    """The files for scripts come too."""
    low, high = (None, None) if levels is None or name == "npy" else levels
    head, data = frame_of(sent, Rendition(None, 1, name, low=low, high=high))
    (block,) = head["blocks"]
    start = data[block["offset"] : block["offset"] + 8]
    assert start.startswith(b"\x93NUMPY" if name == "npy" else b"\x89PNG")

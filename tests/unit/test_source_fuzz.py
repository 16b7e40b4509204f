"""Random mutations of whole messages, with good messages between them, through one and the same receiver state."""

import json
import random
import time
from typing import Any

import numpy as np
import pytest

from stream_online_viewer.model.problems import INVALID_REASONS, REFUSED_REASONS, Invalid, Refused
from stream_online_viewer.model.pulse import Notice
from stream_online_viewer.sources.array10.format import Array10
from stream_online_viewer.sources.bsread.format import Bsread
from stream_online_viewer.sources.bsread.headers import DataHeaders, parse_main_header
from stream_online_viewer.sources.bsread.message import Message
from tests.array_source import array_message
from tests.raw_source import channel, message
from tests.support import deadline
from tests.unit.source_helpers import value_of

MUTATIONS = 1500
JUNK: list[Any] = [
    None, True, 0, -1, 1.5, 2**63, 2**64, 10**400, float("nan"), float("inf"), "", "x" * 300, "<script>", "\ud800",
    "\0", [], [0], [1], [[1]], [-1, 2], [2**24] * 4, [1] * 65, {}, {"sec": 1}, {"name": "a"}, "float64", "string",
    "bool", "big", "lz4", "bitshuffle_lz4", "none", "array-1.0", "bsr_m-1.1",
]  # fmt: skip
IMAGE = np.random.default_rng(0).poisson(40, (48, 64)).astype(np.uint16)


def _good(compression: str, pulse_id: int = 1) -> list[bytes]:
    channels = [
        channel("image", IMAGE, compression=compression),
        channel("energy", np.float64(5.25)),
        channel("text", "hello", compression=compression),
        channel("curve", np.arange(10, dtype=np.int32), order="big", compression=compression),
        channel("null", None),
    ]
    return message(pulse_id, channels, header_compression=compression, hash="one hash for all")


def _take(parts: list[bytes], headers: DataHeaders) -> str:
    """Do all that the ingest may do with a message; return how it ended."""
    try:
        main = parse_main_header(parts[0])
        if isinstance(main, Notice):
            return "command"
        found = Message(parts, main, headers).pulse(1, 0, 0)
    except Refused as refusal:
        assert refusal.reason in REFUSED_REASONS and len(str(refusal)) < 200
        return "refused"
    problems = 0
    for index, known in enumerate(found.layout.channels):
        for read in (found.value, found.timestamp):
            try:
                value = read(index)
            except Invalid as problem:
                assert problem.reason in INVALID_REASONS and len(str(problem)) < 200
                problems += 1
            else:
                if isinstance(value, np.ndarray):
                    assert value.shape == known.shape and value.nbytes == known.nbytes
    expected = [index for index, known in enumerate(found.layout.channels) if known.is_scalar]
    assert [index for index, _ in found.scalars()] == expected
    return "invalid" if problems else "good"


def _mutated_json(raw: bytes, rng: random.Random) -> bytes:
    """Replace, remove or add something in a JSON text, or break the text."""
    try:
        content = json.loads(raw)
    except ValueError:
        return _mutated_bytes(raw, rng)
    target = content
    while isinstance(target, dict | list) and target and rng.random() < 0.7:
        inner = rng.choice(list(target.values()) if isinstance(target, dict) else target)
        if not isinstance(inner, dict | list):
            break
        target = inner
    junk = rng.choice(JUNK)
    if isinstance(target, dict) and target:
        key = rng.choice(list(target))
        if rng.random() < 0.2:
            del target[key]
        else:
            target[key] = junk
    elif isinstance(target, list):
        if target and rng.random() < 0.5:
            target[rng.randrange(len(target))] = junk
        else:
            target.append(junk)
    return json.dumps(content).encode()


def _mutated_bytes(raw: bytes, rng: random.Random) -> bytes:
    data = bytearray(raw)
    kind = rng.randrange(6)
    if kind == 0 or not data:
        return rng.randbytes(rng.choice([0, 1, 4, 12, 16, 17, 300]))
    at = rng.randrange(len(data))
    if kind == 1:
        del data[at:]
    elif kind == 2:
        data[at] ^= 1 << rng.randrange(8)
    elif kind == 3:
        data[at:at] = rng.randbytes(rng.randrange(1, 20))
    elif kind == 4:
        data[at : at + 4] = rng.choice([0, 1, 2**31, 2**32 - 1, len(data)]).to_bytes(4, rng.choice(["big", "little"]))
    else:
        data += data[: rng.randrange(1, 200)]
    return bytes(data)


def _mutated(parts: list[bytes], rng: random.Random) -> list[bytes]:
    parts = list(parts)
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        if not parts:
            break
        kind, at = rng.randrange(8), rng.randrange(len(parts))
        if kind == 0:
            del parts[at]
        elif kind == 1:
            parts.insert(at, rng.choice(parts))
        elif kind == 2:
            other = rng.randrange(len(parts))
            parts[at], parts[other] = parts[other], parts[at]
        elif kind == 3:
            parts[at] = b""
        elif kind == 4:
            parts = parts[: at + 1]
        elif kind == 5:
            at = rng.randrange(min(2, len(parts)))
            parts[at] = _mutated_json(parts[at], rng)
        else:
            parts[at] = _mutated_bytes(parts[at], rng)
    return parts or [b""]


@pytest.mark.parametrize("compression", ["none", "lz4", "bitshuffle_lz4"])
@pytest.mark.parametrize("seed", [1, 2])
def test_mutated_messages_between_good_ones(seed: int, compression: str) -> None:
    """A mutation raises Refused or Invalid at most and is quick; the next good message decodes to what was sent."""
    rng = random.Random(seed)
    headers = DataHeaders()
    good = _good(compression)
    ends: dict[str, int] = {}
    for number in range(MUTATIONS):
        parts = _mutated(good, rng)
        before = time.perf_counter()
        end = _take(parts, headers)
        assert time.perf_counter() - before < deadline(0.5), parts
        ends[end] = ends.get(end, 0) + 1
        if number % 5 == 0:
            main = parse_main_header(good[0])
            assert not isinstance(main, Notice)
            found = Message(good, main, headers).pulse(1, 0, 0)
            assert np.array_equal(value_of(found), IMAGE)
            assert [value_of(found, index) for index in (1, 2, 4)] == [5.25, "hello", None]
            assert np.array_equal(value_of(found, 3), np.arange(10))
    assert all(ends.get(end, 0) > MUTATIONS / 50 for end in ("refused", "invalid", "good")), ends


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_bytes_as_headers(seed: int) -> None:
    """Anything may stand where the headers stand."""
    rng = random.Random(seed)
    headers = DataHeaders()
    for _ in range(500):
        parts = [rng.randbytes(rng.randrange(200)) if rng.random() < 0.5 else _good("none")[0]]
        parts += [rng.randbytes(rng.randrange(100)) for _ in range(rng.randrange(8))]
        _take(parts, headers)


@pytest.mark.parametrize("seed", [1, 2])
def test_mutated_arrays_between_good_ones(seed: int) -> None:
    """The same of array-1.0, and of both formats at one socket: a refusal at most, and the next good one is read."""
    rng = random.Random(seed)
    formats = [Bsread(), Array10()]
    good = array_message(7, IMAGE)
    ends: dict[str, int] = {}
    for number in range(MUTATIONS):
        parts = _mutated(good, rng)
        claimed = [known for known in formats if known.claims(parts)]
        assert len(claimed) < 2
        try:
            arrived = formats[1].read(parts)
        except Refused as refusal:
            assert refusal.reason in REFUSED_REASONS and len(str(refusal)) < 200
            ends["refused"] = ends.get("refused", 0) + 1
        else:
            assert claimed == formats[1:] and not isinstance(arrived, Notice)
            found = arrived.pulse(1, 0, 0)
            image = found.value(0)
            assert image is None or isinstance(image, np.ndarray) and image.shape == found.layout.channels[0].shape
            assert not any(isinstance(value, Invalid) for _, value in found.scalars())
            ends["good"] = ends.get("good", 0) + 1
        if number % 5 == 0:
            assert np.array_equal(value_of(formats[1].read(good).pulse(1, 0, 0)), IMAGE)
    assert all(ends.get(end, 0) > MUTATIONS / 50 for end in ("refused", "good")), ends

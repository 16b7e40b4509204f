"""Streams that the simulator does not make: ``source.py RATE [options]`` sends on a PUB socket and writes its port.

Images of noise, which no compression makes smaller, so that a frame has the bytes that one asks for; hundreds of
scalars; data headers that alternate or change with every message. The messages are made before they are sent, as far
as that is possible, and large parts are not copied.
"""

import argparse
import hashlib
import json
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import bitshuffle
import numpy as np
import zmq

from stream_online_viewer.simulation.camera import loop_images, loop_length
from stream_online_viewer.simulation.pacing import RatePacer

ROOT = Path(__file__).resolve().parents[1]
QUEUE_SIZE = 10
"""Messages that the socket queues for a receiver, as in the simulator."""
BLOCK_BYTES = 8192
IMAGES = 4
HEADERS = ("same", "alternate", "change")
SHORTEST, LENGTHS = 200, 5000
"""The curve whose length changes the data header: fewest elements, and the number of lengths before they repeat."""

Parts = list[bytes | zmq.Frame]


class Images:
    """The parts of an image channel that is sent again and again."""

    def __init__(self, size: tuple[int, int], dtype: str, compression: str) -> None:
        """``size`` is (columns, rows); uint8 images are noise, others those of a camera."""
        columns, rows = size
        random = np.random.default_rng(0)
        if dtype == "uint8":
            images = [random.integers(0, 256, (rows, columns), np.uint8) for _ in range(IMAGES)]
        else:
            loop = loop_images(size)
            images = [next(loop).astype(dtype) for _ in range(min(IMAGES, loop_length(size)))]
        self.definition = {"name": "image", "type": dtype, "shape": [columns, rows], "encoding": "little"}
        payloads = [image.tobytes() for image in images]
        if compression != "none":
            self.definition["compression"] = compression
            payloads = [_bitshuffled(image.reshape(-1)) for image in images]
        self.frames = [zmq.Frame(payload, track=False, copy=False) for payload in payloads]


def _bitshuffled(values: "np.ndarray[tuple[int], np.dtype[np.generic]]") -> bytes:
    block = BLOCK_BYTES // values.itemsize
    packed = bitshuffle.compress_lz4(values, block)
    return struct.pack(">QI", values.nbytes, block * values.itemsize) + bytes(packed)


def data_headers(definitions: Sequence[dict[str, object]], kind: str) -> Callable[[int], tuple[bytes, str, int]]:
    """Return a function from a pulse id to data header, its hash, and the curve's number of elements (0: none)."""

    def header(elements: int) -> tuple[bytes, str, int]:
        curve = {"name": "curve", "type": "float64", "shape": [elements], "encoding": "little"}
        text = json.dumps({"htype": "bsr_d-1.1", "channels": [*definitions, *([curve] if elements else [])]}).encode()
        return text, hashlib.md5(text).hexdigest(), elements

    if kind == "same":
        one = header(0)
        return lambda pulse_id: one
    if kind == "alternate":
        two = header(SHORTEST), header(SHORTEST + 1)
        return lambda pulse_id: two[pulse_id % 2]
    every = [header(SHORTEST + number) for number in range(LENGTHS)]
    return lambda pulse_id: every[pulse_id % LENGTHS]


def send(rate: float, image: Images | None, scalars: int, headers: str) -> None:
    """Bind, print the port, and send until killed."""
    definitions: list[dict[str, object]] = [] if image is None else [dict(image.definition)]
    definitions += [
        {"name": f"SCALAR-{number:03d}", "type": "float64", "shape": [1], "encoding": "little"}
        for number in range(scalars)
    ]
    header_of = data_headers(definitions, headers)
    curve = bytes(8 * (SHORTEST + LENGTHS))
    socket = zmq.Context().socket(zmq.PUB)
    socket.set_hwm(QUEUE_SIZE)
    port = socket.bind_to_random_port("tcp://127.0.0.1")
    print(port, flush=True)
    pacer = RatePacer(rate)
    pulse_id = 0
    while True:
        pacer.wait()
        pulse_id += 1
        now = time.time_ns()
        header, digest, elements = header_of(pulse_id)
        seconds, nanoseconds = divmod(now, 10**9)
        main = (
            f'{{"htype": "bsr_m-1.1", "pulse_id": {pulse_id}, "hash": "{digest}", '
            f'"global_timestamp": {{"sec": {seconds}, "ns": {nanoseconds}}}}}'
        )
        stamp = struct.pack("<QQ", seconds, nanoseconds)
        parts: Parts = [main.encode(), header]
        if image is not None:
            parts += (image.frames[pulse_id % len(image.frames)], stamp)
        value = struct.pack("<d", pulse_id)
        parts += (value, stamp) * scalars
        if elements:
            parts += (curve[: 8 * elements], stamp)
        last = len(parts) - 1
        for at, part in enumerate(parts):
            socket.send(part, 0 if at == last else zmq.SNDMORE, copy=isinstance(part, bytes))


@contextmanager
def running_source(rate: float, *options: str) -> Iterator[tuple[int, int]]:
    """Run this program; yield its process and its port."""
    command = [sys.executable, "-m", "benchmarks.source", str(rate), *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            output = process.stdout
            if output is None or not (line := output.readline()):
                raise RuntimeError(f"the source did not start: {' '.join(options)}")
            yield process.pid, int(line)
        finally:
            process.kill()


def _size(text: str) -> tuple[int, int]:
    columns, _, rows = text.partition("x")
    return int(columns), int(rows)


def main() -> None:
    """Send what the options say."""
    options = argparse.ArgumentParser(allow_abbrev=False)
    options.add_argument("rate", type=float)
    options.add_argument("--image", type=_size, metavar="WxH")
    options.add_argument("--dtype", default="uint8", choices=("uint8", "uint16", "float64"))
    options.add_argument("--compression", default="none", choices=("none", "bitshuffle_lz4"))
    options.add_argument("--scalars", type=int, default=0, metavar="N")
    options.add_argument("--headers", default="same", choices=HEADERS)
    given = options.parse_args()
    image = None if given.image is None else Images(given.image, given.dtype, given.compression)
    send(given.rate, image, given.scalars, given.headers)


if __name__ == "__main__":
    main()

"""A PV with images, served by p4p in a process of its own, which posts what a test tells it.

Run as a program it takes one JSON object a line from standard input, a recipe, and answers each with a line when it was
posted. The images are made of a seed here and there, so that only the recipe travels.
"""

import io
import json
import os
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests import codec as own

PV = "TEST:Pva1:Image"
OTHER = "TEST:Number"
SCALARS = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64".split()
MEMBERS = dict(
    zip(
        SCALARS,
        "boolean byte short int long ubyte ushort uint ulong float double".split(),
        strict=True,
    )
)
CODES = dict(zip(SCALARS, "?bhilBHILfd", strict=True))


def image_of(dtype: str, shape: list[int], seed: int) -> NDArray[Any]:
    """Return an image of a seed, ``shape`` slowest first; half of its values repeat, so that it can be compressed."""
    random = np.random.default_rng(seed)
    if dtype == "bool":
        return random.integers(0, 2, shape).astype(bool)
    if dtype.startswith("float"):
        values = random.normal(size=shape).astype(dtype)
    else:
        limits = np.iinfo(dtype)
        values = random.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    values.reshape(-1)[: values.size // 2] = values.reshape(-1)[0]
    return values


def packed(image: NDArray[Any], codec: str) -> bytes:
    """Return an image in one of areaDetector's codecs, by other code than that under test where there is any."""
    plain = image.tobytes()
    if codec == "lz4":
        return own.lz4_block(plain)
    if codec == "bslz4":
        size = image.dtype.itemsize
        return own.pack(image.reshape(-1).view(f"u{size}"), max(128, 8192 // size // 8 * 8))
    if codec == "lz4hdf5":
        step = 1000
        blocks = [own.lz4_block(plain[at : at + step]) for at in range(0, len(plain), step)]
        # A block that would not become smaller is stored as it is.
        stored = [
            block if len(block) < len(plain[at * step : (at + 1) * step]) else plain[at * step : (at + 1) * step]
            for at, block in enumerate(blocks)
        ]
        return struct.pack(">QI", len(plain), step) + b"".join(struct.pack(">I", len(one)) + one for one in stored)
    if codec == "blosc":
        return bytes(imagecodecs.blosc_encode(plain, typesize=image.dtype.itemsize))
    if codec == "zlib":
        return zlib.compress(plain)
    if codec == "jpeg":
        file = io.BytesIO()
        Image.fromarray(image).save(file, "JPEG", quality=90)
        return file.getvalue()
    return plain


def value_of(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an NTNDArray, with everything in ``fields`` instead of what would be right."""
    dtype, shape, codec = recipe["dtype"], recipe["shape"], recipe.get("codec", "")
    image = image_of(dtype, shape, recipe.get("seed", 0))
    data = packed(image, codec)
    now = time.time() if recipe.get("time") is None else recipe["time"]
    stored = np.frombuffer(data + bytes(recipe.get("room", 0)), np.uint8)
    places = recipe.get("places") or [{}] * len(shape)
    return {
        "value": (f"{MEMBERS[dtype]}Value", image.reshape(-1)) if codec == "" else ("ubyteValue", stored),
        "codec": {"name": codec, "parameters": SCALARS.index(dtype) if codec else None},
        "compressedSize": len(data),
        "uncompressedSize": image.nbytes,
        "uniqueId": recipe.get("unique", 1),
        "timeStamp": {"secondsPastEpoch": int(now), "nanoseconds": int(now % 1 * 1e9)},
        "dimension": [
            {"size": size, "offset": 0, "fullSize": size, "binning": 1, "reverse": False} | place
            for size, place in zip(reversed(shape), places, strict=True)
        ],
        "attribute": [{"name": name, "value": entry} for name, entry in recipe.get("attributes", {}).items()],
        "alarm": recipe.get("alarm", {"severity": 0, "status": 0, "message": ""}),
    } | recipe.get("fields", {})


class PvaServer:
    """The process, from the test's side. ``environment`` lets a client find it, without any broadcast."""

    def __init__(self, port: int = 0) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.pva_server", str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self._answer())

    @property
    def environment(self) -> dict[str, str]:
        """What a client needs."""
        return {
            "EPICS_PVA_ADDR_LIST": "",
            "EPICS_PVA_AUTO_ADDR_LIST": "NO",
            "EPICS_PVA_NAME_SERVERS": f"127.0.0.1:{self.port}",
            "EPICS_PVA_INTF_ADDR_LIST": "127.0.0.1",
            "EPICS_PVA_BROADCAST_PORT": str(self.port),
        }

    def post(self, **recipe: Any) -> None:
        """Post an image."""
        self._tell(recipe)

    def run(self, rate: float, **recipe: Any) -> None:
        """Post the same image again and again from now on, ``rate`` times a second, with growing ``unique``."""
        self._tell({"rate": rate} | recipe)

    def connections(self) -> int:
        """Return the number of clients that are subscribed."""
        return int(self._tell({"ask": "clients"}))

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _tell(self, recipe: Mapping[str, Any]) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(recipe) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the server of the PV has ended"
        return line.strip()


@contextmanager
def pva_server(port: int = 0) -> Iterator[PvaServer]:
    """Run the server."""
    server = PvaServer(port)
    try:
        yield server
    finally:
        server.close()


def serve(port: int) -> None:
    """Serve on the loopback interface and do what the lines of standard input say."""
    import threading

    from p4p import Value
    from p4p.nt import NTNDArray, NTScalar
    from p4p.server import Server, StaticProvider
    from p4p.server.thread import SharedPV

    kind = NTNDArray.buildType()
    clients = [0]

    class Counting:
        def onFirstConnect(self, pv: Any) -> None:
            clients[0] = 1

        def onLastDisconnect(self, pv: Any) -> None:
            clients[0] = 0

    pv, other = SharedPV(handler=Counting()), SharedPV(nt=NTScalar("d"), initial=1.5)
    pv.open(Value(kind, {}))
    provider = StaticProvider("test")
    provider.add(PV, pv)
    provider.add(OTHER, other)
    conf = {
        "EPICS_PVAS_INTF_ADDR_LIST": "127.0.0.1",
        "EPICS_PVAS_SERVER_PORT": str(port),
        "EPICS_PVAS_BROADCAST_PORT": "0",
        "EPICS_PVAS_AUTO_BEACON_ADDR_LIST": "NO",
        "EPICS_PVAS_BEACON_ADDR_LIST": "127.0.0.1",
    }
    with Server(providers=[provider], conf=conf, useenv=False) as server:
        print(server.conf()["EPICS_PVAS_SERVER_PORT"], flush=True)
        stop = threading.Event()
        thread: threading.Thread | None = None

        def repeat(recipe: dict[str, Any], end: threading.Event) -> None:
            fields = value_of(recipe)
            unique = fields["uniqueId"]
            begun = time.monotonic()
            for count in range(1, sys.maxsize):
                now = time.time()
                stamp = {"secondsPastEpoch": int(now), "nanoseconds": int(now % 1 * 1e9)}
                pv.post(Value(kind, fields | {"uniqueId": unique, "timeStamp": stamp}))
                unique += 1
                if end.wait(max(0.0, begun + count / recipe["rate"] - time.monotonic())):
                    return

        for line in sys.stdin:
            recipe = json.loads(line)
            if "ask" in recipe:
                print(clients[0], flush=True)
                continue
            stop.set()
            if thread is not None:
                thread.join()
            if "rate" in recipe:
                stop = threading.Event()
                thread = threading.Thread(target=repeat, args=(recipe, stop), daemon=True)
                thread.start()
            else:
                thread = None
                fields = value_of(recipe)
                arrays = {name: np.array(entry) for name, entry in recipe.get("arrays", {}).items()}
                fields["attribute"] = [
                    *fields["attribute"],
                    *({"name": name, "value": entry} for name, entry in arrays.items()),
                ]
                pv.post(Value(kind, fields))
            print("posted", flush=True)
    os._exit(0)


if __name__ == "__main__":
    serve(int(sys.argv[1]))

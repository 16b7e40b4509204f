"""A simulated areaDetector: a PV with images of a camera, served over PV Access on the loopback interface.

Run as a program: ``python -m stream_online_viewer.simulation.pva --port 5075``. Needs the package p4p. A client on
this machine finds it with ``EPICS_PVA_NAME_SERVERS=127.0.0.1:5075``.
"""

import argparse
import itertools
import signal
import sys
import time
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.coding import bslz4
from stream_online_viewer.simulation.camera import loop_images, loop_index
from stream_online_viewer.simulation.pacing import RatePacer

NAME = "SIMULATION:Pva1:Image"
UINT16 = 6
"""The type of the elements, as compressed images tell it."""


def fields_of(image: NDArray[np.uint16], codec: str) -> dict[str, Any]:
    """Return the members of an NTNDArray that are the same each time an image is sent."""
    packed = image.reshape(-1)
    value: tuple[str, NDArray[Any]] = ("ushortValue", packed)
    stored = image.nbytes
    if codec:
        # areaDetector leaves out the head that bsread has.
        chain = np.frombuffer(bslz4.encode(packed)[bslz4.HEAD.size :], np.uint8)
        value, stored = ("ubyteValue", chain), chain.size
    rows, columns = image.shape
    return {
        "value": value,
        "codec": {"name": codec, "parameters": UINT16 if codec else None},
        "compressedSize": stored,
        "uncompressedSize": image.nbytes,
        "dimension": [
            {"size": size, "offset": 0, "fullSize": size, "binning": 1, "reverse": False} for size in (columns, rows)
        ],
    }


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal ends the process."""
    parser = argparse.ArgumentParser(description="Simulate an areaDetector that sends its images over PV Access.")
    parser.add_argument("--port", type=int, default=5075, help="TCP port to serve on; 0: any free one")
    parser.add_argument("--name", default=NAME, help=f"of the PV (default: {NAME})")
    parser.add_argument("--rate", type=float, default=10.0, metavar="HZ")
    parser.add_argument("--size", default="640x480", metavar="WxH", help="columns and rows (default: 640x480)")
    parser.add_argument("--codec", choices=("none", "bslz4"), default="bslz4")
    options = parser.parse_args(arguments)
    columns, rows = (int(side) for side in options.size.split("x"))
    from p4p import Value
    from p4p.nt import NTNDArray
    from p4p.server import Server, StaticProvider
    from p4p.server.thread import SharedPV

    kind = NTNDArray.buildType()
    codec = "" if options.codec == "none" else options.codec
    images = [fields_of(image, codec) for image in loop_images((columns, rows))]
    pv, provider = SharedPV(), StaticProvider("simulation")
    pv.open(Value(kind, {}))
    provider.add(options.name, pv)
    conf = {
        "EPICS_PVAS_INTF_ADDR_LIST": "127.0.0.1",
        "EPICS_PVAS_SERVER_PORT": str(options.port),
        "EPICS_PVAS_BROADCAST_PORT": "0",
        "EPICS_PVAS_AUTO_BEACON_ADDR_LIST": "NO",
        "EPICS_PVAS_BEACON_ADDR_LIST": "127.0.0.1",
    }
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt), Server(providers=[provider], conf=conf, useenv=False) as server:
        print(f"{options.name} on port {server.conf()['EPICS_PVAS_SERVER_PORT']} (PVA)", flush=True)
        pacer = RatePacer(options.rate)
        for unique in itertools.count(1):
            pacer.wait()
            now = time.time_ns()
            stamp = {"secondsPastEpoch": now // 10**9, "nanoseconds": now % 10**9}
            attributes = [{"name": "ColorMode", "value": 0}, {"name": "AcquireTime", "value": 1 / options.rate}]
            own = {"uniqueId": unique % 2**31, "timeStamp": stamp, "attribute": attributes}
            pv.post(Value(kind, images[loop_index(unique, len(images))] | own))
    return 0


if __name__ == "__main__":
    sys.exit(main())

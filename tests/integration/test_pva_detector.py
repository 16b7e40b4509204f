"""Images of a simulated areaDetector that others have written (``pvapy-ad-sim-server``), over its own server."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.live_client import LiveClient
from tests.server import ServerProcess, running_server
from tests.support import find_free_port

PROGRAM = Path(sys.executable).parent / "pvapy-ad-sim-server"
PV = "OTHER:Pva1:Image"
ROWS, COLUMNS = 30, 44


@contextmanager
def detector(*options: str) -> Iterator[ServerProcess]:
    """Run the detector and a viewer's server on it.

    It answers searches over UDP only: on a port of its own. Its first images must be read before it begins to send.
    """
    udp, tcp = str(find_free_port()), str(find_free_port())
    shared = {"EPICS_PVA_ADDR_LIST": "127.0.0.1", "EPICS_PVA_AUTO_ADDR_LIST": "NO", "EPICS_PVA_BROADCAST_PORT": udp}
    own = {
        "EPICS_PVAS_INTF_ADDR_LIST": "127.0.0.1",
        "EPICS_PVAS_BROADCAST_PORT": udp,
        "EPICS_PVAS_SERVER_PORT": tcp,
        "EPICS_PVA_SERVER_PORT": tcp,
        "EPICS_PVAS_AUTO_BEACON_ADDR_LIST": "NO",
        "EPICS_PVAS_BEACON_ADDR_LIST": "127.0.0.1",
    }
    always = ("-cn", PV, "-fps", "20", "-rt", "3600", "-std", "2", "-rp", "0", "-dc")
    process = subprocess.Popen(
        [PROGRAM, *always, *options], env={**os.environ, **shared, **own}, stdout=subprocess.DEVNULL
    )
    try:
        client = shared | {"EPICS_PVA_INTF_ADDR_LIST": "127.0.0.1"}
        with running_server(f"pva://{PV}", environment=client) as server:
            yield server
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "float64"])
def test_images_of_a_file_are_shown_exactly(tmp_path: Path, dtype: str) -> None:
    """Two images in turns; the counter is that of the detector, the time is there."""
    file = tmp_path / "images.npy"
    random = np.random.default_rng(7)
    images = (random.random((2, ROWS, COLUMNS)) * 100).astype(dtype)
    np.save(file, images)
    with detector("-if", str(file)) as server, LiveClient(server.url("live", "ws"), format="exact") as viewer:
        seen: set[int] = set()
        ids = []
        while len(seen) < 2:
            frame = viewer.next_frame(20)
            (which,) = [number for number in range(2) if np.array_equal(frame.pixels, images[number])]
            assert frame.pixels.dtype.name == dtype
            assert frame.source_time is not None
            seen.add(which)
            ids.append(frame.pulse_id)
        assert ids == sorted(set(ids))
        server.wait_for_status(lambda status: status["source"]["protocol"] == "NTNDArray", 10, "its protocol")


@pytest.mark.parametrize(("mode", "kind"), [(2, "interleaved"), (3, "planar"), (4, "planar")])
def test_colour_images_have_their_shape(mode: int, kind: str) -> None:
    """Of each of the three orders, with values in the range that was asked for."""
    options = ("-cm", str(mode), "-nx", str(COLUMNS), "-ny", str(ROWS), "-dt", "uint8", "-mn", "40", "-mx", "60")
    with detector(*options, "-nf", "3") as server:
        with LiveClient(server.url("live", "ws"), format="exact", colour="auto") as viewer:
            frame = viewer.next_frame(20)
    assert frame.image_block["colour"] == kind
    assert frame.pixels.shape == ((ROWS, COLUMNS, 3) if kind == "interleaved" else (3, ROWS, COLUMNS))
    assert frame.pixels.min() >= 40 and frame.pixels.max() <= 60

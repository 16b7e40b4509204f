"""Empty arrays as psi-bsread, the facility's library, sends them."""

import bsread
import numpy as np
import pytest

from tests.live_client import Frame, LiveClient
from tests.server import running_server
from tests.support import wait_until

IMAGE = np.arange(48, dtype=np.uint16).reshape(6, 8)


@pytest.mark.parametrize("compression", ["none", "bitshuffle_lz4", "lz4"])
def test_an_empty_array_of_psi_bsread_is_null(free_port: int, compression: str) -> None:
    """The facility's sender, an array that has no element just now: no value, and nothing wrong."""
    sender = bsread.Sender(
        port=free_port, mode=bsread.PUB, data_compression=None if compression == "none" else compression
    )
    with sender as sending, running_server(free_port) as server, LiveClient(server.url("live", "ws")) as viewer:

        def shown() -> Frame | None:
            sending.send(image=IMAGE, peaks=np.array([], dtype=np.float64))
            viewer.collect(0.05)
            return viewer.frames[-1] if viewer.frames else None

        frame = wait_until(shown, 10, "a frame")
        assert frame.null == {"peaks"}
        assert frame.invalid == {}
        assert server.status()["source"]["invalid"] == {}

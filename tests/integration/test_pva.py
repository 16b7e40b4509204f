"""An image over PV Access, from a p4p server in another process to a viewer."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.bus import running_bus, running_ingest, running_web
from tests.live_client import LiveClient
from tests.pva_proxy import pva_proxy
from tests.pva_server import OTHER, PV, PvaServer, image_of, pva_server
from tests.server import ServerProcess, running_server
from tests.support import wait_until

SHAPE = [40, 56]


@pytest.fixture(scope="module")
def pva() -> Iterator[PvaServer]:
    with pva_server() as running:
        yield running


@pytest.fixture(scope="module")
def server(pva: PvaServer) -> Iterator[ServerProcess]:
    with running_server(f"pva://{PV}", environment=pva.environment) as running:
        yield running


def live(server: ServerProcess, **want: Any) -> LiveClient:
    return LiveClient(server.url("live", "ws"), **({"format": "exact"} | want))


def test_compressed_images_are_passed_on_as_they_came(pva: PvaServer, server: ServerProcess) -> None:
    """Exact pixels, and the values of the same frame; the block is compressed, not encoded anew."""
    pva.run(20, dtype="uint16", shape=SHAPE, codec="bslz4", seed=5, attributes={"gain": 2.5})
    with live(server) as viewer:
        frame = viewer.next_frame(20)
        assert (frame.image_block["format"], frame.image_block["exact"]) == ("bslz4", True)
        assert np.array_equal(frame.pixels, image_of("uint16", SHAPE, 5))
        assert frame.row is not None
        assert frame.row.values["gain"] == 2.5 and frame.row.values["uniqueId"] == frame.pulse_id
        assert frame.source_time is not None
    source = server.wait_for_status(lambda status: status["source"]["state"] == "receiving", 10, "receiving")["source"]
    assert (source["kind"], source["protocol"], source["socket"]) == ("pva", "NTNDArray", None)
    assert 'sov_source_kind{kind="pva"} 1.0' in server.get("metrics")[1].decode()


@pytest.mark.parametrize("codec", ["", "lz4", "lz4hdf5", "blosc", "zlib"])
@pytest.mark.parametrize("form", ["exact", "preview"])
def test_other_images_are_decoded(pva: PvaServer, server: ServerProcess, codec: str, form: str) -> None:
    """For exact images and previews, whose numbers are of the whole image."""
    pva.run(20, dtype="int32", shape=SHAPE, codec=codec, seed=6)
    expected = image_of("int32", SHAPE, 6)
    with live(server, format=form, picture=[56, 40]) as viewer:
        while (frame := viewer.next_frame(20)).image_block.get("source_dtype", "int32") != "int32":
            pass
        if form == "exact":
            while not np.array_equal(frame.pixels, expected):
                frame = viewer.next_frame(20)
        else:
            while frame.image_block["numbers"]["sum"] != str(int(expected.sum())):
                frame = viewer.next_frame(20)


def test_damaged_images_are_said_and_harm_nothing(pva: PvaServer, server: ServerProcess) -> None:
    """The image is unusable with its reason; the next good one is shown by the same process."""
    pid = server.status()["ingest"]["pid"]
    codec = {"name": "bslz4", "parameters": 6}
    pva.run(20, dtype="uint16", shape=SHAPE, codec="zlib", fields={"codec": codec})
    with live(server) as viewer:
        server.wait_for_status(
            lambda status: any(one["name"] == "image" for one in status["source"]["unusable"]), 15, "it is unusable"
        )
        pva.run(20, dtype="uint16", shape=SHAPE, codec="bslz4", seed=7)
        expected = image_of("uint16", SHAPE, 7)
        while (image := viewer.next_frame(20).image) is None or not np.array_equal(image, expected):
            pass
    assert server.status()["ingest"]["pid"] == pid


def test_a_pv_that_is_no_image_is_said(pva: PvaServer) -> None:
    """On the page, by the sentence of the state."""
    with running_server(f"pva://{OTHER}", environment=pva.environment) as server:
        found = server.wait_for_status(lambda status: status["source"]["state"] == "wrong_type", 15, "no image")
        assert "is no image" in found["source"]["text"]


def test_it_is_let_go_while_nobody_watches(pva: PvaServer) -> None:
    """--release-idle holds for a PV too: the server of the PV has one client less, and gets it back."""
    pva.run(20, dtype="uint8", shape=SHAPE)
    with (
        pva_server() as own,
        running_server(f"pva://{PV}", "--release-idle", "1", environment=own.environment) as server,
    ):
        own.run(20, dtype="uint8", shape=SHAPE)
        server.wait_for_status(lambda status: status["source"]["state"] == "released", 20, "it is let go")
        wait_until(lambda: own.connections() == 0, 15, "no client is left")
        with live(server) as viewer:
            viewer.next_frame(20)
            assert own.connections() == 1


def test_an_endless_update_is_cut_off(pva: PvaServer) -> None:
    """An update that grows beyond the limit is not taken in: it is counted and said, its memory is given back, and the
    next images are shown by the same process."""
    pva.run(20, dtype="uint16", shape=SHAPE, codec="bslz4", seed=5)
    with pva_proxy(pva.port) as proxy:
        environment = pva.environment | {"EPICS_PVA_NAME_SERVERS": f"127.0.0.1:{proxy.port}"}
        options = ("--max-message-mb", "8", "--max-pulse-mb", "32")
        with running_server(f"pva://{PV}", *options, environment=environment) as server, live(server) as viewer:
            viewer.next_frame(20)
            pid = server.status()["ingest"]["pid"]
            proxy.endless.set()
            server.wait_for_status(
                lambda status: status["source"]["refused"].get("message size", 0) == 1, 30, "the update is refused"
            )
            assert "was cut off, because it was more than the 32 MB of --max-pulse-mb" in server.output()
            viewer.frames.clear()
            assert np.array_equal(viewer.next_frame(30).pixels, image_of("uint16", SHAPE, 5))
            assert server.status()["ingest"]["pid"] == pid
            # The limit, what comes in a tenth of a second, and what the kernel holds: far from all of it.
            assert 32e6 < proxy.sent < 1.5e9


def test_images_come_over_a_bus(pva: PvaServer) -> None:
    """The ingest half subscribes to the PV; the web server gets the pixels, as they came, and says the kind."""
    pva.run(20, dtype="uint16", shape=SHAPE, codec="bslz4", seed=7)
    with (
        running_bus() as bus,
        running_ingest(f"pva://{PV}", bus.url, environment=pva.environment),
        running_web(bus.url) as web,
        live(web) as viewer,
    ):
        expected = image_of("uint16", SHAPE, 7)
        while not np.array_equal((frame := viewer.next_frame(20)).pixels, expected):
            pass
        assert (frame.image_block["format"], frame.image_block["exact"]) == ("bslz4", True)
        assert web.status()["source"]["kind"] == "pva"

"""What may happen to a bus and to those on it: frozen, cut off, slow, wiped, too old, too small."""

import asyncio
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import nats
import pytest
from nats.js.api import KeyValueConfig
from nats.js.errors import BucketNotFoundError

from tests.bus import Bus, nats_server, running_bus, running_ingest, running_web
from tests.bus_proxy import BusProxy
from tests.counting_push import CountingPush
from tests.integration.test_bus_standby import catch_up, takeover
from tests.integration.test_fan_out import collect, live
from tests.live_client import LiveClient
from tests.processes import children, is_running, resident_mb
from tests.simulator import running_simulator
from tests.support import deadline, find_free_port, wait_until


@pytest.fixture(scope="module")
def bus() -> Iterator[Bus]:
    """One for all tests, each of which has a name of its own for its stream."""
    with running_bus() as bus:
        yield bus


@pytest.fixture
def source() -> Iterator[CountingPush]:
    """Small images at 50 Hz."""
    with CountingPush() as source:
        yield source


def told(viewer: LiveClient, state: str) -> None:
    """Wait until a viewer is told this state of the source."""
    wait_until(lambda: viewer.next_status()["source"]["state"] == state, 10, state, poll=0)


def test_a_bus_that_is_frozen(bus: Bus, source: CountingPush) -> None:
    """It takes connections and answers nothing: pages say so, the source is left, and all comes back by itself."""
    name = "test/stopped"
    with (
        running_ingest(source.port, bus.url, name=name) as ingest,
        running_web(bus.url, name=name) as web,
        live(web) as viewer,
    ):
        epoch = viewer.next_frame().epoch
        (process,) = children(ingest.pid)
        assert bus.process is not None
        bus.process.send_signal(signal.SIGSTOP)
        try:
            told(viewer, "down")
            wait_until(lambda: not is_running(process), 10, "nothing is read without a lease")
        finally:
            bus.process.send_signal(signal.SIGCONT)
        takeover(viewer, epoch)
        assert ingest.status()["role"] == "leads"


def test_a_holder_that_is_cut_off(bus: Bus, source: CountingPush) -> None:
    """Its bytes go nowhere: it stops reading before the standby begins."""
    name = "test/cut"
    with BusProxy(bus.port) as proxy, ExitStack() as stack:
        first = stack.enter_context(running_ingest(source.port, proxy.url, name=name))
        first.wait_for_status(lambda status: status["role"] == "leads", 10, "it leads")
        second = stack.enter_context(running_ingest(source.port, bus.url, name=name))
        viewer = stack.enter_context(live(stack.enter_context(running_web(bus.url, name=name))))
        epoch = catch_up(viewer)
        source.most = source.connected
        proxy.swallow = True
        takeover(viewer, epoch)
        assert source.most == 1
        assert second.status()["role"] == "leads" and first.status()["role"] != "leads"
        proxy.swallow = False
        holder = second.status()["lease"]["holder"]
        first.wait_for_status(lambda status: status["lease"]["holder"] == holder, 20, "the first knows who leads")
        assert first.status()["role"] == "stands by"
        assert source.most == 1


def test_the_store_of_the_bus_is_wiped(source: CountingPush) -> None:
    """The buckets are made again, by the one that led; the epoch goes on."""
    name = "test/wiped"
    with running_bus() as bus, ExitStack() as stack:
        programs = [stack.enter_context(running_ingest(source.port, bus.url, name=name)) for _ in range(2)]
        viewer = stack.enter_context(live(stack.enter_context(running_web(bus.url, name=name))))
        epoch = viewer.next_frame().epoch
        source.most = source.connected
        bus.kill()
        shutil.rmtree(bus.store)
        bus.start()
        again = time.time_ns()

        def one_leads() -> bool:
            found = [program.status() for program in programs]
            return sorted(status["role"] for status in found) == ["leads", "stands by"] and all(
                status["lease"]["holder"] and status["bus"]["connected"] for status in found
            )

        wait_until(one_leads, 15, "one leads")
        while viewer.frames[-1].receipt_time < again:
            viewer.receive(deadline(15))
        assert viewer.frames[-1].epoch >= epoch
        assert source.most == 1


@pytest.mark.alone
def test_a_frozen_web_server_delays_no_other(bus: Bus) -> None:
    """Viewers elsewhere get what they got before; when it wakes it shows what is new then, and has lost no time."""
    name = "test/frozen-web"
    with (
        running_simulator("--rate", "20", "--size", "640x400") as (_, port),
        running_ingest(port, bus.url, name=name) as ingest,
        running_web(bus.url, name=name) as frozen,
        running_web(bus.url, name=name) as healthy,
        live(frozen, format="raw") as waiting,
        live(healthy, format="raw") as viewer,
    ):
        waiting.next_frame()
        collect((viewer,), 0.5)
        assert bus.process is not None
        frozen.send_signal(signal.SIGSTOP)
        try:
            viewer.frames.clear()
            collect((viewer,), 3.0)
            gaps = [b.arrived - a.arrived for a, b in zip(viewer.frames, viewer.frames[1:], strict=False)]
            memory = resident_mb(bus.process.pid)
        finally:
            woken = time.time_ns()
            frozen.send_signal(signal.SIGCONT)
        assert max(gaps) < deadline(1.0)
        assert memory < 200
        assert ingest.status()["bus"]["connects"] == 1
        while waiting.frames[-1].receipt_time < woken:
            waiting.receive(deadline(10))
        sequences = [frame.sequence for frame in waiting.frames]
        assert sequences == sorted(set(sequences))


def test_a_web_server_on_a_slow_line() -> None:
    """It gets fewer images, none of them older than what may wait for it, and is never cut off."""
    name, pending, rate = "test/slow", 2 * 2**20, 400_000
    limits = f"max_payload: 1MB\nmax_pending: {pending}\nwrite_deadline: '20s'\nno_fast_producer_stall: true\n"
    with (
        running_bus(limits) as bus,
        BusProxy(bus.port) as proxy,
        running_simulator("--rate", "20", "--size", "320x240", "--dtype", "uint16") as (_, port),
        running_ingest(port, bus.url, name=name),
        running_web(proxy.url, name=name) as web,
        live(web, format="raw") as viewer,
    ):
        viewer.next_frame()
        proxy.bytes_per_second = rate
        begun = time.monotonic()
        # Until all that may wait for it does.
        while time.monotonic() < begun + 6 or len(viewer.frames) < 8 or not web.status()["bus"]["lost"]:
            viewer.next_frame()
        status = web.status()["bus"]
        ages = [frame.server_us * 1e-6 for frame in viewer.frames[-5:]]
    assert status["connects"] == 1
    assert max(ages) < 2 * pending / rate * deadline(1)


def test_an_image_that_is_too_large_for_the_bus() -> None:
    """The NATS server would cut the connection; the image is not sent, viewers are told why, and smaller ones come."""
    name = "test/large"
    with (
        running_bus("max_payload: 65536") as bus,
        running_simulator("--rate", "20", "--size", "320x240") as (_, port),
        running_ingest(port, bus.url, name=name) as ingest,
        running_web(bus.url, name=name) as web,
        live(web, format="raw") as viewer,
    ):
        wait_until(
            lambda: "too large for the bus" in (viewer.next_status()["you"]["refused"] or ""), 10, "it is told", poll=0
        )
        assert "max_payload is 65536" in viewer.statuses[-1]["you"]["refused"]
        assert viewer.frames[-1].image is None

        def rows_came() -> bool:
            viewer.collect(0.05)
            return len(viewer.rows) > 0

        wait_until(rows_came, 10, "its values come all the same", poll=0)
        viewer.want(format="preview", picture=[80, 60])
        wait_until(lambda: viewer.next_frame().image is not None, 10, "a preview", poll=0)
        assert ingest.status()["bus"]["connects"] == 1
        assert ingest.output().count("an image cannot be published") == 1


def test_an_old_nats_server_is_refused() -> None:
    """By its greeting, with a line that says what is needed; it is given no message."""
    said: list[bytes] = []
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)

        def serve() -> None:
            while not done.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.sendall(b'INFO {"version":"2.9.10","max_payload":1048576,"headers":true}\r\n')
                    connection.settimeout(deadline(5))
                    said.append(connection.recv(4096))

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            with running_web(f"nats://127.0.0.1:{listener.getsockname()[1]}", ready=False) as web:
                wait_until(
                    lambda: "it is nats-server 2.9.10, and 2.11 or newer is needed" in web.output(), 20, "refused"
                )
                wait_until(lambda: said, 10, "the connection is closed")
        finally:
            done.set()
            thread.join()
    assert set(said) == {b""}


def test_the_epoch_is_larger_than_the_one_that_is_written_down(bus: Bus, source: CountingPush) -> None:
    """Whatever the clocks show: another one was ahead. Somebody else's client writes it, and reads the next."""
    name = "test/epoch"
    ahead = 2**32 - 1000

    async def write(value: bytes) -> bytes:
        client = await nats.connect(bus.url)
        try:
            store = await client.jetstream().key_value("sov_epoch")
        except BucketNotFoundError:
            store = await client.jetstream().create_key_value(KeyValueConfig("sov_epoch"))
        if value:
            await store.put("test.epoch", value)
        entry = await store.get("test.epoch")
        await client.close()
        return entry.value or b""

    asyncio.run(write(str(ahead).encode()))
    with (
        running_ingest(source.port, bus.url, name=name),
        running_web(bus.url, name=name) as web,
        live(web) as viewer,
    ):
        assert viewer.next_frame().epoch == ahead + 1
    assert asyncio.run(write(b"")) == str(ahead + 1).encode()


def test_a_site_behind_a_leaf_node(tmp_path: Path, source: CountingPush) -> None:
    """Nothing crosses while nobody watches there; pictures do; the link is cut and heals."""
    name = "test/leaf"
    leaf_port, site_port = find_free_port(), find_free_port()
    hub_limits = f"max_payload: 8MB\nleafnodes {{ listen: '127.0.0.1:{leaf_port}' }}\n"
    with running_bus(hub_limits) as hub, BusProxy(leaf_port) as link, ExitStack() as stack:
        (tmp_path / "leaf.conf").write_text(
            f"listen: '127.0.0.1:{site_port}'\nmax_payload: 8MB\n"
            f"leafnodes {{ reconnect: '1s', remotes: [{{ url: 'nats://127.0.0.1:{link.port}' }}] }}\n"
        )
        site = subprocess.Popen(
            [nats_server(), "--config", str(tmp_path / "leaf.conf"), "--log", str(tmp_path / "leaf.log")]
        )
        stack.callback(site.wait)
        stack.callback(site.kill)
        ingest = stack.enter_context(running_ingest(source.port, hub.url, name=name))
        web = stack.enter_context(running_web(f"nats://127.0.0.1:{site_port}", name=name))
        before = ingest.status()["source"]["messages"]
        status = ingest.wait_for_status(lambda status: status["source"]["messages"] > before + 50, 10, "messages")
        assert status["ingest"]["published"] == 0
        with live(web) as viewer:
            epoch = viewer.next_frame().epoch
            for _ in range(20):
                viewer.next_frame()
            link.cut()
            cut = time.time_ns()
            while viewer.frames[-1].receipt_time < cut + 500_000_000:
                viewer.receive(deadline(20))
            assert viewer.frames[-1].epoch == epoch
        ingest.wait_for_status(lambda s: not any(w["renditions"] for w in s["web_servers"]), 10, "nobody watches")
        published = ingest.status()["ingest"]["published"]
        before = ingest.status()["source"]["messages"]
        status = ingest.wait_for_status(lambda status: status["source"]["messages"] > before + 50, 10, "messages")
        assert status["ingest"]["published"] == published


def test_a_killed_web_server_is_forgotten(bus: Bus, source: CountingPush) -> None:
    """It cannot say that it goes: nothing is published for it any more, and it leaves the list."""
    name = "test/gone"
    with running_ingest(source.port, bus.url, name=name) as ingest:
        with running_web(bus.url, name=name) as web, live(web) as viewer:
            viewer.next_frame()
            web.kill()
            web.wait()
            ingest.wait_for_status(lambda status: status["web_servers"] == [], 15, "it is forgotten")
        first = ingest.status()
        second = ingest.wait_for_status(
            lambda status: status["source"]["messages"] > first["source"]["messages"] + 50, 10, "messages"
        )
        assert second["ingest"]["published"] == first["ingest"]["published"]

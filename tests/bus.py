"""A NATS server and both halves of the viewer as real processes, for the tests that need a bus."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import nats
from nats.js.api import KeyValueConfig

from stream_online_viewer.publisher.lease import BUCKET, TTL_SECONDS
from tests.server import ROOT, ServerProcess
from tests.support import deadline, find_free_port, wait_until

INGEST_SCRIPT = ROOT / "stream_online_viewer" / "start_ingest.py"
NAME = "test/cam1"
LIMITS = """
max_payload: 8MB
max_pending: 16MB
write_deadline: "1s"
no_fast_producer_stall: true
"""


def nats_server() -> str:
    """Return the path of the NATS server that the wheel has installed."""
    found = shutil.which("nats-server", path=sysconfig.get_path("scripts")) or shutil.which("nats-server")
    assert found, "nats-server is missing: make install the test group"
    return found


class Bus:
    """A NATS server on one port; it may be killed and started again with what it has stored."""

    def __init__(self, folder: Path, configuration: str = "") -> None:
        self.folder = folder
        self.port = find_free_port()
        self.store = folder / "store"
        self._file: IO[bytes] = open(folder / "nats.log", "ab")
        self._configuration = folder / "nats.conf"
        self._configuration.write_text(
            f"listen: 127.0.0.1:{self.port}\njetstream {{ store_dir: {json.dumps(str(self.store))} }}\n"
            + (configuration or LIMITS)
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Bus":
        """Start it, and wait until it accepts connections."""
        self.process = subprocess.Popen(
            [nats_server(), "--config", str(self._configuration)], stdout=self._file, stderr=subprocess.STDOUT
        )
        wait_until(self._answers, 10, "the NATS server answers", poll=0.005)
        return self

    def be_patient(self) -> "Bus":
        """Make the bucket of the lease with a time that suits this machine: on a busy one nobody writes in time."""

        async def make() -> None:
            client = await nats.connect(self.url)
            seconds = max(TTL_SECONDS, min(20.0, deadline(TTL_SECONDS) / 2))
            await client.jetstream().create_key_value(KeyValueConfig(BUCKET, ttl=seconds))
            await client.close()

        # In a thread, because the driver of the browser tests runs a loop in this one.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, make()).result()
        return self

    def _answers(self) -> bool:
        assert self.process is not None and self.process.poll() is None, self.log()
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                return connection.recv(4) == b"INFO"
        except OSError:
            return False

    def log(self) -> str:
        """Return what it has logged."""
        return (self.folder / "nats.log").read_text()

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End it with a signal, and wait for its end."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(deadline(10))
            self.process = None

    def close(self) -> None:
        """End it for good."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.kill()
        self._file.close()

    @property
    def pid(self) -> int:
        """The process that runs now."""
        assert self.process is not None
        return self.process.pid

    @property
    def url(self) -> str:
        """The address for ``--bus``."""
        return f"nats://127.0.0.1:{self.port}"


@contextmanager
def plain_bus(configuration: str = "") -> Iterator[Bus]:
    """Run a NATS server without any bucket; ``configuration`` replaces its limits."""
    with tempfile.TemporaryDirectory() as folder:
        bus = Bus(Path(folder), configuration)
        try:
            yield bus.start()
        finally:
            bus.close()


@contextmanager
def running_bus(configuration: str = "") -> Iterator[Bus]:
    """Run a NATS server with a lease that suits this machine; ``configuration`` replaces its limits."""
    with plain_bus(configuration) as bus:
        yield bus.be_patient()


@contextmanager
def _running(process: ServerProcess) -> Iterator[ServerProcess]:
    try:
        yield process
    finally:
        try:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.end(seconds=10)
        finally:
            process.close_output()


@contextmanager
def running_ingest(
    source: int | str,
    bus: str,
    *args: str,
    ready: bool = True,
    name: str = NAME,
    environment: Mapping[str, str] | None = None,
) -> Iterator[ServerProcess]:
    """Run the ingest half for a stream, given by its address or by a port of this machine.

    ``ready``: wait until it leads, or stands by.
    """
    options = ("--bus", bus, "--name", name, "--port", "0", *args)
    address = f"tcp://127.0.0.1:{source}" if isinstance(source, int) else source
    with _running(ServerProcess(address, *options, script=INGEST_SCRIPT, environment=environment)) as process:
        if ready:
            process.wait_until_serving()
        yield process


@contextmanager
def running_web(bus: str, *args: str, ready: bool = True, name: str = NAME) -> Iterator[ServerProcess]:
    """Run a web server on the bus."""
    with _running(ServerProcess("--bus", bus, "--name", name, "--port", "0", *args)) as process:
        if ready:
            process.wait_until_serving()
        yield process


def ended(arguments: Sequence[str], script: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Return how a program ended that was given wrong options."""
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        capture_output=True,
        text=True,
        timeout=deadline(20),
        check=False,
        env={**os.environ, **environment},
    )

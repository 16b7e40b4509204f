"""The demo follows the ports and hosts that its options name, in every form in which an option may be written."""

import os
import signal
import subprocess
import sys
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.scripts import script
from tests.support import deadline, find_free_port, wait_until

HAVE_EPICS = find_spec("p4p") is not None
SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "demo.py"


@pytest.fixture(scope="module")
def demo() -> ModuleType:
    return script("demo")


def last(options: Any, *names: Any) -> Any:
    """Return the value that an option has in the end."""
    return next(value for name, value in reversed(list(zip(options, options[1:], strict=False))) if name in names)


@pytest.mark.parametrize(
    ("simulator", "server", "environment", "stream", "url"),
    [
        ("", "--port 23102", {}, None, "http://127.0.0.1:23102/"),
        ("", "--port=23102", {}, None, "http://127.0.0.1:23102/"),
        ("", "", {"SOV_PORT": "23102"}, None, "http://127.0.0.1:23102/"),
        ("", "--port 23102", {"SOV_PORT": "1", "SOV_HOST": "::1"}, None, "http://[::1]:23102/"),
        ("", "--port 23102 --host ::", {}, None, "http://[::1]:23102/"),
        ("", "--host 0.0.0.0 --port 23102", {}, None, "http://127.0.0.1:23102/"),
        ("-o 18889", "--port 1", {}, "tcp://127.0.0.1:18889", "http://127.0.0.1:1/"),
        ("-o18889", "--port 1", {}, "tcp://127.0.0.1:18889", "http://127.0.0.1:1/"),
        ("--output-port=18889", "--port 1", {}, "tcp://127.0.0.1:18889", "http://127.0.0.1:1/"),
        ("--rate 5 --output-port 18889 --host ::1", "--port 1", {}, "tcp://[::1]:18889", "http://127.0.0.1:1/"),
        ("", "tcp://camera:9000 --port 1", {}, "tcp://camera:9000", "http://127.0.0.1:1/"),
    ],
)
def test_ports_and_hosts_are_followed(
    demo: ModuleType, simulator: str, server: str, environment: Any, stream: str | None, url: str
) -> None:
    """The server is told where the simulator sends, and the address of the page is where it is served."""
    plan = demo.plan(simulator.split(), server.split(), environment)
    assert plan.url == url
    streams = [word for word in plan.server if word.startswith("tcp://")]
    assert len(streams) == 1
    if stream is not None:
        assert streams == [stream]
    if simulator:
        assert last(plan.simulator, "-o") == "18889"
    assert last(plan.server, "--port") == url.rstrip("/").rpartition(":")[2]


def test_without_options_free_ports_are_taken(demo: ModuleType) -> None:
    """The same port for the simulator and for the server's stream; port 0 is a free one, whose number is known."""
    plan = demo.plan([], ["--port", "0"], {})
    assert plan.server[0] == f"tcp://127.0.0.1:{last(plan.simulator, '-o')}"
    assert int(last(plan.server, "--port")) > 0


@pytest.mark.parametrize("source", ["tcp", "cam_server", *(["pva"] if HAVE_EPICS else [])])
def test_the_demo_says_where_its_page_is(source: str) -> None:
    """All programs with ports of their own; Ctrl-C ends the demo."""
    stream, page = find_free_port(), find_free_port()
    camera = "--size 32x24" if source == "pva" else f"-o {stream} --size 32x24"
    options = [f"--simulator={camera}", f"--server=--port={page}", f"--source={source}"]
    command = [sys.executable, str(SCRIPT), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            url = ""
            for line in process.stdout:
                if "The live picture: " in line:
                    url = line.split()[-1]
                    break
            assert url == f"http://127.0.0.1:{page}/"
            os.set_blocking(process.stdout.fileno(), False)

            def receiving() -> bool:
                with urllib.request.urlopen(f"{url}api/status", timeout=deadline(5)) as answer:
                    return b'"state":"receiving"' in answer.read().replace(b": ", b":")

            wait_until(receiving, 15, "the simulated camera is received")
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(deadline(10)) == 0

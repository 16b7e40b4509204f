"""``make demo-cluster``: everything starts with one command, and nothing is left after Ctrl-C, whenever that comes."""

import json
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.live_client import LiveClient
from tests.processes import children, is_running
from tests.server import ROOT
from tests.support import deadline, wait_until

SCRIPT = ROOT / "scripts" / "demo_cluster.py"
CAMERA = "--simulator=--size 64x48 --rate 20"


class Demo(subprocess.Popen[bytes]):
    """The demo with two web servers; its output goes to a file."""

    def __init__(self) -> None:
        self._file = tempfile.NamedTemporaryFile()
        command = [sys.executable, str(SCRIPT), "--servers", "2", CAMERA]
        # A shell ignores Ctrl-C in background processes and everything that they start.
        super().__init__(
            command,
            stdout=self._file,
            stderr=subprocess.STDOUT,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def output(self) -> str:
        """Return the output so far."""
        with open(self._file.name) as file:
            return file.read()

    def started(self) -> list[int]:
        """Return the processes that it has started, and those that they have."""
        direct = children(self.pid)
        return direct + [pid for child in direct for pid in children(child)]

    def interrupt(self) -> None:
        """Press Ctrl-C; nothing that was started is left, and it says that it was stopped."""
        started = self.started()
        self.send_signal(signal.SIGINT)
        assert self.wait(deadline(60)) == 0, self.output()
        assert "demo: stopped" in self.output() and "Traceback" not in self.output()
        wait_until(lambda: not any(map(is_running, started)), 10, "all have ended")


@contextmanager
def running_demo() -> Iterator[Demo]:
    """Run the demo, and end it if the test has not."""
    demo = Demo()
    try:
        yield demo
    finally:
        if demo.poll() is None:
            demo.terminate()
            demo.wait()


def status(url: str) -> dict[str, Any]:
    """Return the JSON object at an address."""
    with urllib.request.urlopen(url, timeout=deadline(10)) as answer:
        content: dict[str, Any] = json.load(answer)
        return content


def test_everything_is_started_and_its_addresses_are_told() -> None:
    """A picture comes from each web server, and through nginx where there is one; one ingest leads, one stands by."""
    with running_demo() as demo:
        wait_until(lambda: "Ctrl-C stops everything" in demo.output() or demo.poll() is not None, 60, "it says where")
        found = dict(re.findall(r"^  (.+): (http://\S+)$", demo.output(), re.MULTILINE))
        pages = [url for what, url in found.items() if what.startswith(("web server", "The live picture"))]
        assert len(pages) == 2 + ("behind nginx" in demo.output()), demo.output()
        for page in pages:
            with LiveClient(page.replace("http://", "ws://") + "live") as viewer:
                assert viewer.next_frame().pixels.shape == (48, 64)
        assert status(found["ingest"])["role"] == "leads" and len(status(found["ingest"])["web_servers"]) == 2
        assert status(found["standby"])["role"] == "stands by"
        demo.interrupt()


@pytest.mark.parametrize("programs", [1, 3, 5])
def test_ctrl_c_while_it_starts(programs: int) -> None:
    """As soon as so many programs run."""
    with running_demo() as demo:
        wait_until(lambda: len(children(demo.pid)) >= programs, 60, "they run")
        demo.interrupt()

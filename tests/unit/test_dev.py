"""The development mode: which files make the server start again, and that a mistake in one does not end it."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType

import pytest

from tests.scripts import script
from tests.support import wait_until

dev: ModuleType = script("dev")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with files of the server and of the simulator."""
    folder = tmp_path / "stream_online_viewer"
    for name in ("web/hub.py", "simulation/beam.py", "start_server.py", "start_stream.py", "stream.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x = 1\n")
    return folder


def change(path: Path, text: str) -> None:
    """Write a file, with a time that no file system takes for the one before."""
    later = path.stat().st_mtime_ns + 1_000_000_000
    path.write_text(text)
    os.utime(path, ns=(later, later))


def test_files_of_the_server_are_followed_and_not_those_of_the_simulator(package: Path) -> None:
    """The simulator goes on while the server is changed, and a change of its files is none of the server."""
    assert {path.relative_to(package).as_posix() for path in dev.sources(package)} == {"web/hub.py", "start_server.py"}


def test_a_mistake_of_syntax_is_told_with_its_file(package: Path) -> None:
    """What cannot be compiled is named; what can is not."""
    wrong = package / "web/hub.py"
    wrong.write_text("def f(:\n")
    assert dev.mistakes({package / "start_server.py"}) == ""
    assert str(wrong) in dev.mistakes({package / "start_server.py", wrong})


def test_the_server_starts_again_after_a_change(
    package: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A file with a mistake changes nothing; when it is right, the old server ends and a new one runs."""
    started: list[subprocess.Popen[bytes]] = []

    def start(program: str, *arguments: str) -> "subprocess.Popen[bytes]":
        started.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", program, *arguments]))
        return started[-1]

    monkeypatch.setattr(dev.demo, "ROOT", package.parent)
    monkeypatch.setattr(dev.demo, "start", start)
    monkeypatch.setattr(dev, "POLL_S", 0.02)
    said = ""

    def heard(word: str) -> bool:
        nonlocal said
        said += capfd.readouterr().out
        return word in said

    processes, stopped = {"server": start("start_server.py")}, threading.Event()
    what = dev.demo.Plan([], ["tcp://localhost:1"], "http://localhost:2/")
    watcher = threading.Thread(target=dev.watch, args=(what, processes, dev.sources(package), stopped))
    watcher.start()
    try:

        def told() -> bool:
            # Again and again: a change from before the first look of the other thread is none to it.
            change(package / "web/hub.py", "def f(:\n")
            return heard("goes on as it was")

        wait_until(told, 10, "the mistake is told", poll=0.1)
        assert len(started) == 1 and started[0].poll() is None
        change(package / "web/hub.py", "x = 2\n")
        wait_until(lambda: len(started) == 2, 10, "another server is started")
        assert started[0].poll() is not None
        assert started[1].poll() is None
    finally:
        stopped.set()
        watcher.join()
        for process in started:
            process.kill()
            process.wait()

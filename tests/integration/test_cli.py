"""How the server is started: options, environment, and one line for whatever makes it impossible."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from stream_online_viewer import __version__
from stream_online_viewer.settings import OPTIONS
from tests.server import ROOT, SCRIPT, running_server
from tests.support import deadline

NAME = "stream-online-viewer: "


def start(
    *arguments: str,
    script: str | Path = SCRIPT,
    python: Sequence[str] = (sys.executable,),
    environment: dict[str, str] | None = None,
    folder: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the server until it ends by itself."""
    return subprocess.run(
        [*python, str(script), *arguments],
        capture_output=True,
        text=True,
        timeout=deadline(20),
        check=False,
        cwd=folder,
        env={**os.environ, **(environment or {})},
    )


def assert_one_line(ended: subprocess.CompletedProcess[str], text: str) -> None:
    """The run ended with code 2 and exactly one line on stderr, which holds the text."""
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith(NAME)
    assert text in line
    assert ended.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["localhost:8888"], "stream: 'localhost:8888' is no stream address; it looks like tcp://host:port"),
        (["tcp://localhost"], "is no stream address"),
        (["tcp://localhost:0"], "'0' is no port between 1 and 65535"),
        (["tcp://:8888"], "is no host name"),
        (["tcp://[::g]:8888"], "is no IPv6 address"),
        (["ipc:///tmp/x"], "is no stream address"),
        (["--port", "http"], "--port: 'http' is not a whole number"),
        (["--port", "65536"], "--port: 65536 is not a whole number between 0 and 65535"),
        (["--mode", "push"], "--mode: 'push' is none of auto, pull, sub"),
        (["--max-rate", "0"], "--max-rate: 0 is not a number between 0.01 and 10000"),
        (["--viewer-mbit", "-1"], "--viewer-mbit"),
        (["--total-mbit", "nan"], "--total-mbit: nan is not a number"),
        (["--image-channel", "x" * 300], "--image-channel: a channel name has at most 256 characters"),
        (["--host", "a b"], "--host: 'a b' is neither a host name nor an address"),
        (["--colour", "red"], "unrecognized arguments: --colour"),
        (["--max", "5"], "unrecognized arguments: --max"),
        (["--port"], "--port: expected one argument"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_a_wrong_option_ends_with_one_line(arguments: list[int | str] | list[str], text: str) -> None:
    """The line names the option, the value and what is allowed; no usage text, no traceback."""
    assert_one_line(start(*arguments), text)


def test_a_busy_port_is_named() -> None:
    """The port of another server."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert_one_line(
            start("--port", str(port)),
            f"cannot serve on 127.0.0.1:{port}: address already in use; choose another --port or --host",
        )


def test_a_host_that_cannot_be_resolved() -> None:
    """The name of no machine."""
    assert_one_line(start("--host", "no-such-host.invalid"), "--host: 'no-such-host.invalid' cannot be resolved")


def test_an_address_of_another_machine() -> None:
    """An address that this machine does not have."""
    assert_one_line(start("--host", "203.0.113.7", "--port", "0"), "cannot serve on 203.0.113.7:0: cannot assign")


def test_a_wrong_environment_variable_is_named() -> None:
    """The line names the variable, not the option."""
    assert_one_line(start(environment={"SOV_MAX_RATE": "fast"}), "SOV_MAX_RATE: 'fast' is not a number")


def test_environment_variables_are_options() -> None:
    """Each option can be set by a variable."""
    environment = {"SOV_MAX_RATE": "7", "SOV_VIEWER_MBIT": "8", "SOV_MAX_VIEWERS": "9", "SOV_HOST": "localhost"}
    with running_server(1, environment=environment) as server:
        limits = server.status()["limits"]
    assert (limits["max_rate"], limits["viewer_mbit"], limits["max_viewers"]) == (7, 8, 9)
    assert "at http://localhost:" in server.output()


def test_the_command_line_goes_before_the_environment() -> None:
    """Also for the address of the stream."""
    environment = {"SOV_STREAM": "tcp://localhost:1", "SOV_MAX_RATE": "7"}
    with running_server("tcp://127.0.0.1:2", "--max-rate", "5", environment=environment) as server:
        status = server.status()
    assert status["stream"] == "tcp://127.0.0.1:2"
    assert status["limits"]["max_rate"] == 5


def test_help_lists_every_option() -> None:
    """Each option with what it does and its default, and how it is set by the environment."""
    ended = start("--help")
    assert (ended.returncode, ended.stderr) == (0, "")
    text = " ".join(ended.stdout.split())
    for option in OPTIONS:
        assert option.flag in text
        assert option.help in text
    assert "SOV_STREAM" in text
    assert "(default: tcp://localhost:8888)" in text


def test_version() -> None:
    """The version of the package."""
    ended = start("--version")
    assert (ended.returncode, ended.stdout.strip()) == (0, f"stream online viewer {__version__}")


FOLDERS = {"root": ROOT, "package": ROOT / "stream_online_viewer", "elsewhere": Path("/")}


@pytest.mark.parametrize("path", ["", str(ROOT)], ids=["without PYTHONPATH", "with PYTHONPATH"])
@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)
def test_it_runs_from_a_clone(path: str, folder: Path) -> None:
    """From the root of the clone and from any other folder, with and without PYTHONPATH; a signal may come at once."""
    script = os.path.relpath(SCRIPT, folder)
    command = [sys.executable, script, "tcp://127.0.0.1:1", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": path}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            line = server.stdout.readline()
            assert line.startswith(f"Stream online viewer {__version__} for tcp://127.0.0.1:1 at http://127.0.0.1:")
            server.terminate()
            assert server.wait(deadline(5)) == 0
        finally:
            server.kill()


def test_it_runs_as_a_module() -> None:
    """`python -m stream_online_viewer.start_server` is the same."""
    ended = start("stream_online_viewer.start_server", "--port", "x", script="-m", folder=ROOT)
    assert_one_line(ended, "--port: 'x' is not a whole number")


def test_a_missing_package_is_named() -> None:
    """Without any package installed, one line names the first that is missing and the command to run."""
    ended = start("--port", "0", python=(sys.executable, "-S"), environment={"PYTHONPATH": ""})
    assert_one_line(ended, "the package ")
    assert ended.stderr.endswith(" is missing; run: make install\n")


def test_a_front_end_that_was_not_built(tmp_path: Path) -> None:
    """A clone whose page was not built says with which command to do that."""
    ignore = shutil.ignore_patterns("static", "__pycache__")
    shutil.copytree(ROOT / "stream_online_viewer", tmp_path / "stream_online_viewer", ignore=ignore)
    ended = start("--port", "0", script=tmp_path / "stream_online_viewer" / "start_server.py")
    assert_one_line(ended, "the front end was not built; run: make install")

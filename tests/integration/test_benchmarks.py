"""The benchmark programs do what they say, on a stream of a second or two; nothing is said about speed."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import crowd, pieces
from benchmarks.before_after import MEASUREMENTS
from benchmarks.compiled import NoCompiler, program
from benchmarks.cpu import ingest_of
from benchmarks.crowd import LIMITS_LIFTED, Group, peers_crowd, watched
from benchmarks.page_server import REPORTS_VARIABLE
from benchmarks.servers import Running, c_server, foxglove_server, naive_server, uvloop_server
from benchmarks.source import running_source
from tests.server import running_server
from tests.support import deadline, find_free_port

RAW = {"format": "raw", "every": ["SCALAR-000", "SCALAR-001"]}
PIXELS = 200 * 100
RATE = 50.0


def has_compiler() -> bool:
    """Return whether the programs in C can be had."""
    try:
        return bool(program("load"))
    except NoCompiler:
        return False


def loads() -> list[str]:
    """Return the programs that viewers can live in here."""
    return ["c", "python"] if has_compiler() else ["python"]


@pytest.fixture(params=loads())
def load(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let viewers live in one of the programs."""
    if request.param == "python":
        monkeypatch.setattr(crowd, "load_command", lambda: (sys.executable, "-m", "benchmarks.load"))
    program: str = request.param
    return program


def test_viewers_count_what_the_server_sends(load: str) -> None:
    """Images, their bytes, rows and times of fast, slow and stopped viewers; processor time of the server."""
    groups = [Group(3, RAW), Group(1, RAW, 200_000), Group(1, RAW, crowd.STOPPED)]
    with running_source(RATE, "--image", "200x100", "--scalars", "2", "--headers", "change") as (_, port):
        with running_server(port, "--mode", "sub", *LIMITS_LIFTED) as server:
            processes = {"ingest": [ingest_of(server)], "web": [server.pid]}
            with crowd.crowd(server.port, groups, 0.5, 1.0) as running:
                turn = watched(running, processes)
    fast, slow, stopped = turn.groups
    assert 3 <= fast.frames <= 3 * 1.5 * RATE and fast.least > 0
    assert PIXELS <= fast.bytes / fast.frames <= PIXELS + 20_000
    assert fast.rows > 0 and fast.lost_rows == fast.repeated == 0
    assert fast.p50 is not None and fast.stamp_p50 is not None and 0 < fast.p50 < fast.stamp_p50 < 1000
    assert 0 < slow.bytes < 400_000 and slow.skipped > 0
    assert stopped.frames == 0 and stopped.p50 is None and stopped.stamp_p50 is None
    assert turn.us("web") > 0 and turn.us("ingest") > 0


def test_viewers_that_the_server_refuses_say_why(load: str) -> None:
    """The reason stands in the error, and nothing hangs."""
    with running_source(RATE, "--image", "200x100") as (_, port):
        with running_server(port, "--mode", "sub") as server:
            with crowd.crowd(server.port, [Group(1, {"format": "nonsense"})], 0.5, 0.5) as running:
                with pytest.raises(RuntimeError, match="format must be"):
                    watched(running, {})


@pytest.mark.parametrize("frame_bytes", [2_000, 100_000])
@pytest.mark.parametrize("rate", [RATE])
def test_server_in_c_sends_what_a_viewer_expects(load: str, frame_bytes: int, rate: float) -> None:
    """Frames of that length, so often, to each; without a compiler there is no such server, and it says so."""
    if not has_compiler():
        with pytest.raises(NoCompiler):
            program("epoll_server")
        return
    with c_server(frame_bytes, rate) as (pid, port):
        with crowd.crowd(port, [Group(5, {})], 0.2, 1.0) as running:
            turn = watched(running, {"server": [pid]})
    assert turn.frame_bytes == frame_bytes
    assert 5 <= turn.frames <= 5 * 1.5 * rate and turn.groups[0].least > 0
    assert turn.us("server") > 0


@pytest.mark.parametrize("frame_bytes", [2_000, 100_000])
def test_server_on_uvloop_sends_what_a_viewer_expects(load: str, frame_bytes: int) -> None:
    """Frames of that length, so often, to each, as the server in C does."""
    with uvloop_server(frame_bytes, RATE) as (pid, port):
        with crowd.crowd(port, [Group(5, {})], 0.2, 1.0) as running:
            turn = watched(running, {"server": [pid]})
    assert turn.frame_bytes == frame_bytes
    assert 5 <= turn.frames <= 5 * 1.5 * RATE and turn.groups[0].least > 0
    assert turn.us("server") > 0


@pytest.mark.parametrize("floor", [c_server, uvloop_server])
def test_floor_outlives_viewers_that_go_in_the_middle_of_a_frame(floor: Callable[[int, float], Running]) -> None:
    """They are killed while large frames are on the way; those who come next are served, by the same process."""
    if floor is c_server and not has_compiler():
        return
    with floor(2_400_000, 25.0) as (pid, port):
        for _ in range(4):
            with crowd.crowd(port, [Group(20, {})], 0.1, 30.0) as running:
                running.wait_for_begin()
        with crowd.crowd(port, [Group(1, {})], 0.1, 0.5) as running:
            assert watched(running, {"server": [pid]}).frames > 0


def test_naive_server_shows_the_stream() -> None:
    """Pictures reach all viewers."""
    with running_source(RATE, "--image", "200x100") as (_, port):
        with naive_server(port) as (pid, own), peers_crowd("mjpeg_load", own, 3, 1.0, 1.0) as running:
            turn = watched(running, {"server": [pid]})
    assert turn.frames >= 3 and turn.groups[0].least > 0
    assert 100 < turn.frame_bytes < PIXELS
    (got,) = turn.groups
    assert got.p50 is not None and got.stamp_p50 is not None and 0 < got.p50 < got.stamp_p50


def test_foxglove_shows_the_stream() -> None:
    """Images of four bytes for each pixel reach all viewers, with the stamp of the source; where it is installed."""
    with running_source(RATE, "--image", "200x100") as (_, port):
        if find_spec("foxglove") is None:
            with pytest.raises(RuntimeError, match="foxglove-sdk is missing"), foxglove_server(port):
                pass
            return
        with foxglove_server(port) as (pid, own), peers_crowd("foxglove_load", own, 3, 1.0, 1.0) as running:
            turn = watched(running, {"server": [pid]})
    (got,) = turn.groups
    assert got.frames >= 3 and got.least > 0
    assert 4 * PIXELS < turn.frame_bytes < 4 * PIXELS + 200
    assert got.p50 is None and got.stamp_p50 is not None and got.stamp_p50 > 0
    assert turn.us("server") > 0


def test_missing_foxglove_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install stands in the reason, whether it is installed here or not."""
    (tmp_path / "foxglove.py").write_text("raise ImportError\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(RuntimeError, match="foxglove-sdk is missing: pip install --group peers"), foxglove_server(1):
        pass


@pytest.mark.parametrize("name", ["latency", "first_picture", "decoders"])
def test_without_playwright_and_browser_a_line_says_so(name: str, tmp_path: Path) -> None:
    """The last line says what is missing, with exit code 2; there is no traceback."""
    (tmp_path / "playwright.py").write_text("raise ImportError\n")
    away = {**os.environ, "PYTHONPATH": str(tmp_path), "PATH": str(tmp_path)}
    away.pop("VIEWER_BROWSER", None)
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", "--quick"],
        cwd=crowd.ROOT,
        env=away,
        capture_output=True,
        text=True,
        timeout=deadline(60.0),
        check=False,
    )
    lines = done.stderr.splitlines()
    assert done.returncode == 2, done.stderr
    assert lines[-1] == "not run: no Chromium that starts: install one, or name its path in VIEWER_BROWSER"
    assert any("playwright is missing" in line for line in lines)
    assert "Traceback" not in done.stderr and not done.stdout


def test_browser_that_is_named_and_does_not_start_is_said() -> None:
    """With its path, and exit code 2."""
    command = [sys.executable, "-m", "benchmarks.latency", "--quick"]
    there = {**os.environ, "VIEWER_BROWSER": "/nowhere/chromium"}
    done = subprocess.run(
        command, cwd=crowd.ROOT, env=there, capture_output=True, text=True, timeout=deadline(60.0), check=False
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "not run: VIEWER_BROWSER=/nowhere/chromium: it does not start"


@pytest.mark.parametrize("in_pieces", [True, False])
def test_a_viewer_on_a_slow_link_tells_what_it_waited_for(in_pieces: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an image, of rows beside it, of a pause and of another wish; on a link ten times as fast as in the tables."""
    monkeypatch.setattr(pieces, "MBIT", 20.0)
    monkeypatch.setattr(pieces, "UNDER_WAY_SECONDS", 0.3)
    run = pieces.measure(in_pieces)
    assert run.image > 0.5
    assert min(run.rows, run.pause, run.wish) > 0


def test_cases_before_and_after_are_those_of_the_programs() -> None:
    """A name that a program does not know would be noticed only after its first turn."""
    for name, measurement in MEASUREMENTS.items():
        cases = getattr(import_module(f"benchmarks.{measurement.program}"), "CASES", {})
        assert measurement.case is None or measurement.case in cases, name


@pytest.mark.parametrize("name", ["page_server", "first_picture_server"])
def test_the_servers_whose_page_reports_start(name: str, tmp_path: Path) -> None:
    """They replace parts of the product, which must still be there and be called as before."""
    script = Path(crowd.__file__).with_name(f"{name}.py")
    environment = {REPORTS_VARIABLE: str(tmp_path / "reports")}
    with running_server(find_free_port(), script=script, environment=environment) as server:
        assert server.get("")[0] == 200
        assert server.get("benchmark")[0] == 405

"""The simulator as a real process: what a receiver gets of it, its rate, its errors, its end."""

import itertools
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zmq
from numpy.typing import NDArray

from stream_online_viewer.simulation.camera import loop_images, loop_index, loop_length
from stream_online_viewer.simulation.merged import MergedScene
from stream_online_viewer.simulation.options import COMPRESSIONS, SCENES
from stream_online_viewer.simulation.pipeline import PipelineScene
from stream_online_viewer.start_stream import main
from tests import stream_reader
from tests.simulator import ROOT, SCRIPT, running_simulator
from tests.stream_reader import Data, Source
from tests.support import deadline, wait_until

RANDOM = {"beam_energy", "timestamp"}
"""Channels that cannot be computed again."""


def source_of(port: int, mode: int = stream_reader.PULL) -> Source:
    return stream_reader.Source(host="localhost", port=port, mode=mode, receive_timeout=int(deadline(5) * 1000))


def receive(source: Source) -> Data:
    message = source.receive()
    assert message is not None, "no message within the timeout"
    return message.data


def assert_same(received: Any, sent: Any, name: str) -> None:
    """Assert that a value arrived as it was sent, with its type."""
    if sent is None or isinstance(sent, str):
        assert received == sent, name
    else:
        expected = np.asarray(sent)
        assert received.dtype == expected.dtype, name
        assert received.shape == expected.shape, name
        assert np.array_equal(received, expected, equal_nan=expected.dtype.kind == "f"), name


def run(*args: Any, **kwargs: Any) -> subprocess.CompletedProcess[str]:
    """Run the simulator to its end and return the completed process, with its output as text."""
    return subprocess.run(
        [sys.executable, SCRIPT, *args], capture_output=True, text=True, timeout=deadline(20), check=False, **kwargs
    )


# --- what is received -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize(("scene", "first", "number"), [("pipeline", 90, 80), ("merged", 580, 140)])
@pytest.mark.parametrize("size", [(200, 150), (2, 3)], ids=["200x150", "2x3"])
def test_source_receives_every_value_as_it_was_made(
    scene: str, first: int, number: int, size: tuple[int, int], compression: str
) -> None:
    """All channels of all messages, over all that comes and goes: same names, types and values."""
    make = {"pipeline": PipelineScene, "merged": MergedScene}[scene](size, "uint16")
    options = ("-d", "0", "--scene", scene, "--size", f"{size[0]}x{size[1]}", "--compression", compression)
    with running_simulator(*options, "--pulse-id-start", str(first)) as (_, port), source_of(port) as source:
        for pulse_id in range(first, first + number):
            message = receive(source)
            sent = make.message(pulse_id).values
            assert message.pulse_id == pulse_id
            assert list(message.data) == list(sent)
            for name in sent.keys() - RANDOM:
                assert_same(message.data[name].value, sent[name], name)


@pytest.mark.parametrize(
    ("dtype", "compression"),
    [("uint16", "none"), ("uint16", "lz4"), ("uint16", "bitshuffle_lz4"), ("uint8", "none"), ("float32", "lz4")],
)
def test_source_receives_the_images_of_the_camera(dtype: str, compression: str) -> None:
    """The images are those of the loop, in its order."""
    images = list(loop_images((200, 150)))
    options = ("-d", "0", "--scene", "camera", "--size", "200x150", "--dtype", dtype, "--compression", compression)
    with running_simulator(*options) as (_, port), source_of(port) as source:
        for pulse_id in range(50):
            message = receive(source)
            image = message.data["image"].value
            expected = images[loop_index(pulse_id, len(images))]
            assert message.pulse_id == pulse_id
            assert image.dtype == dtype
            assert np.array_equal(image, expected >> 4 if dtype == "uint8" else expected)
            assert np.array_equal(message.data["image_profile_x"].value, image.sum(axis=0))


@pytest.mark.parametrize(
    ("dtype", "compression"),
    [
        ("float64", "none"),
        ("float64", "lz4"),
        ("float64", "bitshuffle_lz4"),
        ("int8", "none"),
        ("uint16", "lz4"),
        ("int64", "bitshuffle_lz4"),
    ],
)
def test_source_receives_the_beam(dtype: str, compression: str) -> None:
    """The picture is new for each message, and sizes and profiles are those of the very image."""
    options = ("-d", "0", "--size", "200x150", "--dtype", dtype, "--compression", compression)
    before: NDArray[Any] = np.empty(0)
    with running_simulator(*options) as (_, port), source_of(port) as source:
        for pulse_id in range(5):
            message = receive(source)
            image = message.data["image"].value
            assert message.pulse_id == pulse_id
            assert image.dtype == dtype
            assert image.shape == (150, 200)
            assert not np.array_equal(image, before)
            assert np.array_equal(message.data["image_profile_x"].value, image.sum(axis=0))
            assert np.array_equal(message.data["image_profile_y"].value, image.sum(axis=1))
            before = image


@pytest.mark.parametrize("scene", SCENES)
def test_subscriber_receives_every_scene(scene: str) -> None:
    """With `--mode pub` any number of receivers can listen, from the pulse ids that were asked for on."""
    options = ("--mode", "pub", "--scene", scene, "--size", "64x48", "--rate", "200")
    start = 2**62
    with running_simulator(*options, "--pulse-id-start", str(start)) as (_, port):
        with source_of(port, stream_reader.SUB) as source:
            pulse_ids = [receive(source).pulse_id for _ in range(10)]
    assert pulse_ids == list(range(pulse_ids[0], pulse_ids[0] + 10))
    assert start <= pulse_ids[0] < start + 2000


def test_data_header_of_the_merged_scene_changes_only_with_its_channels() -> None:
    """The header stays the same while the image has no value, and changes when a source goes (600) and comes (700)."""
    options = ("-d", "0", "--scene", "merged", "--size", "64x48", "--pulse-id-start", "590")
    with running_simulator(*options) as (_, port), source_of(port) as source:
        messages = [receive(source) for _ in range(120)]
    assert [message.pulse_id for message in messages if message.format_changed] == [590, 600, 700]


def test_large_camera_images_are_received_unchanged() -> None:
    """2560x2160 pixels in bitshuffle_lz4, as a PCO camera sends them: the first ten are those of the loop."""
    size = (2560, 2160)
    options = ("-d", "0", "--scene", "camera", "--size", "2560x2160", "--compression", "bitshuffle_lz4")
    with running_simulator(*options) as (_, port), source_of(port) as source:
        # Only as many as the first ten messages show: each takes long.
        places = [loop_index(pulse_id, loop_length(size)) for pulse_id in range(10)]
        images = list(itertools.islice(loop_images(size), max(places) + 1))
        for place in places:
            assert np.array_equal(receive(source).data["image"].value, images[place])


# --- rate -------------------------------------------------------------------------------------------------------------


def assert_rate(seconds: float, messages: float, rate: float, output: str) -> None:
    """Assert that `messages` periods took as long as the rate says; exactly so unless the machine was too busy.

    Each deadline that was missed by a period or more made the whole longer, by less than a period more than is counted.
    """
    found = re.search(r"(\d+) deadlines missed", output)
    missed = int(found[1]) if found else 0
    print(f"{rate} Hz asked for, {messages / seconds:.2f} Hz reached, {missed} deadlines missed")
    assert 0.98 * (messages + missed) / rate <= seconds <= 1.02 * (messages + 2 * missed) / rate


@pytest.mark.alone
@pytest.mark.parametrize("scene", ["beam", "camera"])
def test_rate_is_reached(scene: str) -> None:
    """101 messages at 100 Hz take a second at the receiver, and the simulator prints the rate."""
    with running_simulator("--rate", "100", "-n", "101", "--size", "64x48", "--scene", scene) as (process, port):
        with zmq.Context() as context, context.socket(zmq.PULL) as receiver:
            receiver.rcvtimeo = int(deadline(5) * 1000)
            receiver.connect(f"tcp://127.0.0.1:{port}")
            receiver.recv_multipart()
            begin = time.monotonic()
            for _ in range(100):
                receiver.recv_multipart()
            seconds = time.monotonic() - begin
        assert process.wait(deadline(5)) == 0
    assert_rate(seconds, 100, 100, process.output())
    printed = float(re.search(r"sent 101 messages in [\d.]+ s: ([\d.]+) Hz", process.output())[1])
    assert printed == pytest.approx(100 / seconds, rel=0.05)


@pytest.mark.alone
def test_rate_is_printed_every_few_seconds() -> None:
    """A running simulator says every five seconds which rate it reaches."""
    with running_simulator("--rate", "100", "--mode", "pub", "--size", "64x48", "--scene", "camera") as (process, _):
        line = re.compile(r"^([\d.]+) Hz, \d+ messages sent$", re.MULTILINE)
        found = wait_until(lambda: line.search(process.output()), 10, "the simulator has printed its rate")
    assert_rate(5, 5 * float(found[1]), 100, process.output())


@pytest.mark.alone
def test_delay_is_a_pause_between_sends() -> None:
    """21 messages with `-d 0.05` need at least 20 pauses; the work comes on top."""
    with running_simulator("-d", "0.05", "-n", "21", "--mode", "pub", "--size", "640x480") as (process, _):
        assert process.wait(deadline(10)) == 0
    seconds = float(re.search(r"sent 21 messages in ([\d.]+) s", process.output())[1])
    assert seconds >= 1.0


@pytest.mark.alone
def test_merged_scene_runs_at_100_hz_by_itself() -> None:
    """Its scalars come at 100 Hz unless something else is asked for."""
    with running_simulator("--scene", "merged", "-n", "101", "--mode", "pub", "--size", "64x48") as (process, _):
        assert process.wait(deadline(10)) == 0
    seconds = float(re.search(r"sent 101 messages in ([\d.]+) s", process.output())[1])
    assert_rate(seconds, 100, 100, process.output())


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scene", ["beam", "camera"])
def test_busy_port_is_named(scene: str) -> None:
    """A port in use ends with exit code 2 and one line that names the port and -o."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = run("-o", str(port), "--scene", scene)
    assert ended.returncode == 2
    assert ended.stderr == f"start_stream.py: port {port} is in use; choose another one with -o\n"
    assert ended.stdout == ""


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["-o", "70000"], "0 to 65535"),
        (["-n", "many"], "invalid int"),
        (["-d", "-1"], "0 or more"),
        (["-d", "nan"], "0 or more"),
        (["--rate", "0"], "rate in Hz"),
        (["--rate", "10", "-d", "1"], "not allowed with"),
        (["--scene", "opera"], "invalid choice"),
        (["--mode", "pull"], "invalid choice"),
        (["--size", "640"], "640x480"),
        (["--size", "1x480"], "psi-bsread cannot receive"),
        (["--size", "99999x99999"], "more than"),
        (["--dtype", "bool"], "invalid choice"),
        (["--scene", "camera", "--dtype", "int8"], "--dtype uint8"),
        (["--compression", "zip"], "invalid choice"),
        (["--pulse-id-start", "-5"], "pulse id"),
        (["--host", "no.such.host.invalid"], "not known"),
        (["--host", "192.0.2.1"], "cannot bind"),
        (["--speed", "9"], "unrecognized"),
        (["8888"], "unrecognized"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_option_is_told_in_one_line(
    options: list[str], text: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2 and one line on stderr that says what is wrong; nothing else."""
    # main() sets it for its own process.
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert exit_code(options) == 2
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err.startswith("start_stream.py: ")
    assert written.err.count("\n") == 1
    assert text in written.err


def exit_code(options: list[str]) -> int | str | None:
    """Return the exit code of `main`, in this process."""
    try:
        return main(options)
    except SystemExit as end:
        return end.code


def test_missing_package_is_told_with_the_command_to_run(tmp_path: Path) -> None:
    """Without a package the simulator ends with exit code 2 and one line that says how to get it."""
    for package, options, remedy in (
        ("imagecodecs", [], "make install"),
        ("bsread", ["--library"], "pip install psi-bsread"),
    ):
        folder = tmp_path / package
        folder.mkdir()
        (folder / f"{package}.py").write_text(f"raise ModuleNotFoundError(\"No module named '{package}'\")\n")
        ended = run("-o", "0", *options, env=os.environ | {"PYTHONPATH": str(folder)})
        assert ended.returncode == 2
        assert ended.stderr.count("\n") == 1
        assert package in ended.stderr
        assert remedy in ended.stderr


def test_bsread_and_bitshuffle_are_not_needed(tmp_path: Path) -> None:
    """Without the facility's library and what it brings, every scene is sent."""
    for package in ("bsread", "mflow", "bitshuffle", "h5py", "lz4"):
        (tmp_path / f"{package}.py").write_text("raise ImportError\n")
    for scene in ("beam", "camera", "pipeline", "merged"):
        ended = run(
            "-o", "0", "-n", "0", "--scene", scene, "--size", "32x24", env=os.environ | {"PYTHONPATH": str(tmp_path)}
        )
        assert ended.returncode == 0, ended.stderr


def test_help_needs_no_package(tmp_path: Path) -> None:
    """--help works on a machine where nothing is installed."""
    for name in ("numpy", "zmq", "imagecodecs", "bsread"):
        (tmp_path / f"{name}.py").write_text("raise ImportError\n")
    ended = run("--help", env=os.environ | {"PYTHONPATH": str(tmp_path)})
    assert ended.returncode == 0
    assert "--scene {beam,camera,pipeline,merged}" in ended.stdout


# --- start and end ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "pythonpath"),
    [
        (ROOT, None),
        (ROOT, ROOT),
        (ROOT, ROOT / "stream_online_viewer"),
        (ROOT / "stream_online_viewer", None),
        (ROOT.parent, None),
    ],
    ids=["root", "root in PYTHONPATH", "package's folder in PYTHONPATH", "package's folder", "elsewhere"],
)
def test_runs_from_any_folder_with_any_pythonpath(folder: Path, pythonpath: str) -> None:
    """The package is found, and its folder shadows nothing, wherever the script is started."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if pythonpath:
        environment["PYTHONPATH"] = str(pythonpath)
    ended = run("-o", "0", "-n", "0", cwd=folder, env=environment)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)], ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("mode", ["push", "pub"])
@pytest.mark.parametrize("scene", ["beam", "camera"])
def test_signal_ends_it_cleanly(scene: str, mode: str, number: int, code: int) -> None:
    """Ctrl-C and SIGTERM end it at once, also a PUSH socket that waits for a receiver, and without a traceback."""
    with running_simulator("--scene", scene, "--mode", mode, "--size", "64x48") as (process, _):
        assert process.end(number, seconds=3) == code
    assert "Traceback" not in process.output()
    assert re.search(r"\nsent \d+ messages", process.output())


# A signal that meets pyzmq in its own code leaves a line about it, which a busy machine makes likelier.
@pytest.mark.alone
@pytest.mark.parametrize("scene", ["beam", "camera"])
def test_signal_ends_it_while_a_receiver_is_stopped(scene: str) -> None:
    """A receiver that takes nothing blocks a PUSH socket; the simulator ends all the same."""
    with running_simulator("-d", "0", "--size", "1280x960", "--scene", scene) as (process, port):
        with zmq.Context() as context, context.socket(zmq.PULL) as receiver:
            receiver.rcvhwm = 1
            receiver.rcvtimeo = int(deadline(5) * 1000)
            receiver.connect(f"tcp://127.0.0.1:{port}")
            receiver.recv_multipart()
            assert process.end() == 0
    assert "Traceback" not in process.output()


def test_last_messages_arrive_though_the_simulator_has_ended() -> None:
    """What was sent to a connected receiver still leaves when the process ends."""
    with running_simulator("-d", "0", "-n", "8", "--size", "64x48") as (_, port), source_of(port) as source:
        assert [receive(source).pulse_id for _ in range(8)] == list(range(8))


def test_reader_of_its_output_may_go_away() -> None:
    """`start_stream.py | head -1` does not stop the stream, and nothing is written to stderr."""
    options = ["-o", "0", "-d", "0.01", "-n", "20", "--mode", "pub", "--size", "64x48"]
    with subprocess.Popen(
        [sys.executable, SCRIPT, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline().startswith("sending beam on port ")
        process.stdout.close()
        assert process.wait(deadline(10)) == 0
        assert process.stderr.read() == ""

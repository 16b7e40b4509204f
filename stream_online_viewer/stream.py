"""The camera simulator: a bsread stream on a port of this machine."""

import itertools
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from functools import partial
from typing import TypeVar

from stream_online_viewer.simulation.array10 import array_scene, check_options
from stream_online_viewer.simulation.beam import BeamScene
from stream_online_viewer.simulation.camera import check_dtype
from stream_online_viewer.simulation.camera_scene import CameraScene
from stream_online_viewer.simulation.encoded import EncodedCamera, EncodedMessage, EncodedScene
from stream_online_viewer.simulation.merged import MergedScene
from stream_online_viewer.simulation.message import Message, Scene, Sender
from stream_online_viewer.simulation.options import SCENES
from stream_online_viewer.simulation.pacing import DelayPacer, Pacer, RatePacer, RateReport, sleeping
from stream_online_viewer.simulation.pipeline import PipelineScene
from stream_online_viewer.simulation.stream_sender import StreamSender

M = TypeVar("M")

MAKERS: dict[str, Callable[[tuple[int, int], str], Scene[Message]]] = {
    "beam": BeamScene,
    "camera": CameraScene,
    "pipeline": PipelineScene,
    "merged": MergedScene,
}


def generate_stream(
    output_port: int = 8888,
    n_images: int = 1000,
    delay: float = 0.1,
    *,
    rate: float | None = None,
    scene: str = "beam",
    mode: str = "push",
    host: str = "*",
    size: tuple[int, int] = (640, 480),
    dtype: str | None = None,
    compression: str = "none",
    pulse_id_start: int = 0,
    library: bool = False,
    protocol: str = "bsread",
    opened: Callable[[int], None] = lambda port: None,
    write: Callable[[str], None] = lambda line: None,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Send `n_images` messages of a simulated camera on `output_port`; without end if `n_images` is negative.

    By default this is the facility's generator: the beam picture of `stream_online_viewer.data` from a bound PUSH
    socket, with `delay` seconds between two sends. The messages are to the byte those of `bsread.Sender`. A PUSH socket
    waits for a receiver and keeps up to ten messages for a slow one; a PUB socket drops messages that nobody takes.

    rate: sends a second, kept exactly; replaces `delay`.
    scene: one of `simulation.options.SCENES`; what each holds is told in `simulation.beam`, `.camera`, `.pipeline` and
        `.merged`.
    mode: "push" or "pub". host: interface to bind, "*" for all. output_port 0: any free port, see `opened`.
    size: columns and rows of the image. dtype: of the image; None is float64 for the beam, uint16 for the others.
    compression: of all channels, "none", "lz4" or "bitshuffle_lz4".
    pulse_id_start: pulse id of the first message; the following ones count up by one.
    library: send with `bsread.Sender` itself; psi-bsread must be installed.
    protocol: one of `simulation.options.PROTOCOLS`; array-1.0 carries the image of a scene and nothing else.
    opened: called with the port once it is bound. write: called with a line about the rate every few seconds.
    check: called before each try to send and ten times a second while nothing is to be sent; an exception that it
        raises ends the stream.

    Raises SettingsError if the port cannot be bound, or the scene cannot have this dtype or protocol.
    """
    if scene not in SCENES:
        raise ValueError(f"no scene {scene!r}; there are {', '.join(SCENES)}")
    if protocol != "bsread":
        check_options(scene, compression, library)
    dtype = dtype or ("float64" if scene == "beam" else "uint16")
    if scene != "beam":
        check_dtype(dtype)
    sleep = sleeping(check)
    pacer: Pacer = DelayPacer(delay, sleep) if rate is None else RatePacer(rate, sleep=sleep)
    make = partial(CameraScene, check=check) if scene == "camera" else MAKERS[scene]
    report = RateReport(pacer, write)
    count = itertools.count(pulse_id_start)
    pulse_ids = count if n_images < 0 else itertools.islice(count, n_images)
    with ExitStack() as stack:
        if library:
            from stream_online_viewer.simulation.library_sender import LibrarySender

            theirs = stack.enter_context(
                closing(LibrarySender(mode, host, output_port, compression, pulse_id_start, check))
            )
            stack.callback(report.end)
            opened(theirs.port)
            _send_all(make(size, dtype), theirs, pulse_ids, pacer, report)
        else:
            sender = stack.enter_context(closing(StreamSender(mode, host, output_port, pulse_id_start, check)))
            stack.callback(report.end)
            opened(sender.port)
            if protocol == "bsread":
                encoded: Scene[EncodedMessage]
                if scene == "camera":
                    encoded = EncodedCamera(size, dtype, compression, check)
                else:
                    encoded = EncodedScene(make(size, dtype), compression)
                _send_all(encoded, sender, pulse_ids, pacer, report)
            else:
                _send_all(array_scene(scene, size, dtype, make, check), sender, pulse_ids, pacer, report)


def _send_all(scene: Scene[M], sender: Sender[M], pulse_ids: Iterable[int], pacer: Pacer, report: RateReport) -> None:
    for pulse_id in pulse_ids:
        # Made before the wait, so that making it does not delay the send.
        message = scene.message(pulse_id)
        pacer.wait()
        sender.send(message)
        report.sent()

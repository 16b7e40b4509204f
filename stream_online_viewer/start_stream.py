"""Entry point of the camera simulator: python stream_online_viewer/start_stream.py -o PORT -n N -d DELAY."""

import argparse
import importlib
import math
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

if not __package__:
    # Run as a script, Python puts this folder first on the path; the package is found from the folder above.
    _HERE = os.path.dirname(os.path.realpath(__file__))
    sys.path[:] = [os.path.dirname(_HERE), *(entry for entry in sys.path if os.path.realpath(entry) != _HERE)]

PACKAGES = ("numpy", "zmq", "imagecodecs")
LIBRARY = "bsread"
LARGEST_IMAGE = 2**26
"""Pixels of the largest image, 8192x8192."""


class _Stopped(BaseException):
    """A signal asked for the end."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


class _Signals:
    """Ends the program when SIGINT or SIGTERM arrives: at once while ``at_once``, else at the next :meth:`check`.

    An exception that a signal raises wherever the program happens to be can leave a ZeroMQ object half closed, which
    then waits for ever, or be lost where an object is just being deleted. So it is raised anywhere only while there is
    no ZeroMQ object, and where the output is written, which blocks while nobody reads it.
    """

    def __init__(self) -> None:
        self.at_once = True
        self._stopped: _Stopped | None = None

    def receive(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        # Sending the last messages takes up to a second, which a second signal must not interrupt.
        for other in (signal.SIGINT, signal.SIGTERM):
            signal.signal(other, signal.SIG_IGN)
        self._stopped = _Stopped(130 if number == signal.SIGINT else 0)
        if self.at_once:
            raise self._stopped

    def check(self) -> None:
        """Raise what a signal asked for."""
        if self._stopped is not None:
            raise self._stopped

    def write(self, line: str) -> None:
        """Write a line to stdout."""
        self.at_once = True
        try:
            # In one piece: a signal must not come between the line and its end.
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            # The output with the rates was closed; the stream goes on.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        finally:
            self.at_once = False

    def forget(self, lost: "sys.UnraisableHookArgs") -> None:
        """Say nothing of a signal's exception that could not be passed on: :meth:`check` raises it again."""
        if not isinstance(lost.exc_value, _Stopped):
            sys.__unraisablehook__(lost)


def main(argv: Sequence[str] | None = None) -> int:
    """Send until all messages are sent or a signal arrives, and return the exit code.

    0: all messages sent, or SIGTERM. 2: an option that cannot be used, a busy port, or a missing package, with one line
    on stderr. 130: Ctrl-C.
    """
    signals = _Signals()
    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number, handler in previous.items():
        if handler != signal.SIG_IGN:
            signal.signal(number, signals.receive)
    hook = sys.unraisablehook
    sys.unraisablehook = signals.forget
    try:
        return _send(_parse(argv), signals)
    except _Stopped as stopped:
        return stopped.exit_code
    finally:
        sys.unraisablehook = hook
        for number, handler in previous.items():
            signal.signal(number, handler)


def _send(options: argparse.Namespace, signals: _Signals) -> int:
    # The threads of bitshuffle, used by psi-bsread, wait busily and would take the processor from the receiver.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    for package in (*PACKAGES, LIBRARY) if options.library else PACKAGES:
        try:
            importlib.import_module(package)
        except ImportError as error:
            remedy = "pip install psi-bsread" if package == LIBRARY else "make install"
            return _fail(f"the package {package!r} cannot be used ({error}); run: {remedy}")
    from stream_online_viewer.errors import SettingsError
    from stream_online_viewer.stream import generate_stream

    signals.at_once = False

    def opened(port: int) -> None:
        waits = ", waiting for a receiver" if options.mode == "push" else ""
        signals.write(f"sending {options.scene} on port {port} ({options.mode.upper()}{waits})")

    try:
        generate_stream(
            options.output_port,
            options.n_images,
            options.delay,
            rate=options.rate,
            scene=options.scene,
            mode=options.mode,
            host=options.host,
            size=options.size,
            dtype=options.dtype,
            compression=options.compression,
            pulse_id_start=options.pulse_id_start,
            library=options.library,
            protocol=options.protocol,
            opened=opened,
            write=signals.write,
            check=signals.check,
        )
    except SettingsError as error:
        return _fail(str(error))
    return 0


def _fail(text: str) -> int:
    print(f"start_stream.py: {text}", file=sys.stderr)
    return 2


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Exit with code 2 and one line, without argparse's usage text."""
        self.exit(_fail(f"{message}; see --help"))


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    from stream_online_viewer.simulation.options import COMPRESSIONS, MODES, PROTOCOLS, SCENES, TYPES

    parser = _Parser(
        prog="start_stream.py",
        description="Simulate a camera: send a bsread stream.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "-o", "--output-port", type=_port, default=8888, metavar="PORT", help="to bind; 0: any free one (default: 8888)"
    )
    add("-n", "--n-images", type=int, default=-1, metavar="N", help="messages to send (default: -1, without end)")
    pace = parser.add_mutually_exclusive_group()
    pace.add_argument(
        "-d", "--delay", type=_delay, metavar="SECONDS", help="time to wait between two sends (default: 0.1)"
    )
    pace.add_argument(
        "--rate",
        type=_rate,
        metavar="HZ",
        help="sends a second, kept exactly; instead of -d (default for the scene merged: 100)",
    )
    add(
        "--scene",
        choices=SCENES,
        default="beam",
        help="beam: the facility's picture; camera: a 12-bit camera, encoded once, for large images at high rates; "
        "pipeline: all channels of a processing server; merged: scalars in every message, the image in every "
        "tenth (default: beam)",
    )
    add(
        "--protocol",
        choices=PROTOCOLS,
        default="bsread",
        help="what the messages are; array-1.0 carries the image alone, without a time (default: bsread)",
    )
    add("--mode", choices=MODES, default="push", help="type of the ZeroMQ socket (default: push)")
    add("--host", default="*", help="address to bind (default: all IPv4 interfaces; :: for IPv6 too)")
    add("--size", type=_size, default="640x480", metavar="WxH", help="columns and rows (default: 640x480)")
    add("--dtype", choices=TYPES, help="type of the pixels (default: float64 for the beam, uint16 for the others)")
    add("--compression", choices=COMPRESSIONS, default="none", help="of all channels (default: none)")
    add("--pulse-id-start", type=_pulse_id, default=0, metavar="ID", help="of the first message (default: 0)")
    add("--library", action="store_true", help="send with psi-bsread, the facility's library, where it is installed")
    options = parser.parse_args(argv)
    if options.delay is None:
        options.delay = 0.1
        if options.rate is None and options.scene == "merged":
            options.rate = 100.0
    return options


def _port(text: str) -> int:
    if text.isdecimal() and int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port number from 0 to 65535")


def _delay(text: str) -> float:
    return _seconds_or_hertz(text, smallest=0.0, what="a number of seconds, 0 or more")


def _rate(text: str) -> float:
    return _seconds_or_hertz(text, smallest=1e-3, what="a rate in Hz, 0.001 or more")


def _seconds_or_hertz(text: str, smallest: float, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if smallest <= number <= 1e6:
        return number
    raise argparse.ArgumentTypeError(f"{text!r} is not {what}")


def _size(text: str) -> tuple[int, int]:
    columns, _, rows = text.partition("x")
    if columns.isdecimal() and rows.isdecimal():
        # psi-bsread returns an image of one row or column with one dimension less.
        if int(columns) < 2 or int(rows) < 2:
            raise argparse.ArgumentTypeError(f"{text!r}: psi-bsread cannot receive images of less than 2x2 pixels")
        if int(columns) * int(rows) > LARGEST_IMAGE:
            raise argparse.ArgumentTypeError(f"{text!r} has more than {LARGEST_IMAGE} pixels")
        return int(columns), int(rows)
    raise argparse.ArgumentTypeError(f"{text!r} is no size like 640x480 (columns x rows)")


def _pulse_id(text: str) -> int:
    if text.isdecimal() and int(text) < 2**63:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no pulse id from 0 to 2^63 - 1")


if __name__ == "__main__":
    sys.exit(main())

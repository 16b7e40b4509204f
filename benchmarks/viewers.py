"""The facility's stream and that of the largest camera with 1, 10 and 50 viewers, exact and as preview.

Images of 16, 25 and 67 megapixels have one viewer.

Beside each the server in C that sends frames as long as the exact ones, and a naive Flask server that sends JPEG. In
the ``saturated`` cases the source is as fast as it can be, or as the camera: what all viewers together then get is what
this machine carries, with the sender and the viewers on it.
"""

import sys
from dataclasses import dataclass
from functools import partial

import zmq

from benchmarks.crowd import LIFTED, PREVIEW, open_many_files
from benchmarks.report import Aim, Section, amount, parser
from benchmarks.sides import HEAD, Sides
from tests.simulator import running_simulator

WANTS = {"exact": {"format": "exact"}, "preview": PREVIEW}
PACKED = ("--compression", "bitshuffle_lz4")
CAMERA = ("--scene", "camera", "--size", "2560x2160", *PACKED)
AIM, AIM_P50_MS = 1.3, 20.0
AIMED = "facility's, 10 Hz, 50 viewers"
FIRST_MESSAGE_MS = 300_000
FASTEST = 200.0
"""Images a second, about the most that the facility's generator reaches; what the server in C then sends."""


@dataclass(frozen=True)
class Case:
    """Options of the simulator, images a second, and viewers."""

    stream: tuple[str, ...]
    rate: float
    viewers: int
    naive: int = 1
    longer: float = 1.0
    """Turns are so many times as long as others, where images are rare."""


def large(size: str, rate: float) -> Case:
    """Return the case of a very large camera, for which a naive server has no place."""
    return Case(("--scene", "camera", "--size", size, *PACKED, "--rate", f"{rate:g}"), rate, 1, naive=0, longer=3.0)


CASES = {
    "facility's, 10 Hz, 1 viewer": Case(("--rate", "10"), 10, 1),
    **{f"facility's, 10 Hz, {n} viewers": Case(("--rate", "10"), 10, n) for n in (10, 50)},
    "2560x2160, 10 Hz, 1 viewer": Case((*CAMERA, "--rate", "10"), 10, 1),
    **{f"2560x2160, 10 Hz, {n} viewers": Case((*CAMERA, "--rate", "10"), 10, n) for n in (10, 50)},
    "16 megapixels, 5 Hz, 1 viewer": large("4096x4096", 5),
    "25 megapixels, 5 Hz, 1 viewer": large("5120x5120", 5),
    "67 megapixels, 2 Hz, 1 viewer": large("8192x8192", 2),
    "facility's, saturated, 50 viewers": Case(("-d", "0"), FASTEST, 50, naive=0),
    "2560x2160, saturated, 50 viewers": Case((*CAMERA, "--rate", "100"), 100, 50, naive=0),
}
QUICK = ("facility's, 10 Hz, 50 viewers",)


def wait_for_message(port: int) -> None:
    """Return when a stream sends: the images of a large camera are made before the first is sent."""
    with zmq.Context() as context, context.socket(zmq.SUB) as socket:
        socket.set(zmq.LINGER, 0)
        socket.set(zmq.RCVTIMEO, FIRST_MESSAGE_MS)
        socket.subscribe(b"")
        socket.connect(f"tcp://127.0.0.1:{port}")
        socket.recv_multipart(copy=False)


def measure(name: str, runs: int, seconds: float, wait: float, quick: bool) -> Sides:
    """Measure one case."""
    case = CASES[name]
    with running_simulator(*case.stream, "--mode", "pub") as (sender, port):
        wait_for_message(port)
        sides = Sides(name, (sender.pid, port), case.rate, case.viewers, WANTS, seconds * case.longer, wait)
        return sides.compare(runs, with_c=True, naive_runs=0 if quick else case.naive)


def main() -> int:
    """Measure what the options say."""
    options = parser(__doc__, seconds=2, runs=5)
    options.add_argument("--case", action="append", choices=CASES, help="only this one; may be repeated")
    given = options.parse_args()
    runs, seconds = amount(given.runs, given.quick, 1, 5), amount(given.seconds, given.quick, 2.0, 2.0)
    open_many_files()
    section = Section("viewers", "Viewers of two streams, exact and preview", given.json, "viewers --case CASE")
    section.notes = [
        f"{runs} rounds of turns of {seconds:g} s. {LIFTED} The facility's stream is 640x480 float64, that of the "
        "camera 2560x2160 uint16 bitshuffle_lz4; a preview is for a picture of 1000 x 700 pixels. Turns with images "
        "of 16 megapixels and more are three times as long."
    ]
    found: dict[str, Sides] = {}
    names = given.case or (QUICK if given.quick else CASES)
    for name in names:
        sides = section.attempt(name, partial(measure, name, runs, seconds, given.wait, given.quick))
        if sides is not None:
            found[name] = sides
            section.failed += [f"{name}, {side}: {why}" for side, why in sides.missing.items() if side in WANTS]
        section.put(
            [("", HEAD, [row for case, sides in found.items() for row in sides.rows(case)])],
            aims(found) if AIMED in names else [],
            cases={case: sides.figures() for case, sides in found.items()},
        )
    return section.end()


def aims(found: dict[str, Sides]) -> list[Aim]:
    """Return the results for the aims."""
    sides = found.get(AIMED)
    turns = [] if sides is None else sides.turns["exact"]
    p50 = [p50 for turn in turns if (p50 := turn.groups[0].p50) is not None]
    return [
        Aim(
            "50 viewers of the facility's stream at 10 Hz, exact: CPU per delivered frame / server in C",
            AIM,
            [] if sides is None else sides.ratios("exact"),
            " x",
        ),
        Aim(
            "the same: p50 from receipt by the server to complete receipt by a viewer", AIM_P50_MS, p50, " ms", digits=1
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())

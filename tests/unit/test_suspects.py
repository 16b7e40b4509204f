"""What is not tried again after it ended the receiving process, and what is not blamed for it."""

import json
import os
import signal

from stream_online_viewer.protocol.encodings import Encoding, EncodingRecord, new_descriptor
from stream_online_viewer.web.suspects import KILLED_TIMES, MOST_OF_A_KIND, Suspects


def encoding(slot: int = 0, hung: bool = False, channel: str = "image", **rendition: object) -> Encoding:
    """Return an encoding of a preview of a camera."""
    facts = {"channel": channel, "dtype": "uint16", "shape": [4, 5], "form": {"name": "preview", **rendition}}
    return Encoding(slot, json.dumps(facts, separators=(",", ":")).encode(), 1.0, 20, hung)


def refused(suspects: Suspects) -> list[str]:
    """Return what is refused."""
    return [what for what, _ in suspects.refused]


def test_a_crash_is_laid_to_what_was_being_encoded() -> None:
    """Of two, to what the encoder made, not to what was only passed on."""
    suspects = Suspects()
    made, passed = encoding(0, binning=2), encoding(1, channel="other")
    assert suspects.ended(-signal.SIGSEGV, [passed, made], [], 1.0) == made.what.decode()
    ((what, why),) = suspects.refused
    assert what == made.what.decode()
    assert "SIGSEGV" in why
    assert suspects.ended(-signal.SIGBUS, [passed], [], 1.0) == passed.what.decode()


def test_what_hung_is_refused_and_nothing_else() -> None:
    """Found by the process itself, or by the silence of the process."""
    suspects = Suspects()
    hangs = encoding(0, hung=True, binning=3)
    assert suspects.ended(70, [encoding(1), hangs], [], 1.0) == hangs.what.decode()
    silent = encoding(0, channel="other", binning=4)
    assert suspects.ended(0, [silent], [silent], 1.0) == silent.what.decode()
    assert len(suspects.refused) == 2


def test_nobody_is_blamed_for_an_end_from_outside() -> None:
    """A signal from outside, an exit, a process that was stopped: whatever was being encoded meanwhile."""
    suspects = Suspects()
    for code in (-signal.SIGKILL, -signal.SIGTERM, 1, 0):
        assert suspects.ended(code, [encoding()], [], 1.0) is None
    assert suspects.refused == []


def test_what_is_under_way_each_time_that_the_process_is_killed_is_refused_in_the_end() -> None:
    """The kernel may kill it for want of memory; a long life in between says that it was something else."""
    suspects = Suspects()
    for _ in range(KILLED_TIMES - 1):
        assert suspects.ended(-signal.SIGKILL, [encoding()], [], 1.0) is None
    assert suspects.ended(-signal.SIGKILL, [encoding()], [], 1000.0) is None
    for _ in range(KILLED_TIMES - 2):
        assert suspects.ended(-signal.SIGKILL, [encoding()], [], 1.0) is None
    assert suspects.ended(-signal.SIGKILL, [encoding()], [], 1.0) is not None


def test_forms_that_differ_little_are_refused_together_in_the_end() -> None:
    """The detail under the cursor makes another rendition of each place."""
    suspects = Suspects()
    for number in range(MOST_OF_A_KIND):
        last = suspects.ended(-signal.SIGSEGV, [encoding(hover=[number, 0])], [], 1.0)
    assert last is not None
    assert json.loads(last)["form"] == "preview"
    assert last in refused(suspects)


def test_the_number_of_refusals_is_bounded() -> None:
    """As many as fit the start of a process; of other images."""
    suspects = Suspects()
    for number in range(200):
        facts = {"channel": f"c{number}", "dtype": "uint8", "shape": [1, 2], "form": {"name": "png"}}
        suspects.ended(-signal.SIGSEGV, [Encoding(0, json.dumps(facts).encode(), 0.0, 2, False)], [], 1.0)
    assert len(suspects.refused) == 64


def test_the_record_outlives_who_writes_it() -> None:
    """Two threads, two descriptors of one memory; what ended is gone, what is too long is cut."""
    descriptor = new_descriptor()
    writer, reader = EncodingRecord(descriptor), EncodingRecord(os.dup(descriptor))
    assert reader.under_way() == []
    writer.begin(0, b"first", 12.5, 100)
    writer.begin(1, b"x" * 100000, 13.5, 200)
    first, second = reader.under_way()
    assert first == Encoding(0, b"first", 12.5, 100, False)
    assert second.pixels == 200
    writer.hangs(0)
    writer.end(1)
    writer.close()
    (left,) = reader.under_way()
    assert left.hung

"""Text messages of viewers are read in turns, one after the other, and their wants take effect in turns."""

import json

import pytest

from stream_online_viewer.protocol.client import Want
from stream_online_viewer.web.allowance import CHANGE_SECONDS
from stream_online_viewer.web.turns import Turns
from stream_online_viewer.web.words import Words
from tests.unit.fake_time import FakeTime
from tests.unit.loop_turns import Loop


class Speaker:
    """A viewer whose messages are given by a test."""

    def __init__(self, turns: Turns, time: FakeTime) -> None:
        self.wants: list[Want] = []
        self.refused: list[tuple[int, str]] = []
        self.words = Words(turns, time.clock, time.later, self.wants.append, self._refuse)

    def _refuse(self, code: int, reason: str) -> None:
        self.refused.append((code, reason))
        self.words.close()

    def say(self, **keys: object) -> None:
        self.words.add(json.dumps({"kind": "want", **keys}).encode())


def test_one_message_is_read_in_each_turn() -> None:
    """Twenty viewers that speak at once are read in twenty turns, and their wants take effect in as many more."""
    loop, time = Loop(), FakeTime()
    turns = Turns(loop.waiting.append)
    speakers = [Speaker(turns, time) for _ in range(20)]
    for speaker in speakers:
        speaker.say(slice=1)
    assert len(loop.waiting) == 1
    heard = []
    while loop.waiting:
        loop.turn()
        heard.append(sum(len(speaker.wants) for speaker in speakers))
    assert heard == [0] * 20 + list(range(1, 21))


def test_nobody_waits_for_all_that_another_says() -> None:
    """Who says much at once is read message by message, in turns with the others."""
    loop, time = Loop(), FakeTime()
    turns = Turns(loop.waiting.append)
    many, one = Speaker(turns, time), Speaker(turns, time)
    for number in range(50):
        many.say(slice=number)
    one.say(slice=7)
    for _ in range(6):
        loop.turn()
    assert [want.slice for want in one.wants] == [7]
    loop.run()
    # The first one took effect, of the others only the last will.
    assert [want.slice for want in many.wants][0] < 10
    assert len(many.wants) == 1
    time.pass_by(CHANGE_SECONDS)
    loop.run()
    assert many.wants[-1].slice == 49
    assert len(many.wants) == 2


def test_each_want_changes_the_one_before() -> None:
    """Keys that a message leaves out stay as an earlier message said, also one that has not taken effect."""
    loop, time = Loop(), FakeTime()
    speaker = Speaker(Turns(loop.waiting.append), time)
    speaker.say(slice=3, rate=5)
    speaker.say(rate=2)
    loop.run()
    time.pass_by(CHANGE_SECONDS)
    loop.run()
    assert (speaker.wants[-1].slice, speaker.wants[-1].rate) == (3, 2.0)


@pytest.mark.parametrize(
    ("message", "code", "reason"),
    [(b"\xff", 1007, "UTF-8"), (b"{", 1008, "JSON"), (b'{"kind":"want","slice":-1}', 1008, "slice")],
)
def test_nothing_is_read_after_a_wrong_message(message: bytes, code: int, reason: str) -> None:
    """It is refused with its reason, and what was said after it has no effect."""
    loop, time = Loop(), FakeTime()
    speaker = Speaker(Turns(loop.waiting.append), time)
    speaker.words.add(message)
    speaker.say(slice=1)
    loop.run()
    time.pass_by(1.0)
    loop.run()
    assert [found for found, _ in speaker.refused] == [code]
    assert reason in speaker.refused[0][1]
    assert not speaker.wants

"""The timer of the web process: at most one pending call."""

from stream_online_viewer.web.clock import Timer
from tests.unit.fake_time import FakeTime


def test_a_timer_calls_once_after_its_time() -> None:
    """Not before, not twice, and during the call it is free to be started again."""
    time, timer, called = FakeTime(), Timer(), []

    def call() -> None:
        called.append((time.now, timer.running))

    start = time.now
    timer.start(time.later, 2.0, call)
    time.pass_by(1.9)
    assert (called, timer.running) == ([], True)
    time.pass_by(10.0)
    assert (called, timer.running) == ([(start + 2.0, False)], False)


def test_starting_again_replaces_the_pending_call_and_cancelling_drops_it() -> None:
    """Of two starts only the second one has an effect, and after a cancel there is none."""
    time, timer, called = FakeTime(), Timer(), list[str]()
    timer.start(time.later, 1.0, lambda: called.append("first"))
    timer.start(time.later, 2.0, lambda: called.append("second"))
    time.pass_by(5.0)
    assert called == ["second"]
    timer.start(time.later, 1.0, lambda: called.append("third"))
    timer.cancel()
    timer.cancel()
    time.pass_by(5.0)
    assert (called, timer.running) == (["second"], False)

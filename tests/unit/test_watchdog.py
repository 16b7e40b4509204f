"""Who hangs and who only gets no processor: by the kernel's account of real processes, and by accounts of our own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from stream_online_viewer.protocol.encodings import Encoding
from stream_online_viewer.threadtimes import Sample, ThreadTimes
from stream_online_viewer.web.watchdog import LONGEST_SILENCE, START_SECONDS, WATCH_SECONDS, Watchdog
from tests.support import deadline

SILENT = "import time; time.sleep(100)"
BUSY = "while True: pass"


@contextmanager
def child(code: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run Python code; it is ready when it has written a byte."""
    begin = "import sys; sys.stdout.write('x'); sys.stdout.flush()\n"
    with subprocess.Popen([sys.executable, "-S", "-c", begin + code], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.read(1) == b"x"
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()


def seconds_until_verdict(watchdog: Watchdog, most: float) -> tuple[float, str | None]:
    """Ask as the server does after a report, and return when there was a verdict, and which."""
    begin = time.monotonic()
    watchdog.report(begin)
    while (now := time.monotonic()) - begin < most:
        verdict = watchdog.verdict(now)
        if verdict is not None:
            return now - begin, verdict
        time.sleep(WATCH_SECONDS)
    return most, None


def test_a_stopped_process_hangs() -> None:
    """After a second, whatever the machine does; the text says what it is."""
    with child(BUSY) as process:
        process.send_signal(signal.SIGSTOP)
        watchdog = Watchdog(process.pid, time.monotonic())
        seconds, verdict = seconds_until_verdict(watchdog, deadline(5))
        assert verdict is not None
        assert verdict.endswith("it is stopped")
        assert watchdog.stopped
        assert seconds < deadline(3)


def test_a_process_that_sleeps_without_a_report_hangs() -> None:
    """A deadlock."""
    with child(SILENT) as process:
        seconds, verdict = seconds_until_verdict(Watchdog(process.pid, time.monotonic()), deadline(5))
        assert verdict is not None
        assert verdict.endswith("it sleeps")
        assert seconds < deadline(3)


def test_a_process_that_runs_without_a_report_hangs() -> None:
    """A loop without end. On a busy machine it takes until it was given its time, at most ten seconds."""
    with child(BUSY) as process:
        seconds, verdict = seconds_until_verdict(Watchdog(process.pid, time.monotonic()), LONGEST_SILENCE + deadline(3))
        assert verdict is not None
        assert seconds < LONGEST_SILENCE + deadline(3)


def test_a_process_that_gets_no_processor_does_not_hang() -> None:
    """Idle priority beside busy loops on the same processor: nothing is wrong with it for as long as we look."""
    cpu = min(os.sched_getaffinity(0))
    pin = f"import os; os.sched_setaffinity(0, [{cpu}])\n"
    idle = "os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))\n"
    with child(pin + idle + BUSY) as starved, child(pin + BUSY), child(pin + BUSY):
        watchdog = Watchdog(starved.pid, time.monotonic())
        assert seconds_until_verdict(watchdog, 3.0) == (3.0, None)


class Told:
    """A kernel's account in the hands of a test."""

    def __init__(self, *threads: int) -> None:
        self.threads = dict.fromkeys(threads, Sample(0.0, 0.0, "S"))

    def times(self) -> ThreadTimes:
        """Return who follows it."""
        return ThreadTimes(1, tuple(self.threads), lambda _, thread: self.threads.get(thread))

    def go(self, thread: int, ran: float = 0.0, waited: float = 0.0, state: str = "S") -> None:
        """One more look's worth of a thread."""
        last = self.threads[thread]
        self.threads[thread] = Sample(last.ran + ran, (last.waited or 0.0) + waited, state)


def verdict_at(told: Told, each: Any, seconds: float, **more: Any) -> tuple[float, str | None]:
    """Ask each tenth of a second, after ``each`` changed the account; return when there was a verdict, and which."""
    watchdog = Watchdog(1, 0.0, times=told.times(), **more)
    watchdog.report(0.0)
    for step in range(1, round(seconds / WATCH_SECONDS)):
        now = step * WATCH_SECONDS
        each(told)
        verdict = watchdog.verdict(now)
        if verdict is not None:
            return now, verdict
    return seconds, None


def test_ten_seconds_in_any_case() -> None:
    """Who waits for a processor is let wait for ten seconds, no longer."""
    at, verdict = verdict_at(Told(7), lambda told: told.go(7, waited=0.1, state="R"), 20)
    assert at == pytest.approx(LONGEST_SILENCE, abs=0.2)
    assert verdict is not None
    assert "no processor" in verdict


def test_a_wait_is_seen_before_the_kernel_has_counted_it() -> None:
    """The kernel counts a wait when it ends; a thread that is ready and never runs waits all the same."""
    assert verdict_at(Told(7), lambda told: told.go(7, state="R"), 9) == (9, None)


def test_waiting_for_the_disk_is_no_hanging() -> None:
    """State D: it could not be killed either."""
    assert verdict_at(Told(7), lambda told: told.go(7, state="D"), 9) == (9, None)


def test_one_thread_that_waits_speaks_for_all() -> None:
    """The lock of Python may be held by a thread that gets no processor; the main thread then sleeps."""

    def go(told: Told) -> None:
        told.go(7)
        told.go(8, ran=0.002, waited=0.098, state="R")

    assert verdict_at(Told(7, 8), go, 9) == (9, None)


def test_half_a_processor_is_counted_half() -> None:
    """A loop without end that gets half of a processor: found when it had its time."""
    at, verdict = verdict_at(Told(7), lambda told: told.go(7, ran=0.05, waited=0.05, state="R"), 9)
    assert 1.5 < at < 2.5
    assert verdict is not None
    assert "it ran all the time" in verdict


def test_an_encoding_may_keep_the_others_from_running() -> None:
    """Native code that holds Python's lock gets what an honest encoding of that size may take, not more."""

    def under_way() -> list[Encoding]:
        return [Encoding(0, b"{}", -1.0, 1000, False)]

    at, verdict = verdict_at(Told(7), lambda told: told.go(7, ran=0.1, state="R"), 9, under_way=under_way)
    assert 3.0 < at < 4.0
    assert verdict is not None


def test_where_the_kernel_keeps_no_account() -> None:
    """All that is left is the clock, with more patience."""
    at, verdict = verdict_at(Told(), lambda told: None, 9)
    assert 2.5 < at < 4.5
    assert verdict is not None


def test_a_slow_start_is_not_given_up() -> None:
    """As long as something moves it may take a minute."""

    def each(told: Told) -> None:
        told.go(7, ran=0.0005, waited=0.05, state="R")

    told = Told(7)
    watchdog = Watchdog(1, 0.0, times=told.times())
    for step in range(1, 600):
        each(told)
        assert watchdog.verdict(step * WATCH_SECONDS) is None
    for step in range(600, 800):
        told.go(7)
        verdict = watchdog.verdict(step * WATCH_SECONDS)
        if verdict is not None:
            break
    assert verdict is not None
    assert "did not start" in verdict
    assert "nothing moved" in verdict
    assert (step - 600) * WATCH_SECONDS == pytest.approx(START_SECONDS, abs=0.3)


def test_a_server_that_was_kept_from_running_itself_blames_nobody() -> None:
    """Its own pause of nine seconds is not the other process's silence."""
    watchdog = Watchdog(1, 0.0, times=Told(7).times())
    watchdog.report(0.0)
    assert watchdog.verdict(0.4) is None
    assert watchdog.verdict(9.4) is None


def test_kernels_without_schedstat(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processor time and state are in another file too, so a busy loop and a sleep are told apart."""
    real = Path.read_text

    def read(path: Any, *arguments: Any, **more: Any) -> Any:
        if path.name == "schedstat":
            raise FileNotFoundError(path)
        return real(path, *arguments, **more)

    monkeypatch.setattr(Path, "read_text", read)
    with child(BUSY) as busy, child(SILENT) as silent:
        times = [ThreadTimes(process.pid) for process in (busy, silent)]
        for each in times:
            assert each.look(time.monotonic()) is None
        time.sleep(0.5)
        looks = [each.look(time.monotonic()) for each in times]
    assert looks[0].ran + looks[0].waited > 0.8 * looks[0].seconds
    assert looks[1].ran + looks[1].waited < 0.1 * looks[1].seconds

"""When the simulator sends, and which rate it reports, with a clock that the tests move."""

from typing import Any

import pytest

from stream_online_viewer.simulation.pacing import DelayPacer, RatePacer, RateReport


class Clock:
    """A clock that moves only when it is slept on or pushed."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: Any) -> None:
        self.slept.append(seconds)
        self.now += seconds


def send_times(pacer: DelayPacer | RatePacer, clock: Clock, works: list[float]) -> list[Any]:
    """Return when messages are sent that take `works` seconds each."""
    times = []
    for work in works:
        pacer.wait()
        times.append(clock.now - 1000.0)
        clock.now += work
    return times


def test_delay_comes_on_top_of_the_work() -> None:
    """With a delay the period is the delay plus the time of a send, as with the facility's generator."""
    clock = Clock()
    assert send_times(DelayPacer(0.1, clock.sleep), clock, [0.02] * 4) == pytest.approx([0, 0.12, 0.24, 0.36])


def test_no_delay_never_sleeps() -> None:
    """With a delay of 0 messages follow each other at once."""
    clock = Clock()
    send_times(DelayPacer(0, clock.sleep), clock, [0.02] * 4)
    assert clock.slept == []


def test_rate_is_kept_however_long_a_send_takes() -> None:
    """With a rate the sends lie on a grid, whatever part of the period the work takes."""
    clock = Clock()
    times = send_times(RatePacer(10, clock, clock.sleep), clock, [0.0, 0.09, 0.02, 0.0999, 0.05])
    assert times == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])


def test_rate_does_not_drift_with_the_number_of_messages() -> None:
    """After a million sends at a period that no float holds exactly, the grid is where it belongs."""
    clock = Clock()
    pacer = RatePacer(300, clock, clock.sleep)
    for _ in range(1_000_001):
        pacer.wait()
    assert clock.now - 1000.0 == pytest.approx(1_000_000 / 300, abs=1e-6)


def test_a_send_late_by_less_than_a_period_leaves_the_grid() -> None:
    """One long send is made up for by the next wait; no deadline counts as missed."""
    clock = Clock()
    pacer = RatePacer(10, clock, clock.sleep)
    assert send_times(pacer, clock, [0.0, 0.15, 0.0, 0.0]) == pytest.approx([0, 0.1, 0.25, 0.3])
    assert pacer.missed == 0


def test_missed_deadlines_are_not_made_up_for_by_a_burst() -> None:
    """After a pause of 2.55 s at 10 Hz the next message leaves at once, and all later ones a period apart."""
    clock = Clock()
    pacer = RatePacer(10, clock, clock.sleep)
    times = send_times(pacer, clock, [0.0, 2.55, 0.0, 0.0, 0.0])
    assert times == pytest.approx([0, 0.1, 2.65, 2.75, 2.85])
    assert pacer.missed == 24


def test_report_writes_the_rate_of_each_interval_and_of_the_whole() -> None:
    """A line for each five seconds with the rate since the line before, and one at the end with the mean."""
    clock = Clock()
    lines: list[str] = []
    report = RateReport(DelayPacer(0), lines.append, interval=5.0, clock=clock)
    for period in [100.0] + [0.125] * 40 + [0.25] * 20:
        clock.now += period
        report.sent()
    report.end()
    assert lines == [
        "8.00 Hz, 41 messages sent",
        "4.00 Hz, 61 messages sent",
        "sent 61 messages in 10.00 s: 6.00 Hz",
    ]


def test_report_leaves_out_the_time_before_the_first_message() -> None:
    """A PUSH socket waits for its receiver with the first message; that wait lowers no rate."""
    clock = Clock()
    lines: list[str] = []
    report = RateReport(DelayPacer(0), lines.append, clock=clock)
    clock.now += 3600
    report.sent()
    clock.now += 0.5
    report.sent()
    report.end()
    assert lines == ["sent 2 messages in 0.50 s: 2.00 Hz"]


def test_report_names_missed_deadlines() -> None:
    """Deadlines that were given up are in the last line."""
    clock = Clock()
    lines: list[str] = []
    pacer = RatePacer(10, clock, clock.sleep)
    report = RateReport(pacer, lines.append, clock=clock)
    for work in (0.0, 0.35, 0.0):
        pacer.wait()
        report.sent()
        clock.now += work
    report.end()
    assert lines == ["sent 3 messages in 0.45 s: 4.44 Hz, 2 deadlines missed"]


def test_report_of_a_stream_without_messages() -> None:
    """Nothing sent is reported as such, without a rate."""
    lines: list[str] = []
    RateReport(DelayPacer(0), lines.append).end()
    assert lines == ["sent 0 messages"]

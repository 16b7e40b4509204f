"""What the server says of the source, from what the receiving process reports."""

import logging
from dataclasses import replace

import pytest

from stream_online_viewer.link.report import ConnectionReport, FaultReport, IngestReport, Refusal
from stream_online_viewer.web.announcer import BURST, Announcer
from stream_online_viewer.web.status import RefusalStatus, SourceStatus, source_status

REFUSAL = Refusal("htype", "'dheader-1.0' is no bsread message", "'dheader-1.0'", age_s=0.0, rate=10.0, period_s=0.1)


def status(
    age: float | None = None, refused: float | None = None, state: str = "waiting", since: float = 0.0
) -> SourceStatus:
    """Return the status of a connection that stands; ages in seconds, of 10 Hz."""
    report = IngestReport(
        ConnectionReport(state, "Connected."),
        faults=FaultReport(refusal=None if refused is None else replace(REFUSAL, age_s=refused)),
        age_s=age,
        period_s=None if age is None else 0.1,
    )
    return source_status(report, since, True, "tcp://camera:1")


@pytest.mark.parametrize(
    ("age", "refused", "state"),
    [
        (None, None, "waiting"),
        (0.1, None, "receiving"),
        (0.1, 0.1, "receiving"),
        (2.0, None, "silent"),
        (None, 0.1, "unusable"),
        (2.0, 0.1, "unusable"),
        (None, 2.0, "silent"),
        (3.0, 2.0, "silent"),
    ],
)
def test_the_state_of_a_connection_that_stands(age: float | None, refused: float | None, state: str) -> None:
    """Messages that cannot be used are neither silence nor a stream."""
    assert status(age, refused).state == state


def test_unusable_messages_say_why() -> None:
    """The sentence has the reason, the object the rate, also for who reads only the status."""
    found = status(None, 0.2, since=0.1)
    assert found.text == (
        "Messages come from tcp://camera:1, but they cannot be used: htype: 'dheader-1.0' is no bsread message."
    )
    assert found.refusal.age_s == pytest.approx(0.3)
    assert found.refusal == RefusalStatus("htype", REFUSAL.detail, "'dheader-1.0'", found.refusal.age_s, 10.0)
    assert found.age_s is None and found.rate == 0
    late = status(None, 5.0)
    assert late.refusal.rate == 0
    assert "the last one that came could not be used: htype" in late.text


def test_a_source_that_is_away_stays_away() -> None:
    """What came before does not change what the address is now."""
    assert status(None, 0.1, state="refused").state == "refused"


class TestAnnouncer:
    """The lines of the log."""

    @pytest.fixture
    def announcer(self, caplog: pytest.LogCaptureFixture) -> Announcer:
        caplog.set_level(logging.INFO)
        return Announcer(logging.getLogger("test of announcer"), "tcp://camera:1")

    @staticmethod
    def source(state: str, text: str = "Text.", socket: str | None = None) -> SourceStatus:
        refusal = RefusalStatus(REFUSAL.reason, REFUSAL.detail, REFUSAL.htype, 0.1, 10.0)
        status = source_status(None, 0.0, True, "tcp://camera:1")
        return replace(status, state=state, text=text, socket=socket, refusal=refusal)

    def test_each_change_is_one_line(self, announcer: Announcer, caplog: pytest.LogCaptureFixture) -> None:
        """The state and its sentence; a fault is a warning."""
        for now, state in enumerate(["resolving", "refused", "refused", "waiting", "receiving", "unusable", "silent"]):
            announcer.update(self.source(state, f"It is {state}."), float(now))
        lines = [(record.levelname, record.getMessage()) for record in caplog.records]
        assert lines == [
            ("WARNING", "source refused: It is refused."),
            ("INFO", "source waiting: It is waiting."),
            ("INFO", "source receiving: It is receiving."),
            ("WARNING", "source unusable: It is unusable."),
            ("WARNING", "source silent: It is silent."),
        ]

    def test_a_source_that_flaps_does_not_fill_the_log(
        self, announcer: Announcer, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Ten changes a second for ten minutes: a line every ten seconds, and the last state is told in the end."""
        for tenth in range(6000):
            announcer.update(self.source("lost" if tenth % 2 else "receiving"), tenth / 10)
        assert len(caplog.records) <= BURST + 60
        assert "changes before this were not logged" in caplog.text
        for tenth in range(6000, 6200):
            announcer.update(self.source("unreachable"), tenth / 10)
        assert caplog.records[-1].getMessage().startswith("source unreachable: Text.")

    def test_how_it_is_received_is_told_once(self, announcer: Announcer, caplog: pytest.LogCaptureFixture) -> None:
        """A new kind of socket is news."""
        for kind in ("PULL", "PULL", None, "SUB"):
            announcer.update(self.source("waiting", socket=kind), 1.0)
        lines = [record.getMessage() for record in caplog.records if "received with" in record.getMessage()]
        assert lines == [f"tcp://camera:1 is received with a {kind} socket" for kind in ("PULL", "SUB")]

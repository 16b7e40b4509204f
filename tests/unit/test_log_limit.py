"""The log of the web process: what clients do fills none of it."""

import io
import logging
from _io import StringIO
from collections.abc import Iterator

import pytest

from stream_online_viewer.web.edge import MOST_NAMES, Edge
from stream_online_viewer.web.head import Head
from stream_online_viewer.web.hosts import Hosts
from stream_online_viewer.web.limits import limits_of
from stream_online_viewer.web.log_limit import LogLimit
from stream_online_viewer.web.peers import Proxies
from stream_online_viewer.web.places import Places


class Clock:
    """A clock in the hands of a test."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def log() -> Iterator[tuple[LogLimit, Clock, StringIO]]:
    """Loggers that write to a text through the filter, its clock, and the text."""
    clock, text = Clock(), io.StringIO()
    limit = LogLimit(clock=clock)
    handler = logging.StreamHandler(text)
    handler.addFilter(limit)
    names = ("stream_online_viewer", "uvicorn.error", "asyncio")
    for name in names:
        logging.getLogger(name).addHandler(handler)
    yield limit, clock, text
    for name in names:
        logging.getLogger(name).removeHandler(handler)


def test_one_line_of_a_kind_in_ten_seconds(log: tuple[LogLimit, Clock, StringIO]) -> None:
    """And one that says how many more there were, whether or not another comes."""
    limit, clock, text = log
    logger = logging.getLogger("uvicorn.error")
    for n in range(1000):
        logger.warning("client %s did it", n)
    clock.now += 9.9
    limit.tick()
    assert text.getvalue() == "client 0 did it\n"
    clock.now += 0.2
    limit.tick()
    assert text.getvalue().splitlines()[1:] == ["999 more like it in 10 s, the last: client 999 did it"]
    clock.now += 20
    limit.tick()
    limit.tick()
    logger.warning("client %s did it", "last")
    assert text.getvalue().splitlines()[2:] == ["client last did it"]
    assert limit.suppressed == 999


def test_kinds_do_not_hide_each_other(log: tuple[LogLimit, Clock, StringIO]) -> None:
    """Another text is another kind."""
    _, _, text = log
    for _ in range(5):
        logging.getLogger("uvicorn.error").warning("one")
        logging.getLogger("uvicorn.error").warning("two %s", 2)
    assert text.getvalue() == "one\ntwo 2\n"


def test_kinds_are_bounded(log: tuple[LogLimit, Clock, StringIO]) -> None:
    """A library that puts a client's words into its texts writes a bounded number of lines."""
    _, _, text = log
    for n in range(5000):
        logging.getLogger("uvicorn.error").warning(f"client {n} %s", n)
    assert len(text.getvalue().splitlines()) <= 256


def test_the_traceback_of_a_library_is_a_line(log: tuple[LogLimit, Clock, StringIO]) -> None:
    """It names the error and its place; words of a client cannot begin a line of their own."""
    _, _, text = log
    try:
        raise ValueError("what\na client sent")
    except ValueError:
        logging.getLogger("asyncio").exception("Exception in callback")
    (line,) = text.getvalue().splitlines()
    assert line.startswith("Exception in callback: ValueError: what a client sent (test_log_limit.py:")


def test_the_source_is_not_limited(log: tuple[LogLimit, Clock, StringIO]) -> None:
    """What the receiving process does is no client's doing."""
    _, _, text = log
    for _ in range(3):
        logging.getLogger("stream_online_viewer.web.supervisor").warning("restarted")
    assert text.getvalue() == "restarted\n" * 3


def test_each_refused_name_has_one_line(log: tuple[LogLimit, Clock, StringIO]) -> None:
    """Who forgot two names at once is told of both, at once and never again; a flood of names is a few lines."""
    limit, clock, text = log
    edge = Edge(Places(9), limits_of(9), Hosts(), Proxies(), clock=clock)

    def ask(name: str) -> None:
        refusal = edge.refusal(Head(b"GET", b"/", b"/", None, "1.1", [(b"host", name.encode())]), False)
        assert refusal is not None
        assert refusal.status == 421

    for _ in range(3):
        ask("one.example")
        ask("two.example:8080")
        clock.now += 60
        limit.tick()
    lines = text.getvalue().splitlines()
    assert [line.partition(" is ")[0] for line in lines] == ["refused: one.example", "refused: two.example"]
    assert "--allow-host two.example" in lines[1]
    for n in range(1000):
        ask(f"name-{n}.example")
    assert len(text.getvalue().splitlines()) == MOST_NAMES + 1

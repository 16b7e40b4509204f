"""The log of the web process: what clients do fills none of it."""

import io
import logging
from typing import Any

import pytest

from stream_online_viewer.web.log_limit import LogLimit


class Clock:
    """A clock in the hands of a test."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def log() -> Any:
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


def test_one_line_of_a_kind_in_ten_seconds(log: Any) -> None:
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


def test_kinds_do_not_hide_each_other(log: Any) -> None:
    """Another text is another kind."""
    _, _, text = log
    for _ in range(5):
        logging.getLogger("uvicorn.error").warning("one")
        logging.getLogger("uvicorn.error").warning("two %s", 2)
    assert text.getvalue() == "one\ntwo 2\n"


def test_kinds_are_bounded(log: Any) -> None:
    """A library that puts a client's words into its texts writes a bounded number of lines."""
    _, _, text = log
    for n in range(5000):
        logging.getLogger("uvicorn.error").warning(f"client {n} %s", n)
    assert len(text.getvalue().splitlines()) <= 256


def test_the_traceback_of_a_library_is_a_line(log: Any) -> None:
    """It names the error and its place; words of a client cannot begin a line of their own."""
    _, _, text = log
    try:
        raise ValueError("what\na client sent")
    except ValueError:
        logging.getLogger("asyncio").exception("Exception in callback")
    (line,) = text.getvalue().splitlines()
    assert line.startswith("Exception in callback: ValueError: what a client sent (test_log_limit.py:")


def test_the_source_is_not_limited(log: Any) -> None:
    """What the receiving process does is no client's doing."""
    _, _, text = log
    for _ in range(3):
        logging.getLogger("stream_online_viewer.web.supervisor").warning("restarted")
    assert text.getvalue() == "restarted\n" * 3

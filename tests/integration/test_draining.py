"""The source is never held up: a PUSH socket blocks its sender, the machine's control system, when nobody drains it."""

import contextlib
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.live_client import LiveClient
from tests.server import running_server
from tests.support import deadline

SENDER = Path(__file__).with_name("counting_sender.py")


@contextlib.contextmanager
def counting_sender(seconds: float) -> Iterator[tuple[int, Callable[[], tuple[int, ...]]]]:
    """Run the sender; give its port and a function that waits for the end and returns (refused, sent)."""
    command = [sys.executable, str(SENDER), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sender:
        try:
            port = int(sender.stdout.readline().removeprefix("port "))

            def result() -> tuple[int, ...]:
                line = sender.communicate(timeout=deadline(seconds + 5))[0]
                return tuple(map(int, re.fullmatch(r"refused (\d+) of (\d+)\n", line).groups()))

            yield port, result
        finally:
            sender.kill()


def test_no_viewer_no_send_is_refused() -> None:
    """Nobody watches: a PUSH sender at 100 Hz loses no send for 10 s, and the server gets all."""
    with counting_sender(10) as (port, result), running_server(port) as server:
        assert result() == (0, 1000)
        status = server.wait_for_status(lambda status: status["source"]["messages"] == 1000, 3, "1000 messages")
    assert status["source"]["lost"] == 0
    assert status["ingest"]["encoded"] == 0


def test_viewers_do_not_hold_up_the_source() -> None:
    """Three viewers, one with a format that costs time and one that does not acknowledge: no send is lost."""
    with counting_sender(3) as (port, result), running_server(port) as server:
        with contextlib.ExitStack() as stack:
            viewers = [
                stack.enter_context(LiveClient(server.url("live", "ws"), acknowledge=acknowledge, format=form))
                for acknowledge, form in ((True, "raw"), (True, "bslz4"), (False, "raw"))
            ]
            threads = [threading.Thread(target=viewer.collect, args=(2.0,)) for viewer in viewers]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert result() == (0, 300)
        server.wait_for_status(lambda status: status["source"]["messages"] == 300, 3, "300 messages")
    assert min(len(viewer.frames) for viewer in viewers[:2]) > 20
    assert len(viewers[2].frames) == 1

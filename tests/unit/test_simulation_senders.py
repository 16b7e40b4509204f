"""What the two senders share: they block like the library's, but never so that a signal is not heard."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from stream_online_viewer.errors import SettingsError
from stream_online_viewer.simulation.encoded import encode
from stream_online_viewer.simulation.message import Message
from stream_online_viewer.simulation.stream_sender import StreamSender
from stream_online_viewer.stream import generate_stream
from tests import codec, stream_reader
from tests.support import deadline, find_free_port, wait_until

VALUES = {"value": 1.5}
TIMEOUT = int(deadline(5) * 1000)
SENDERS: dict[str, Any] = {
    "own": (lambda port: StreamSender("push", "127.0.0.1", port, 7), encode(Message(VALUES), "none")),
}
if codec.HAVE_LIBRARIES:
    from stream_online_viewer.simulation.library_sender import LibrarySender

    SENDERS["library"] = (lambda port: LibrarySender("push", "127.0.0.1", port, "none", 7), Message(VALUES))


class Heard(Exception):
    """The handler of the signal ran."""


@pytest.fixture(params=SENDERS)
def sender_and_message(request: pytest.FixtureRequest) -> Iterator[tuple[Any, Any]]:
    make, message = SENDERS[request.param]
    with closing(make(0)) as sender:
        yield sender, message


def test_signal_is_heard_that_does_not_interrupt_a_blocked_send(sender_and_message: tuple[Any, Any]) -> None:
    """A signal that another thread takes leaves the send asleep, like one that comes just before; it is still heard."""
    sender, message = sender_and_message
    main_thread = Path(f"/proc/self/task/{os.getpid()}/stat")

    def on_signal(number: Any, frame: Any) -> None:
        raise Heard

    def signal_to_this_thread() -> None:
        wait_until(lambda: main_thread.read_text().rpartition(")")[2].split()[0] == "S", 5, "the send blocks")
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, on_signal)
    thread = threading.Thread(target=signal_to_this_thread)
    try:
        with pytest.raises(Heard):
            thread.start()
            sender.send(message)
    finally:
        thread.join()
        signal.signal(signal.SIGUSR1, before)


def test_message_that_had_to_wait_is_sent_once(sender_and_message: tuple[Any, Any]) -> None:
    """A send that timed out and was tried again gives one message, with the pulse id that was its turn."""
    sender, message = sender_and_message
    received: list[Any] = []

    def receive() -> None:
        with stream_reader.Source(
            host="127.0.0.1", port=sender.port, receive_timeout=int(deadline(5) * 1000)
        ) as source:
            received.extend(source.receive().data for _ in range(3))

    # Longer than a send blocks before it is tried again.
    timer = threading.Timer(0.25, receive)
    timer.start()
    for _ in range(3):
        sender.send(message)
    timer.join()
    assert [(data.pulse_id, data.data["value"].value) for data in received] == [(7, 1.5), (8, 1.5), (9, 1.5)]


@pytest.mark.parametrize("name", SENDERS)
def test_port_is_the_one_that_was_asked_for_and_is_free_again_after_close(name: Any) -> None:
    """A port can be bound again and again, and while it is bound nobody else gets it."""
    make, _ = SENDERS[name]
    port = find_free_port()
    for _ in range(3):
        with closing(make(port)) as sender:
            assert sender.port == port
            with pytest.raises(SettingsError, match=f"port {port} is in use; choose another one with -o"):
                make(port)


def test_the_whole_is_told_however_early_it_ends() -> None:
    """A signal may come while the line about the port is written."""
    lines: list[str] = []

    def opened(port: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate_stream(0, -1, 0.1, size=(64, 48), opened=opened, write=lines.append)
    assert lines == ["sent 0 messages"]

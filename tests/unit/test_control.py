"""The socket by which parent, web processes and ingest process speak: messages with descriptors, and questions."""

import asyncio
import os
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import uvloop

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.link import control
from stream_online_viewer.link.base import LinkClosed
from stream_online_viewer.link.control import (
    ControlEnd,
    Message,
    control_sockets,
    pack_memory,
    read_memory,
    receive_message,
    send_message,
)
from tests.support import deadline


class Heard:
    """One end, what it has received, and whether the other end is gone."""

    def __init__(self, connection: socket.socket) -> None:
        self.messages: list[Message] = []
        self.contents: list[bytes] = []
        self.ended = False
        self.end = ControlEnd(connection, self._take, self._end)

    def _take(self, message: Message, descriptors: list[int]) -> None:
        self.messages.append(message)
        self.contents += [read_memory(descriptor) for descriptor in descriptors]

    def _end(self) -> None:
        self.ended = True


def in_loop(work: Callable[[], Awaitable[None]]) -> None:
    """Run work in a loop of its own, as the processes have one."""

    def run() -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(limited())

    async def limited() -> None:
        async with asyncio.timeout(deadline(10)):
            await work()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(run).result()


async def until(condition: Callable[[], Any]) -> None:
    """Wait until something is true."""
    while not condition():
        await asyncio.sleep(0.001)


def test_messages_keep_their_order_and_bring_their_descriptors() -> None:
    """Also while the other end reads nothing, so that many of them wait; what was passed on is closed here."""

    async def work() -> None:
        ours, theirs = control_sockets()
        sender, texts = Heard(ours), [b"%d" % number * 200 for number in range(3000)]
        before = len(os.listdir("/proc/self/fd"))
        for number, text in enumerate(texts):
            sender.end.send({"kind": "text", "number": number}, [pack_memory(text)] if number % 100 == 0 else [])
        receiver = Heard(theirs)
        await until(lambda: len(receiver.messages) == len(texts))
        assert [message["number"] for message in receiver.messages] == list(range(len(texts)))
        assert receiver.contents == texts[::100]
        assert len(os.listdir("/proc/self/fd")) == before
        receiver.end.close()
        await until(lambda: sender.ended)

    in_loop(work)


def test_what_cannot_be_taken_at_once_is_not_offered_twice() -> None:
    """An offer that fails leaves the descriptor to whoever made it."""

    async def work() -> None:
        ours, theirs = control_sockets()
        sender = Heard(ours)
        memory = pack_memory(b"x")
        with theirs:
            while sender.end.offer({"kind": "text", "filling": "x" * 50_000}):
                pass
            assert not sender.end.offer({"kind": "text", "filling": "x" * 50_000}, [memory])
            assert os.pread(memory, 1, 0) == b"x"
            os.close(memory)
        sender.end.close()

    in_loop(work)


def test_a_question_is_answered_before_what_came_earlier_is_delivered() -> None:
    """Whoever asks waits for the answer alone; what came meanwhile follows in its order, and nothing is lost."""

    async def work() -> None:
        ours, theirs = control_sockets()
        asking = Heard(ours)

        def answer() -> None:
            theirs.setblocking(True)
            for number in range(3):
                send_message(theirs, {"kind": "text", "number": number})
            question, _ = receive_message(theirs)
            send_message(theirs, {"kind": "text", "number": 3})
            send_message(theirs, {"kind": "answer", "asked": question["asked"], "value": question["what"] * 2})

        thread = threading.Thread(target=answer)
        thread.start()
        assert asking.end.ask({"kind": "ask", "what": 21}, deadline(5)) == 42
        assert asking.messages == []
        await until(lambda: len(asking.messages) == 4)
        assert [message["number"] for message in asking.messages] == [0, 1, 2, 3]
        thread.join()
        theirs.close()
        await until(lambda: asking.ended)

    in_loop(work)


def test_a_late_answer_is_none_and_not_that_of_the_next_question() -> None:
    """Who gets no answer in time goes on; the answer that comes afterwards is not mistaken for another one."""

    async def work() -> None:
        ours, theirs = control_sockets()
        asking = Heard(ours)
        begun = time.monotonic()
        assert asking.end.ask({"kind": "ask"}, 0.05) is None
        assert time.monotonic() - begun < deadline(1)
        late, _ = receive_message(theirs)
        send_message(theirs, {"kind": "answer", "asked": late["asked"], "value": "late"})

        def answer() -> None:
            theirs.setblocking(True)
            question, _ = receive_message(theirs)
            send_message(theirs, {"kind": "answer", "asked": question["asked"], "value": "right"})

        thread = threading.Thread(target=answer)
        thread.start()
        assert asking.end.ask({"kind": "ask"}, deadline(5)) == "right"
        thread.join()
        theirs.close()
        assert asking.end.ask({"kind": "ask"}, deadline(5)) is None
        await until(lambda: asking.ended)

    in_loop(work)


def test_an_end_that_never_reads_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that nothing grows without a bound."""
    monkeypatch.setattr(control, "MOST_WAITING", 10)

    async def work() -> None:
        ours, theirs = control_sockets()
        with theirs:
            sender = Heard(ours)
            while not sender.ended:
                sender.end.send({"kind": "text", "filling": "x" * 50_000}, [pack_memory(b"x")])
            assert sender.end.closed

    in_loop(work)


def test_what_is_no_message_is_refused() -> None:
    """It cannot be read, or was cut off; its descriptors are closed."""
    ours, theirs = control_sockets()
    with ours, theirs:
        for data in (b"{", b"[]", b'"x"'):
            socket.send_fds(ours, [data], [ours.fileno()])
            before = len(os.listdir("/proc/self/fd"))
            with pytest.raises(ProtocolError):
                receive_message(theirs)
            assert len(os.listdir("/proc/self/fd")) == before
        with pytest.raises(BlockingIOError):
            receive_message(theirs)
        ours.close()
        with pytest.raises(LinkClosed):
            receive_message(theirs)

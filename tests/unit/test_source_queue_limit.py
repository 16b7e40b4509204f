"""How long the receive queue may be, and that changing it never stops the stream."""

import random
import threading
from contextlib import suppress

import pytest
import zmq

from stream_online_viewer.sources.zeromq.queue_limit import FEWEST, MOST, QUEUE_BYTES, QueueLimit
from tests.support import deadline


def _settled(*sizes: int, messages: int = 3000) -> int:
    limit = QueueLimit()
    for number in range(messages):
        limit.note_size(sizes[number % len(sizes)])
        limit.message_read()
    return limit.messages


@pytest.mark.parametrize(
    ("size", "messages"),
    [(1, MOST), (100_000, MOST), (640 * 480 * 8, 32), (2560 * 2160 * 2, 8), (100 * 2**20, FEWEST), (2**30, FEWEST)],
)
def test_limit_is_a_bound_in_bytes(size: int, messages: int) -> None:
    """128 MB divided by the size, as a power of two between 4 and 512."""
    assert _settled(size) == messages
    assert messages == FEWEST or messages * size <= QUEUE_BYTES


def test_merged_stream_counts_the_mean() -> None:
    """An image in every tenth message leaves room for the scalars between."""
    assert _settled(11_000_000, *[1000] * 9) in (64, 128)


def test_limit_follows_the_size() -> None:
    """A stream whose messages grow gets a shorter queue, one step after the other."""
    limit = QueueLimit()
    seen = [FEWEST]
    for size in [1000] * 3000 + [20_000_000] * 3000 + [1000] * 3000:
        limit.note_size(size)
        if (now := limit.message_read()) is not None:
            assert now == limit.messages and now in (2 * seen[-1], seen[-1] // 2)
            seen.append(now)
    assert max(seen) == MOST and seen[-1] == MOST and min(seen[8:]) == FEWEST


def test_steps_are_as_far_apart_as_the_limit() -> None:
    """Between two changes at least as many messages are read as the limit allows: the condition for a safe change."""
    rng = random.Random(1)
    limit = QueueLimit()
    before, read = limit.messages, 0
    for _ in range(20000):
        limit.note_size(rng.choice([1, 10**5, 10**7, 10**9]))
        read += 1
        if limit.message_read() is not None:
            assert read >= before
            before, read = limit.messages, 0


def test_size_that_varies_around_a_step_changes_nothing() -> None:
    """The limit does not flip with the noise of compressed images."""
    limit = QueueLimit()
    rng = random.Random(2)
    changes = 0
    for number in range(5000):
        limit.note_size(int(QUEUE_BYTES / 64 * rng.uniform(0.9, 1.1)))
        changes += limit.message_read() is not None and number > 500
    assert changes <= 1


def test_changed_limit_never_stops_a_real_socket() -> None:
    """With a queue that is full most of the time and a limit that goes up and down, messages go on to come."""
    rng = random.Random(3)
    end = threading.Event()
    with zmq.Context() as context, context.socket(zmq.PUSH) as push, context.socket(zmq.PULL) as pull:
        push.linger = pull.linger = 0
        # Small buffers, so that it is the queue that is full.
        push.sndhwm, push.sndbuf, pull.rcvbuf = 1, 4096, 4096
        limit = QueueLimit()
        pull.rcvhwm = limit.messages
        pull.connect(f"tcp://127.0.0.1:{push.bind_to_random_port('tcp://127.0.0.1')}")

        def send() -> None:
            while not end.is_set():
                if push.poll(10, zmq.POLLOUT):
                    with suppress(zmq.Again):
                        push.send_multipart([b"a" * 1000, b"b" * 1000], zmq.NOBLOCK)

        thread = threading.Thread(target=send)
        thread.start()
        steps, size = 0, 1
        try:
            for _ in range(1500):
                if rng.random() < 0.02:
                    size = rng.choice([1, 10**6, 10**7, 10**8])
                assert pull.poll(int(deadline(3) * 1000)), f"the stream stopped at a limit of {limit.messages}"
                for _ in range(rng.choice([1, 1, 1, 4, 30])):
                    try:
                        pull.recv_multipart(zmq.NOBLOCK)
                    except zmq.Again:
                        break
                    limit.note_size(size)
                    if (now := limit.message_read()) is not None:
                        pull.rcvhwm = now
                        steps += 1
        finally:
            end.set()
            thread.join()
        assert steps > 20

"""Counts the steps of long encodings, so that one that hangs can be told from one that only takes long.

The encoding of a large image is many passes over it, each of which takes a second at most. The code of a pass calls
:func:`step` after it. The encoding hangs if one step does not end, however many there were before.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Work:
    """The work of one thread for an encoding. Written by that thread only, read by the thread that observes it."""

    def __init__(self, thread: int) -> None:
        self.thread = thread
        """The thread's number in the kernel."""
        self.steps = 0
        self.waits = False
        """The thread waits for the result of another one, which is observed as well."""
        self.beside: list[Work] = []
        """The work of other threads for the same encoding that has begun."""
        self.ended = False


class _OfThread(threading.local):
    def __init__(self) -> None:
        # Asked of the kernel once for each thread, not for each frame.
        self.thread = threading.get_native_id()
        self.work: Work | None = None


_current = _OfThread()


def begin() -> Work:
    """Begin the work of the calling thread for an encoding, and return it."""
    _current.work = work = Work(_current.thread)
    return work


def end() -> None:
    """End the work of the calling thread."""
    if _current.work is not None:
        _current.work.ended = True
        _current.work = None


def step() -> None:
    """Count a step of the calling thread's work; does nothing in a thread without any."""
    work = _current.work
    if work is not None:
        work.steps += 1


def beside(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Return a function that another thread can call as a part of the calling thread's work."""
    work = _current.work
    if work is None:
        return function

    def watched(*arguments: Parameters.args, **options: Parameters.kwargs) -> Result:
        work.beside.append(begin())
        try:
            return function(*arguments, **options)
        finally:
            end()

    return watched


def result_of(future: Future[Result]) -> Result:
    """Return the result of work in another thread, or raise its exception. The wait for it is not a step."""
    work = _current.work
    if work is None:
        return future.result()
    work.waits = True
    try:
        return future.result()
    finally:
        work.waits = False
        work.steps += 1

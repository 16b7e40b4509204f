"""Gives free memory back to the operating system, which glibc does not do by itself after a single huge message."""

import ctypes


def give_back() -> None:
    """Give back what is free; does nothing where the C library is another. Takes milliseconds."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError):
        # musl and others have no such function, and keep less.
        return

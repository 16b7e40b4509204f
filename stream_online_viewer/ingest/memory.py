"""Returns free memory to the operating system, which glibc does not do by itself after a single huge message."""

import ctypes


def give_back() -> None:
    """Return free memory. This takes milliseconds, and does nothing if the C library is not glibc."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError):
        # musl and others lack this function, and keep less memory.
        return

"""Fixtures for all tests."""

import os

import pytest

from tests.support import find_free_port

# The threads of bitshuffle wait busily for each other: on a busy machine that makes it hundreds of times slower. The
# number is read when bitshuffle is loaded, so it is set before any test module is.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture
def free_port() -> int:
    """A TCP port of the loopback interface on which nothing listens."""
    return find_free_port()

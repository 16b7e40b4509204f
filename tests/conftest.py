"""Fixtures for all tests."""

import pytest

from tests.support import find_free_port


@pytest.fixture
def free_port() -> int:
    """A TCP port of the loopback interface on which nothing listens."""
    return find_free_port()

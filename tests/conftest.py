"""Fixtures for all tests."""

import os

import pytest

from tests.codec import HAVE_LIBRARIES
from tests.support import find_free_port

ORACLES = [
    "integration/test_empty_arrays.py",
    "unit/test_coding_bslz4.py",
    "unit/test_simulation_oracle.py",
    "unit/test_source_oracle.py",
]
"""Tests that hold what we make against the facility's library, which cannot be installed everywhere."""

collect_ignore = [] if HAVE_LIBRARIES else ORACLES


def pytest_report_header() -> list[str]:
    """Say what is not collected."""
    if HAVE_LIBRARIES:
        return []
    return [f"not collected: {', '.join(ORACLES)} (bitshuffle and psi-bsread cannot be had on this Python or machine)"]


# The threads of bitshuffle wait busily for each other: on a busy machine that makes it hundreds of times slower. The
# number is read when bitshuffle is loaded, so it is set before any test module is.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture
def free_port() -> int:
    """A TCP port of the loopback interface on which nothing listens."""
    return find_free_port()

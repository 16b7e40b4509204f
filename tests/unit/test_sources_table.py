"""The table of sources: which addresses it takes, and what it says of others."""

import subprocess
import sys

import pytest

from stream_online_viewer.sources.base import AddressError, SourceOptions
from stream_online_viewer.sources.table import check_address, open_source
from tests.support import deadline


@pytest.mark.parametrize("text", ["tcp://localhost:8888", "tcp://[::1]:1"])
def test_addresses_that_a_source_can_be_opened_with(text: str) -> None:
    """Nothing is looked for yet."""
    check_address(text)


@pytest.mark.parametrize("text", ["", "localhost:8888", "http://localhost:8888", "tcp:/a:1", "TCP://a:1", "x" * 500])
def test_what_is_no_address(text: str) -> None:
    """One short line that says what one looks like; the same when it is checked and when it is opened."""
    for refuse in (check_address, lambda address: open_source(SourceOptions(address))):
        with pytest.raises(AddressError, match="is no stream address; it looks like tcp://host:port") as problem:
            refuse(text)
        assert len(str(problem.value)) < 200


def test_checking_an_address_costs_no_socket() -> None:
    """The web process checks addresses, too: it needs none of what only the receiving process uses."""
    code = (
        "import sys; from stream_online_viewer.sources.table import check_address; check_address('tcp://a:1'); "
        "print([name for name in ('zmq', 'imagecodecs') if name in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=deadline(20), check=True
    )
    assert ended.stdout.strip() == "[]"

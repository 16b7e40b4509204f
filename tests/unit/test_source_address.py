"""The address of the stream."""

import pytest

from stream_online_viewer.errors import ViewerError
from stream_online_viewer.sources.zeromq.address import Address, parse_address
from tests.unit.source_helpers import short_id


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("tcp://localhost:8888", Address("localhost", 8888)),
        ("tcp://sf-daqsync_1.psi.ch:1", Address("sf-daqsync_1.psi.ch", 1)),
        ("tcp://129.129.0.1:65535", Address("129.129.0.1", 65535)),
        ("tcp://[::1]:9999", Address("::1", 9999, ipv6=True)),
        ("tcp://[fe80::1:2]:9999", Address("fe80::1:2", 9999, ipv6=True)),
    ],
)
def test_good_addresses(text: str, address: Address) -> None:
    """Names, IPv4 and bracketed IPv6, which come out as they went in."""
    assert parse_address(text) == address
    assert address.url == text
    assert f"tcp://{address}" == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost:8888",
        "http://localhost:8888",
        "tcp://localhost",
        "tcp://localhost:",
        "tcp://:8888",
        "tcp://*:8888",
        "tcp://localhost:0",
        "tcp://localhost:65536",
        "tcp://localhost:-1",
        "tcp://localhost:+80",
        "tcp://localhost:80a",
        "tcp://localhost:\u0661\u0662",
        "tcp://localhost:8888/",
        "tcp://localhost:8888 ",
        "tcp://local host:8888",
        "tcp://-x:8888",
        "tcp://::1:8888",
        "tcp://[::1]",
        "tcp://[::g]:8888",
        "tcp://[localhost]:8888",
        "tcp://a:1;b:2",
        "tcp://a\n:1",
        "tcp://" + "x" * 300 + ":1",
        "ipc:///tmp/x",
    ],
    ids=short_id,
)
def test_bad_addresses_end_with_one_line(text: str) -> None:
    """The text names what is wrong, in one line of bearable length."""
    with pytest.raises(ViewerError) as error:
        parse_address(text)
    assert "\n" not in str(error.value) and 10 < len(str(error.value)) < 200

"""Streams from the dispatcher and of the standard DAQ, against servers written from the descriptions."""

from typing import Any

import pytest

from stream_online_viewer.sources.base import AddressError, SourceOptions
from stream_online_viewer.sources.named import stddaq
from stream_online_viewer.sources.named.address import HttpServer
from stream_online_viewer.sources.named.dispatcher import dispatcher_lookup
from stream_online_viewer.sources.named.found import Found, LookupFailed
from stream_online_viewer.sources.named.more_addresses import DISPATCHER, dispatcher_of, parse_channels, parse_device
from stream_online_viewer.sources.named.stddaq import stddaq_lookup
from tests.name_servers import Dispatcher, redis
from tests.support import find_free_port
from tests.unit.source_peers import say_nothing, tcp_server


def find(lookup: Any) -> Found:
    found: Found = lookup.find(lambda text: None)
    return found


def failure(lookup: Any) -> LookupFailed:
    with pytest.raises(LookupFailed) as problem:
        find(lookup)
    return problem.value


def options(dispatcher: Dispatcher, address: str = "dispatcher://CAM:FPICTURE,BPM1:X", **more: Any) -> SourceOptions:
    return SourceOptions(address, dispatcher=dispatcher.url, **more)


def test_the_dispatcher_is_sent_one_request() -> None:
    """With the channels, as it wants it; its stream is taken."""
    with Dispatcher(lambda: b'{"stream": "tcp://node1:9003"}') as dispatcher:
        found = find(dispatcher_lookup(options(dispatcher)))
        assert found.address == "tcp://node1:9003"
        assert found.origin == "a stream of CAM:FPICTURE, BPM1:X, made by the dispatcher"
        assert dispatcher.requests == [
            (
                "/sf-databuffer/stream",
                {
                    "channels": [{"name": "CAM:FPICTURE"}, {"name": "BPM1:X"}],
                    "streamType": "pub_sub",
                    "verify": True,
                    "channelValidation": {"inconsistency": "adjust-individual"},
                },
            )
        ]
        find(dispatcher_lookup(options(dispatcher, "dispatcher://A,B,C,D,E?backend=sf-imagebuffer")))
        assert dispatcher.requests[1][0] == "/sf-imagebuffer/stream"


@pytest.mark.parametrize(
    ("answer", "status", "result"),
    [
        (b'{"stream": null}', 200, "unusable"),
        (b"{}", 200, "unusable"),
        (b"<html>", 200, "unusable"),
        (b'{"stream": "ipc:///x"}', 200, "unusable"),
        (b'{"stream": "tcp://elsewhere:1"}', 200, "host"),
        (b"no such channel", 500, "unusable"),
    ],
)
def test_wrong_answers_of_the_dispatcher(answer: bytes, status: int, result: str) -> None:
    """Each has its reason."""
    with Dispatcher(lambda: answer, status) as dispatcher:
        assert failure(dispatcher_lookup(options(dispatcher, source_hosts=("*.psi.ch",)))).result == result


class TestChannels:
    """Addresses of a dispatcher."""

    def test_right_ones(self) -> None:
        """One or more channels, and a backend."""
        assert parse_channels("dispatcher://A") == (["A"], None)
        assert parse_channels("dispatcher://A:B-C.D,E_F?backend=sf-archiver") == (["A:B-C.D", "E_F"], "sf-archiver")
        _, server = dispatcher_of(SourceOptions("dispatcher://A"))
        assert server == HttpServer("dispatcher-api.psi.ch", 443, True, "/sf-databuffer")
        assert DISPATCHER.endswith(server.path)

    @pytest.mark.parametrize(
        "text",
        ["", "A,", ",A", "A,A", "A B", 'A"', "A\\", "A?x=1", "A?backend=", "A?backend=a/b", ",".join("AB" * 200)],
    )
    def test_wrong_ones(self, text: str) -> None:
        """One short line; nothing that JSON would have to escape."""
        with pytest.raises(AddressError) as problem:
            parse_channels(f"dispatcher://{text}")
        assert len(str(problem.value)) < 300


def device(port: int, **more: Any) -> Any:
    return stddaq_lookup(SourceOptions(f"stddaq://127.0.0.1:{port}/JF01", **more))


@pytest.mark.parametrize("key", ["JF01", "JF01:LIVE-STREAM"])
def test_the_address_of_a_detector_is_read_from_redis(key: str) -> None:
    """Under its name, else under that of its live stream."""
    with redis({key: "tcp://daq-6:5055"}) as (port, asked):
        found = find(device(port))
        assert (found.address, found.origin) == ("tcp://daq-6:5055", "the live stream of the detector JF01")
        assert all(request.startswith(b"*2\r\n$3\r\nGET\r\n") for request in asked)


@pytest.mark.parametrize(
    ("values", "result"),
    [
        ({}, "unknown"),
        ({"JF01": "nowhere"}, "unusable"),
        ({"JF01": ""}, "unusable"),
        ({"JF01": "tcp://elsewhere:1"}, "host"),
        (b"-NOAUTH Authentication required.\r\n", "error"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "unusable"),
        (b"$5\r\nab", "unusable"),
        (b"$99999999999999999999\r\nab\r\n", "unusable"),
        (b"$-5\r\n", "unusable"),
        (b"$3\r\n\xff\xff\xff\r\n", "unusable"),
        (b"", "unusable"),
        (b"x" * 100_000, "unusable"),
    ],
)
def test_wrong_answers_of_redis(values: Any, result: str) -> None:
    """Each has its reason and one line."""
    with redis(values) as (port, _):
        problem = failure(device(port, source_hosts=("*.psi.ch",)))
        assert problem.result == result and "\n" not in str(problem)


def test_a_redis_that_is_slow_or_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time limit; at once."""
    with tcp_server(say_nothing) as port, pytest.raises(LookupFailed) as problem:
        stddaq.get(HttpServer("127.0.0.1", port), "JF01", 0.2)
    assert problem.value.result == "slow"
    assert failure(device(find_free_port())).result == "unreachable"


def test_addresses_of_detectors() -> None:
    """The server has to be named."""
    assert parse_device("stddaq://host/JF01") == ("JF01", HttpServer("host", 6379))
    for text in ("stddaq://JF01", "stddaq://host/", "stddaq://host/a/b"):
        with pytest.raises(AddressError, match="stddaq://"):
            parse_device(text)

"""How the page and its assets are served: compressed as the client takes it, kept, asked for again, and in parts."""

import gzip
import http.client
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stream_online_viewer.web.pages import STATIC
from tests.server import ServerProcess, running_server
from tests.support import deadline, find_free_port

ENDINGS = {"gzip": ".gz", "br": ".br"}
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
}

Ask = Callable[..., tuple[int, http.client.HTTPMessage, bytes]]


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server without source: pages need none."""
    with running_server(find_free_port()) as server:
        yield server


@pytest.fixture
def ask(server: ServerProcess) -> Ask:
    """Ask for a path with these headers and no others; status, headers and body as they came."""

    def request(path: str, method: str = "GET", **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=deadline(10))
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        # The library offers identity by itself unless it is told not to.
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in named.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, answer.headers, body

    return request


def assets() -> list[Path]:
    """Return the files that the build made, without their compressed companions."""
    files = (STATIC / "assets").iterdir()
    return sorted(file for file in files if file.suffix not in ENDINGS.values())


def script() -> Path:
    """Return the largest script."""
    return max((file for file in assets() if file.suffix == ".js"), key=lambda file: file.stat().st_size)


def test_every_asset_lies_compressed_beside_itself() -> None:
    """The build made both; gzip's holds the same bytes, and no time that would make two builds of one source differ."""
    assert {file.suffix for file in assets()} >= {".js", ".css", ".svg"}
    for file in assets():
        packed = file.with_name(f"{file.name}.gz").read_bytes()
        assert gzip.decompress(packed) == file.read_bytes()
        assert packed[4:8] == bytes(4)
        assert file.with_name(f"{file.name}.br").stat().st_size < file.stat().st_size


@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
def test_every_asset_is_served_in_each_coding(ask: Ask, coding: str) -> None:
    """With its type, length, an entity tag of its own, and for ever."""
    for file in assets():
        status, headers, body = ask(f"/assets/{file.name}", Accept_Encoding=coding)
        assert status == 200
        assert body == file.with_name(file.name + ENDINGS.get(coding, "")).read_bytes()
        assert headers.get("Content-Encoding", "identity") == coding
        assert headers["Content-Type"] == TYPES[file.suffix]
        assert headers["Content-Length"] == str(len(body))
        assert headers["Vary"] == "Accept-Encoding"
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("offer", "coding"),
    [
        (None, "identity"),
        ("", "identity"),
        ("deflate, zstd", "identity"),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, deflate", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.1, gzip;q=0.8", "gzip"),
        ("gzip;q=0", "identity"),
        ("gzip;q=0, br;q=0.001", "br"),
        ("identity, gzip;q=0.5", "identity"),
        ("gzip;q=1.0, identity;q=0.5, *;q=0", "gzip"),
        ("*", "br"),
        ("*;q=0", "identity"),
        ("gzip;q=high", "identity"),
    ],
)
def test_the_client_chooses_the_coding(ask: Ask, offer: str | None, coding: str) -> None:
    """What it does not name it does not get; of what it wants equally it gets the smallest."""
    headers = ask(f"/assets/{script().name}", **({} if offer is None else {"Accept_Encoding": offer}))[1]
    assert headers.get("Content-Encoding", "identity") == coding


def test_the_page_is_asked_for_again_and_not_sent_again(ask: Ask) -> None:
    """`no-cache` with an entity tag for each coding: who has this build's page gets 304 and no body."""
    tags = set()
    for coding in ("identity", "gzip"):
        status, headers, body = ask("/", Accept_Encoding=coding)
        assert (status, headers["Cache-Control"]) == (200, "no-cache")
        assert headers["Content-Type"] == "text/html; charset=utf-8"
        assert headers.get("Content-Encoding", "identity") == coding
        assert b'<meta name="build" content="' in (gzip.decompress(body) if coding == "gzip" else body)
        again, short, nothing = ask("/", Accept_Encoding=coding, If_None_Match=headers["ETag"])
        assert (again, nothing) == (304, b"")
        for name in ("ETag", "Cache-Control", "Vary"):
            assert short[name] == headers[name]
        tags.add(headers["ETag"])
    assert len(tags) == 2
    for other in ('"another-build"', "old"):
        assert ask("/", If_None_Match=other)[0] == 200
    assert ask("/", Accept_Encoding="gzip", If_None_Match=", ".join(f"W/{tag}" for tag in tags))[0] == 304


def test_each_answer_has_one_date(ask: Ask) -> None:
    """The page and an asset, and the short answer to a browser that has the page already."""
    _, headers, _ = ask("/")
    for _, seen, _ in (ask("/"), ask("/", If_None_Match=headers["ETag"]), ask(f"/assets/{script().name}")):
        assert len(seen.get_all("Date", [])) == 1


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_head_is_get_without_a_body(ask: Ask, coding: str) -> None:
    """The same headers, the length included."""
    for path in ("/", f"/assets/{script().name}"):
        status, headers, body = ask(path, Accept_Encoding=coding)
        head_status, head_headers, nothing = ask(path, "HEAD", Accept_Encoding=coding)
        assert (head_status, nothing) == (status, b"")
        for name in set(headers) - {"Date"}:
            assert head_headers[name] == headers[name]
        assert head_headers["Content-Length"] == str(len(body))


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_a_part_is_a_part_of_what_is_served(ask: Ask, coding: str) -> None:
    """A download that goes on where it broke off: bytes of the coding that it began with."""
    path = f"/assets/{script().name}"
    whole = ask(path, Accept_Encoding=coding)
    status, headers, body = ask(path, Accept_Encoding=coding, Range="bytes=100-299")
    assert (status, body) == (206, whole[2][100:300])
    assert headers["Content-Range"] == f"bytes 100-299/{len(whole[2])}"
    assert headers.get("Content-Encoding", "identity") == coding
    rest = ask(path, Accept_Encoding=coding, Range="bytes=1000-", If_Range=whole[1]["ETag"])
    assert (rest[0], rest[2]) == (206, whole[2][1000:])
    other = ask(path, Accept_Encoding=coding, Range="bytes=1000-", If_Range='"of-another-coding"')
    assert (other[0], other[2]) == (200, whole[2])
    assert ask(path, Accept_Encoding=coding, Range=f"bytes={len(whole[2])}-")[0] == 416


def test_an_asset_of_another_build_is_not_there(ask: Ask) -> None:
    """404 that nobody keeps, never another file; compressed files have no address of their own."""
    name = script().name
    for path in (name.replace("-", "-x"), f"{name}.gz", f"{name}.br", "", ".", "index.html"):
        status, headers, _ = ask(f"/assets/{path}", Accept_Encoding="gzip, br")
        assert (status, headers["Cache-Control"]) == (404, "no-store")


def test_compressing_is_for_assets_and_the_page(ask: Ask) -> None:
    """What is made anew each time, and small, goes as it is."""
    for path in ("/healthz", "/api/status", "/metrics"):
        status, headers, _ = ask(path, Accept_Encoding="gzip, br")
        assert (status, headers["Content-Encoding"]) == (200, None)

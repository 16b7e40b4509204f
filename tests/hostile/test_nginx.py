"""The site of deploy/nginx.conf, in a real nginx before real servers: page, socket and images work as they should."""

import contextlib
import http.client
import os
import re
import socket
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as connect_live

from tests.live_client import SUBPROTOCOL, LiveClient
from tests.nginx import NoNginx, find_nginx, running_nginx
from tests.server import ROOT, ServerProcess, running_server
from tests.simulator import running_simulator
from tests.support import CI, deadline, find_free_port

NAME = "viewer.example"
COOKIE = "session=" + "a" * 12_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, ssl.SSLContext, ServerProcess]]:
    """nginx on the delivered file, of which only ports and paths are others, before a server that knows its name."""
    try:
        find_nginx()
    except NoNginx as error:
        if CI:
            raise
        pytest.skip(str(error))
    port, one, two = find_free_port(), find_free_port(), find_free_port()
    replace = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/etc/ssl/certs/viewer.pem": "{folder}/cert.pem",
        "/etc/ssl/private/viewer.key": "{folder}/key.pem",
        "http://127.0.0.1:8081/": f"http://127.0.0.1:{one}/",
        "http://127.0.0.1:8082/": f"http://127.0.0.1:{two}/",
    }
    environment = {"SOV_ALLOW_HOST": NAME, "SOV_PROXY": "127.0.0.1"}
    folder = tmp_path_factory.mktemp("nginx")
    os.chmod(folder, 0o755)
    with (
        running_simulator("--rate", "10", "--size", "64x48") as (_, stream),
        running_server(stream, "--port", str(one), environment=environment) as known,
        running_server(find_free_port(), "--port", str(two)),
        running_nginx(folder, ROOT / "deploy" / "nginx.conf", replace, port, NAME) as certificate,
    ):
        context = ssl.create_default_context(cafile=str(certificate))
        yield port, context, known


class Secure(http.client.HTTPSConnection):
    """A connection to the site's name, which leads to this machine."""

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        super().__init__(NAME, port, context=context, timeout=deadline(15))
        self.context = context

    def connect(self) -> None:
        """Connect to this machine, and expect the certificate of the name."""
        self.sock = self.context.wrap_socket(socket.create_connection(("127.0.0.1", self.port)), server_hostname=NAME)


def get(
    site: tuple[int, ssl.SSLContext, ServerProcess], path: str, **headers: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Return status, headers and body."""
    port, context, _ = site
    connection = Secure(port, context)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers)
        with connection.getresponse() as answer:
            return answer.status, answer.headers, answer.read()


def live(site: tuple[int, ssl.SSLContext, ServerProcess], path: str = "cam1/live", **more: Any) -> ClientConnection:
    """Return a viewer's connection through nginx."""
    port, context, _ = site
    # From an address that is not the proxy's own.
    sock = socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0))
    url = f"wss://{NAME}:{port}/{path}"
    return connect_live(url, sock=sock, ssl=context, server_hostname=NAME, subprotocols=[SUBPROTOCOL], **more)


def test_the_page_and_all_of_its_assets(site: tuple[int, ssl.SSLContext, ServerProcess]) -> None:
    """Below its path, compressed as by the server, with a cookie of 12 KB."""
    status, headers, body = get(site, "/cam1/", Cookie=COOKIE)
    assert status == 200
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    names = re.findall(r'"\./(assets/[^"]+)"', body.decode())
    assert names
    for name in names:
        assert get(site, f"/cam1/{name}", **{"Accept-Encoding": "gzip"})[0] == 200


def test_the_socket_of_the_page(site: tuple[int, ssl.SSLContext, ServerProcess]) -> None:
    """Images come through; the server shows for whom nginx asks; the page's own origin is let in, another is not."""
    port, _, server = site
    origin = f"https://{NAME}:{port}"
    with live(site, origin=origin, additional_headers={"Cookie": COOKIE, "X-Forwarded-For": "6.6.6.6"}) as connection:
        connection.send('{"kind": "want"}')
        while not isinstance(message := connection.recv(timeout=deadline(5)), bytes):
            pass
        assert message[4] in (1, 2)
        (viewer,) = server.status()["viewers"]
        assert viewer["address"] == "127.0.0.2"
    for wrong in ("https://evil.example", f"https://{NAME}", "null"):
        with pytest.raises(InvalidStatus) as raised:
            live(site, origin=wrong)
        assert raised.value.response.status_code == 403


def test_images_and_status(site: tuple[int, ssl.SSLContext, ServerProcess]) -> None:
    """Through the proxy as directly."""
    status, headers, body = get(site, "/cam1/image.png")
    assert (status, headers["Content-Type"], body[:4]) == (200, "image/png", b"\x89PNG")
    assert get(site, "/cam1/api/status")[0] == 200


def test_a_server_that_was_not_told_the_name_says_what_to_do(site: tuple[int, ssl.SSLContext, ServerProcess]) -> None:
    """421 and the option."""
    status, _, body = get(site, "/cam2/")
    assert status == 421
    assert b"--allow-host viewer.example" in body
    assert get(site, "/cam2/healthz")[0] == 200


def test_a_direct_client_is_served_beside_it(site: tuple[int, ssl.SSLContext, ServerProcess]) -> None:
    """The server itself goes on to answer under its local names."""
    with LiveClient(site[2].url("live", "ws")) as viewer:
        viewer.next_frame()

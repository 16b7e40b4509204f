"""What the server answers besides the live socket, and what it refuses there."""

import contextlib
import io
import json
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Response
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.live_client import SUBPROTOCOL, LiveClient
from tests.raw_source import RawSource, channel
from tests.server import ServerProcess, running_server
from tests.simulator import running_simulator
from tests.support import deadline, find_free_port, wait_until

SECURITY_HEADERS = (
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "cross-origin-resource-policy",
)
PATHS = ("", "healthz", "readyz", "metrics", "api/status", "image.png", "image.npy")
WRONG_PATHS = ("live", "nothing", "image.png?min=x", "assets/../../settings.py", "assets/none.js")
TYPES_OF_ASSETS = ("text/javascript", "application/javascript", "text/css", "image/svg+xml")
MOST_WAITING = 8

Answer = tuple[int, bytes, float]
"""Status and body, and how many seconds they took."""
Waiting = tuple[ServerProcess, Callable[[], list[Answer]]]


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server on a camera of 10 Hz."""
    camera = running_simulator("--scene", "camera", "--rate", "10", "--size", "320x240")
    with camera as (_, port), running_server(port) as server:
        server.wait_for_status(lambda status: status["source"]["messages"], 5, "messages come")
        yield server


@pytest.fixture(scope="module")
def waiting() -> Iterator[Waiting]:
    """A server without source, on which as many requests wait for an image as may, and their answers once they come.

    The other tests of this module run while they wait.
    """
    with running_server(find_free_port()) as server:
        answers: list[Answer] = []

        def ask() -> None:
            start = time.monotonic()
            answers.append((*server.get("image.png", timeout=20)[:2], time.monotonic() - start))

        threads = [threading.Thread(target=ask) for _ in range(MOST_WAITING)]
        for thread in threads:
            thread.start()
        server.wait_for_status(lambda status: len(status["viewers"]) == MOST_WAITING, 3, "the requests wait")

        def join() -> list[Answer]:
            for thread in threads:
                thread.join()
            return answers

        yield server, join
        join()


def live_url(server: ServerProcess, path: str = "live") -> str:
    """Return the URL of the live socket."""
    return server.url(path, "ws")


def refused(
    server: ServerProcess, path: str = "live", protocols: Sequence[Subprotocol] | None = (SUBPROTOCOL,), **more: Any
) -> Response:
    """Try to connect, and return the refusal."""
    with (
        pytest.raises(InvalidStatus) as raised,
        connect(live_url(server, path), subprotocols=protocols, **more),
    ):
        pass
    return raised.value.response


def test_health_is_no_question_of_the_source(waiting: Waiting) -> None:
    """`/healthz` answers within a second while the source is away and as many requests as may wait for an image."""
    server, _ = waiting
    for path in ("healthz", "readyz", "api/status", "metrics", ""):
        start = time.monotonic()
        assert server.get(path)[0] == 200
        assert time.monotonic() - start < deadline(1)


def test_not_too_many_requests_wait_for_an_image(waiting: Waiting) -> None:
    """One more is turned away at once."""
    server, _ = waiting
    code, body, _ = server.get("image.npy")
    assert code == 503
    assert body == b"8 requests are waiting for an image already; try again\n"


def test_the_page(server: ServerProcess) -> None:
    """`/` is the built page, which names the build that the status names, and is not kept by the browser unasked."""
    code, body, headers = server.get("")
    assert code == 200
    assert headers["content-type"].startswith("text/html")
    assert f'content="{server.status()["build"]}"' in body.decode()
    assert headers["cache-control"] == "no-cache"


def test_assets_of_the_page_may_be_kept_for_ever(server: ServerProcess) -> None:
    """Their names change with their content; each is served with its type."""
    page = server.get("")[1].decode()
    names = [part.split('"')[0] for part in page.split('"./assets/')[1:]]
    assert names
    for name in names:
        code, body, headers = server.get(f"assets/{name}")
        assert (code, bool(body)) == (200, True)
        assert "immutable" in headers["cache-control"]
        assert headers["content-type"].split(";")[0] in TYPES_OF_ASSETS


@pytest.mark.parametrize("path", [*PATHS, *WRONG_PATHS])
def test_every_answer_has_the_security_headers(server: ServerProcess, path: str) -> None:
    """Also errors; and nothing is kept by a browser that need not be."""
    code, _, headers = server.get(path)
    assert (code == 200) == (path in PATHS)
    assert all(headers[name] for name in SECURITY_HEADERS)
    assert "script-src 'self' 'wasm-unsafe-eval'" in headers["content-security-policy"]
    assert "unsafe-inline" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == ("no-cache" if path == "" else "no-store")


def test_an_unknown_method_is_refused(server: ServerProcess) -> None:
    """What only tells can only be read."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"POST /api/status HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 405")
    assert b"content-security-policy" in answer.lower()


def test_a_request_that_is_no_http_is_refused(server: ServerProcess) -> None:
    """Junk gets an answer and no traceback; the server goes on."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 400")
    assert server.get("healthz")[:2] == (200, b"ok\n")
    assert "Traceback" not in server.output()


def test_status(server: ServerProcess) -> None:
    """The status tells the source, its rates and losses, refusals by reason, and each viewer with its rate."""
    with LiveClient(live_url(server)) as viewer:

        def is_steady(status: dict[str, Any]) -> bool:
            # Who takes nothing is sent no more.
            viewer.collect(0.1)
            rates = status["source"]["rate"], status["source"]["image_rate"], *(v["rate"] for v in status["viewers"])
            return rates == pytest.approx((10, 10, 10), rel=0.2)

        status = server.wait_for_status(is_steady, 5, "all rates are 10 Hz")
    source = status["source"]
    assert source["state"] == "receiving"
    assert (source["lost"], source["refused"], source["invalid"]) == (0, {}, {})
    assert (source["socket"], source["shared"]) == ("PULL", True)
    assert {"name": "image", "dtype": "uint16", "shape": [240, 320]} in status["images"]
    assert status["default_image"] == "image"
    (seen,) = status["viewers"]
    assert seen["address"].startswith("127.0.0.1:")
    # It has got some more since the status was asked for.
    assert len(viewer.frames) - 5 <= seen["images"] <= len(viewer.frames) + 2
    assert status["limits"] == {
        "max_rate": 60,
        "viewer_mbit": 0,
        "total_mbit": 800,
        "max_viewers": 1000,
        "max_message_mb": 256,
        "max_pulse_mb": 512,
    }


def test_status_is_json_also_with_values_that_json_cannot_say() -> None:
    """Images, scalars and header entries that are not a number: the JSON of status and socket holds no NaN."""
    image = np.array([[np.nan, np.inf], [-np.inf, 0]], np.float32)
    with RawSource() as source, running_server(source.port) as server, LiveClient(live_url(server)) as viewer:
        broken = channel("broken", np.float64(1), shape=[math.nan], modulo=math.inf)
        frame = source.send_until_shown(viewer, channel("image", image), channel("x", np.float64(np.nan)), broken)
        assert np.array_equal(frame.pixels, image, equal_nan=True)
        assert set(frame.invalid) == {"broken"}
        viewer.next_status()
        server.wait_for_status(lambda status: status["source"]["invalid"].get("shape"), 2, "counted")


def test_metrics(server: ServerProcess) -> None:
    """The metrics are in the format of Prometheus, and agree with the status."""
    with LiveClient(live_url(server)) as viewer:
        viewer.next_frame()
        code, body, headers = server.get("metrics")
        status = server.status()
    assert code == 200
    assert headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }
    assert samples["sov_viewers",] == 1
    assert samples["sov_source_state", "receiving"] == 1
    assert 0 < samples["sov_source_messages_total",] <= status["source"]["messages"]
    assert samples["sov_source_lost_total",] == 0
    assert samples["sov_images_encoded_total",] > 0
    assert samples["process_resident_memory_bytes",] > 10e6
    assert all(math.isfinite(value) for value in samples.values())


def test_image_npy_is_the_frame_of_its_pulse(server: ServerProcess) -> None:
    """The file holds the exact pixels that a viewer sees of the same pulse; pulse id and time are in the headers."""
    with LiveClient(live_url(server)) as viewer:
        viewer.next_frame()
        answer = []
        thread = threading.Thread(target=lambda: answer.append(server.get("image.npy")))
        thread.start()
        while thread.is_alive():
            viewer.collect(0.05)
        viewer.collect(0.3)
    code, body, headers = answer[0]
    assert code == 200
    image = np.load(io.BytesIO(body), allow_pickle=False)
    (frame,) = (frame for frame in viewer.frames if str(frame.pulse_id) == headers["x-pulse-id"])
    assert image.dtype == np.uint16
    assert np.array_equal(image, frame.pixels)
    assert headers["x-source-time-ns"] == str(frame.source_time)
    assert f"pulse-{frame.pulse_id}.npy" in headers["content-disposition"]


def test_image_npy_of_another_channel(server: ServerProcess) -> None:
    """`?image=` names any array of the stream."""
    code, body, _ = server.get("image.npy?image=image_profile_x")
    assert code == 200
    assert np.load(io.BytesIO(body), allow_pickle=False).shape == (320,)


def test_image_npy_is_received_after_the_request(server: ServerProcess) -> None:
    """It is the next image, not the last one."""
    before = time.time_ns()
    headers = server.get("image.npy")[2]
    assert int(headers["x-source-time-ns"]) >= before - 50_000_000


def test_image_png(server: ServerProcess) -> None:
    """A picture of the same size, in colour or gray, with the levels written into it."""
    code, body, headers = server.get("image.png")
    assert (code, headers["content-type"]) == (200, "image/png")
    with Image.open(io.BytesIO(body)) as picture:
        assert picture.size == (320, 240)
        assert "viridis" in picture.info["Levels"]
    with Image.open(io.BytesIO(server.get("image.png?colormap=gray&min=0&max=4096")[1])) as picture:
        assert picture.info["Levels"] == "0 to 4096, colour map gray"
        gray = np.asarray(picture.convert("RGB"))
    assert (gray[:, :, 0] == gray[:, :, 2]).all()
    assert gray.max() > 100


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("image.png?colormap=mud", "Unknown colormap 'mud'; known are viridis, inferno, "),
        ("image.png?min=low", "min must be a number, not 'low'."),
        ("image.png?max=nan", "max must be a number, not 'nan'."),
        ("image.png?min=2&max=1", "min must be below max."),
        ("image.npy?slice=-1", "slice must be a whole number from 0."),
        ("image.npy?colormap=gray", "Unknown parameter 'colormap'; known are colour, image, slice."),
        ("image.npy?colour=red", "colour must be one of auto, colour, slices."),
        ("image.npy?image=", "image must be a channel name of 1 to 256 characters."),
        ("live", "This is a WebSocket; see docs/protocol.md."),
    ],
)
def test_a_wrong_request_is_explained(server: ServerProcess, query: str, text: str) -> None:
    """400 and one line that says what is wrong and what is allowed."""
    code, body, headers = server.get(query)
    assert code == 400
    assert body.decode().startswith(text)
    assert headers["content-type"].startswith("text/plain")


def test_a_list_of_cameras_that_is_not_configured_says_so(server: ServerProcess) -> None:
    """404, with the option that is missing."""
    code, body, _ = server.get("cameras")
    assert code == 404 and b"--catalogue" in body


def test_unknown_paths_are_not_found(server: ServerProcess) -> None:
    """404, and no way out of the folder of the page."""
    for path in ("nothing", "assets/../../settings.py", "assets/%2e%2e/%2e%2e/settings.py", "index.html.svg"):
        assert server.get(path)[0] == 404


def test_a_page_of_another_host_may_not_listen(server: ServerProcess) -> None:
    """403 for a wrong Origin: a page elsewhere cannot look into the network through a browser in it."""
    for origin in ("http://evil.example", f"http://127.0.0.1:{server.port + 1}", "null"):
        response = refused(server, origin=origin)
        assert response.status_code == 403
        assert response.body == b"The page that asks is from another host.\n"


def test_the_own_page_and_a_client_that_is_no_browser_may_listen(server: ServerProcess) -> None:
    """The page's own origin is let in, and so is a client that sends none."""
    for origin in (f"http://127.0.0.1:{server.port}", f"https://127.0.0.1:{server.port}", None):
        with LiveClient(live_url(server), origin=origin) as viewer:
            viewer.next_frame()


def test_the_subprotocol_must_be_offered(server: ServerProcess) -> None:
    """400 for a client that does not say that it speaks this protocol."""
    for protocols in (None, [Subprotocol("sov.2")], [Subprotocol("chat"), Subprotocol("SOV.1")]):
        response = refused(server, protocols=protocols)
        assert response.status_code == 400
        assert b"subprotocol" in response.body


def test_the_subprotocol_may_be_one_of_several(server: ServerProcess) -> None:
    """A client of a later version offers both; and no extension is agreed on."""
    with connect(
        live_url(server), subprotocols=[Subprotocol("sov.2"), SUBPROTOCOL], compression="deflate"
    ) as connection:
        assert connection.subprotocol == "sov.1"
        assert connection.protocol.extensions == []


def test_there_is_one_live_socket(server: ServerProcess) -> None:
    """404 at any other path."""
    response = refused(server, path="elsewhere")
    assert response.status_code == 404
    assert response.body == b"The live socket is at /live.\n"


def test_refused_handshakes_have_the_security_headers(server: ServerProcess) -> None:
    """They are answers like any other."""
    headers = refused(server, origin="http://evil.example").headers
    assert all(headers[name] for name in SECURITY_HEADERS)


def test_places_for_viewers_are_limited() -> None:
    """With `--max-viewers 2` a third one gets 503 and when to try again; when one leaves there is room."""
    with (
        running_simulator("--rate", "10", "--size", "64x48") as (_, port),
        running_server(port, "--max-viewers", "2") as server,
        LiveClient(live_url(server)) as one,
    ):
        with LiveClient(live_url(server)):
            response = refused(server)
            assert response.status_code == 503
            assert response.headers["Retry-After"] == "5"
            assert response.body == b"All places for viewers are taken.\n"
        server.wait_for_status(lambda status: len(status["viewers"]) == 1, 2, "one has left")
        with LiveClient(live_url(server)) as two:
            two.next_frame()
        one.next_frame()


BAD_MESSAGES: dict[str, tuple[str | bytes | list[bytes], int, str | None]] = {
    "no JSON": ("{", 1008, "the text is no JSON"),
    "no kind": ('{"image": null}', 1008, "a text message must be a JSON object with a kind"),
    "image": ('{"kind": "want", "image": 5}', 1008, "image must be null or a name of 1 to 256 characters"),
    "slice": ('{"kind": "want", "slice": -1}', 1008, "slice must be a whole number from 0"),
    "format": (
        '{"kind": "want", "format": "jpeg"}',
        1008,
        "format must be auto or one of exact, raw, bslz4, float32, preview",
    ),
    "rate": ('{"kind": "want", "rate": NaN}', 1008, "rate must be a number of images a second"),
    "every": (
        '{"kind": "want", "every": [1]}',
        1008,
        "every must be true, false or a list of names of at most 256 characters",
    ),
    "hidden": ('{"kind": "want", "hidden": "yes"}', 1008, "hidden must be true or false"),
    "colour": ('{"kind": "want", "colour": true}', 1008, "colour must be null or one of auto, colour, slices"),
    "deep": ("[" * 50_000, 1008, "the text is no JSON"),
    "short": (b"\1\0\0\0", 1008, "a binary message must be an acknowledgement of 16 bytes"),
    "junk": (b"\xff" * 16, 1008, "a binary message must be an acknowledgement of 16 bytes"),
    "too large": (b"\1" * 70_000, 1009, None),
    "too large in pieces": ([b"\1" * 40_000] * 50, 1009, None),
}


@pytest.mark.parametrize("name", BAD_MESSAGES)
def test_a_viewer_that_says_something_wrong_is_told_so_and_closed(server: ServerProcess, name: str) -> None:
    """The code and the reason say what is wrong; another viewer does not notice."""
    message, code, reason = BAD_MESSAGES[name]
    with LiveClient(live_url(server)) as other, LiveClient(live_url(server)) as viewer:
        other.next_frame()
        with pytest.raises(ConnectionClosed) as raised:
            viewer.connection.send(message)
            while True:
                viewer.receive(deadline(3))
        assert raised.value.rcvd.code == code
        assert reason is None or raised.value.rcvd.reason == reason
        other.next_frame()
        other.next_frame()
    server.wait_for_status(lambda status: status["viewers"] == [], 2, "both are gone")


def test_text_that_is_no_utf8(server: ServerProcess) -> None:
    """Close code 1007."""
    with LiveClient(live_url(server)) as viewer:
        viewer.next_frame()
        with pytest.raises(ConnectionClosed) as raised:
            viewer.connection.send(b'{"kind": "want", "image": "\xff\xfe"}', text=True)
            while True:
                viewer.receive(deadline(3))
        assert raised.value.rcvd.code == 1007


def test_what_is_unknown_is_ignored(server: ServerProcess) -> None:
    """A later client may say more: unknown kinds and keys do no harm."""
    with LiveClient(live_url(server)) as viewer:
        viewer.connection.send(json.dumps({"kind": "hint", "zoom": 3}))
        viewer.want(format="raw", preview=True)
        viewer.next_frame()
        while viewer.next_frame().image_block["format"] != "raw":
            pass


def test_a_want_may_come_in_pieces(server: ServerProcess) -> None:
    """A message in several WebSocket frames is one message."""
    with LiveClient(live_url(server)) as viewer:
        viewer.next_frame()
        viewer.connection.send(iter(['{"kind": "wa', 'nt", "for', 'mat": "bslz4"}']))
        end = time.monotonic() + deadline(3)
        while viewer.next_frame().image_block["format"] != "bslz4":
            assert time.monotonic() < end


def test_viewers_that_break_off_are_forgotten(server: ServerProcess) -> None:
    """Connections that are reset, half closed or never say anything leave nothing behind."""
    handshake = (
        b"GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sov.1\r\n\r\n"
    )
    with contextlib.ExitStack() as stack:
        for linger in (0, 1):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            connection.sendall(handshake)
            assert connection.recv(12) == b"HTTP/1.1 101"
            server.wait_for_status(lambda status: len(status["viewers"]) == 1, 2, "connected")
            if linger:
                connection.shutdown(socket.SHUT_WR)
            else:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                connection.close()
            server.wait_for_status(lambda status: status["viewers"] == [], 2, "forgotten")
    wait_until(lambda: server.get("healthz")[0] == 200, 1, "healthy")
    assert "Traceback" not in server.output()


def test_a_request_without_an_image_ends_after_ten_seconds(waiting: Waiting) -> None:
    """504 after 10 s says what is known of the source; nobody counts as viewer any more."""
    server, join = waiting
    answers = join()
    assert len(answers) == MOST_WAITING
    for code, body, seconds in answers:
        assert code == 504
        assert body.startswith(b"no image of the image channel came within 10 s; Nothing listens at 127.0.0.1:")
        assert 10 <= seconds < deadline(12)
    assert server.status()["viewers"] == []

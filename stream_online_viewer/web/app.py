"""The Flask application: the page, the status, the metrics, and single images. It never touches the source."""

import math
from collections.abc import Callable
from typing import Any, Protocol

from flask import Flask, Response, request
from werkzeug.exceptions import BadRequest, HTTPException, NotFound

from stream_online_viewer.protocol.form import Form
from stream_online_viewer.protocol.jsontext import to_json
from stream_online_viewer.web.metrics import Metrics
from stream_online_viewer.web.pages import IDENTITY, SECURITY_HEADERS, Document, Page
from stream_online_viewer.web.snapshot import Snapshot, SnapshotError

CACHED_SECONDS = 31_536_000
COLOUR_MAPS = (
    "viridis", "inferno", "magma", "plasma", "cividis", "turbo", "gray", "gray_r", "jet", "rainbow", "hot", "afmhot",
    "bone", "copper", "coolwarm", "RdBu", "seismic", "twilight",
)  # fmt: skip


class Backend(Protocol):
    """What the application asks of the rest of the web process; called from Flask's threads."""

    def overview(self) -> dict[str, Any]:
        """Return the content of ``/api/status``."""

    def snapshot(self, form: Form, local: bool) -> Snapshot:
        """Wait for the next image."""

    def ready(self) -> bool:
        """Whether viewers can be served."""


def create_app(backend: Backend, page: Page) -> Flask:
    """Return the application. All its URLs are relative to where it is mounted."""
    app = Flask("stream_online_viewer", static_folder=None)
    metrics = Metrics(backend.overview)
    start = page.document()

    @app.after_request
    def secure(response: Response) -> Response:
        response.headers.update(SECURITY_HEADERS)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    @app.errorhandler(HTTPException)
    def explain(error: HTTPException) -> Response:
        return Response(f"{error.description}\n", error.code or 500, mimetype="text/plain")

    @app.errorhandler(SnapshotError)
    def no_image(error: SnapshotError) -> Response:
        return Response(f"{error}\n", error.status, mimetype="text/plain")

    @app.get("/")
    def index() -> Response:
        return _document(start, "no-cache")

    @app.get("/assets/<path:name>")
    def assets(name: str) -> Response:
        asset = page.assets.get(name)
        if asset is None:
            raise NotFound("This server's build has no such asset.")
        return _document(asset, f"public, max-age={CACHED_SECONDS}, immutable")

    @app.get("/live")
    def live() -> Response:
        raise BadRequest("This is a WebSocket; see docs/protocol.md.")

    @app.get("/api/status")
    def status() -> Response:
        return Response(to_json(backend.overview()), mimetype="application/json")

    @app.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @app.get("/readyz")
    def readyz() -> Response:
        if backend.ready():
            return Response("ready\n", mimetype="text/plain")
        return Response("the receiving process is not running\n", 503, mimetype="text/plain")

    @app.get("/metrics")
    def prometheus() -> Response:
        return Response(metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/image.npy")
    def image_npy() -> Response:
        return _file(backend.snapshot(_form("npy"), _local()), "application/octet-stream", "npy")

    @app.get("/image.png")
    def image_png() -> Response:
        return _file(backend.snapshot(_form("png"), _local()), "image/png", "png")

    return app


def _document(document: Document, cached: str) -> Response:
    """Answer with the bytes that this client takes, or that it has them (304), or with the part that it asks for."""
    coding = document.coding(request.accept_encodings.quality)
    body = document.bodies[coding]
    response = Response(body, content_type=document.content_type)
    response.headers["Cache-Control"] = cached
    response.headers["Vary"] = "Accept-Encoding"
    if coding != IDENTITY:
        response.headers["Content-Encoding"] = coding
    response.set_etag(document.etag(coding))
    response.make_conditional(request.environ, accept_ranges=True, complete_length=len(body))
    return response


def _form(name: str) -> Form:
    """Return what the query asks for; raise a 400 that says what is wrong."""
    allowed = {"image", "slice"} | ({"colormap", "min", "max"} if name == "png" else set())
    unknown = sorted(set(request.args) - allowed)
    if unknown:
        raise BadRequest(f"Unknown parameter {unknown[0]!r}; known are {', '.join(sorted(allowed))}.")
    colour_map = request.args.get("colormap", "viridis")
    if colour_map not in COLOUR_MAPS:
        raise BadRequest(f"Unknown colormap {colour_map!r}; known are {', '.join(COLOUR_MAPS)}.")
    index = _number("slice", lambda text: int(text)) or 0
    if not 0 <= index < 2**24:
        raise BadRequest("slice must be a whole number from 0.")
    low, high = _number("min", float), _number("max", float)
    if low is not None and high is not None and low >= high:
        raise BadRequest("min must be below max.")
    channel = request.args.get("image")
    if channel is not None and not 0 < len(channel) <= 256:
        raise BadRequest("image must be a channel name of 1 to 256 characters.")
    return Form(channel, int(index), name, low=low, high=high, colour_map=colour_map)


def _number(name: str, read: Callable[[str], float]) -> float | None:
    text = request.args.get(name)
    if text is None:
        return None
    try:
        value = read(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadRequest(f"{name} must be a number, not {text!r}.")
    return value


def _local() -> bool:
    return (request.remote_addr or "").startswith(("127.", "::1"))


def _file(snapshot: Snapshot, mimetype: str, ending: str) -> Response:
    headers = {
        "X-Pulse-Id": str(snapshot.pulse_id),
        "Content-Disposition": f'inline; filename="pulse-{snapshot.pulse_id}.{ending}"',
    }
    if snapshot.source_time is not None:
        headers["X-Source-Time-Ns"] = str(snapshot.source_time)
    return Response(snapshot.data, mimetype=mimetype, headers=headers)

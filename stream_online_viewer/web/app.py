"""The Flask application: page, status, health and metrics. It never touches the source."""

import logging
import os
from collections.abc import Callable
from typing import Protocol

from flask import Flask, Response, request
from werkzeug.exceptions import BadRequest, HTTPException, NotFound

from stream_online_viewer.errors import ViewerError
from stream_online_viewer.protocol.jsontext import to_json
from stream_online_viewer.web.cameras import CamerasNow
from stream_online_viewer.web.cameras_page import LINK
from stream_online_viewer.web.cameras_routes import serve_cameras
from stream_online_viewer.web.catalogue import Catalogue
from stream_online_viewer.web.metrics import Metrics
from stream_online_viewer.web.overview import Overview
from stream_online_viewer.web.pages import IDENTITY, SECURITY_HEADERS, Document, Page

logger = logging.getLogger(__name__)

CACHED_SECONDS = 31_536_000


class BusyError(ViewerError):
    """The loop did not answer in time."""


class Backend(Protocol):
    """What the application needs of the rest of the web process; called from Flask's threads."""

    def overview(self) -> Overview:
        """Return the content of ``/api/status``; raise :class:`BusyError`."""

    def ready(self) -> bool:
        """Whether viewers can be served."""

    def cameras(self) -> CamerasNow:
        """Return what is known of the camera server, and let it be asked again; raise :class:`BusyError`."""


def create_app(
    backend: Backend, page: Page, pid: Callable[[], int] = os.getpid, catalogue: Catalogue | None = None
) -> Flask:
    """Return the application. All its URLs are relative to where it is mounted.

    ``pid`` returns the process whose time and memory are shown as those of the server. ``catalogue`` is
    what lists cameras, None for no list.
    """
    app = Flask("stream_online_viewer", static_folder=None)
    metrics = Metrics(backend.overview, pid)
    start = page.document() if catalogue is None else page.document("cameras-link.css", LINK)

    @app.after_request
    def secure(response: Response) -> Response:
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    @app.errorhandler(HTTPException)
    def explain(error: HTTPException) -> Response:
        return Response(f"{error.description}\n", error.code or 500, mimetype="text/plain")

    @app.errorhandler(BusyError)
    def busy(error: BusyError) -> Response:
        return Response(f"{error}\n", 503, {"Retry-After": "1"}, mimetype="text/plain")

    @app.errorhandler(Exception)
    def fault(error: Exception) -> Response:
        # Without the address, which a client chooses: the log line must not depend on it.
        logger.error("internal fault in an answer", exc_info=error)
        return Response("There is a fault in this server; its log says more.\n", 500, mimetype="text/plain")

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
        return Response(to_json(backend.overview().content()), mimetype="application/json")

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

    if catalogue is not None:
        serve_cameras(app, catalogue, page, backend.cameras)
    else:

        @app.get("/cameras")
        def no_cameras() -> Response:
            text = "This server lists no cameras: nothing was given with --catalogue.\n"
            return Response(text, 404, mimetype="text/plain")

    return app


def _document(document: Document, cached: str) -> Response:
    """Answer with the document in the best content coding, a requested range of it, or 304 if the client has it."""
    coding = document.coding(request.accept_encodings.quality)
    body = document.bodies[coding]
    response = Response(body, content_type=document.content_type)
    response.headers["Cache-Control"] = cached
    response.headers["Vary"] = "Accept-Encoding"
    if coding != IDENTITY:
        response.headers["Content-Encoding"] = coding
    response.set_etag(document.etag(coding))
    response.make_conditional(request.environ, accept_ranges=True, complete_length=len(body))
    # uvicorn writes a date into every answer, and two are one too many.
    response.headers.pop("Date", None)
    return response

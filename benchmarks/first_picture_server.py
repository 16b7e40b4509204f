"""The server as it is, with a page that reports its first picture once: takes the options of start_server.py.

A second page waits, then goes to the viewer's by another host name, as somebody who types an address in a running
browser. When a viewer connects and when it first says what it wants is known to the hub. All of it goes, one JSON
object a line, to the file that REPORTS_VARIABLE names; times are ms since 1970.
"""

import gzip
import json
import os
import re
import sys
import threading
import time
from pathlib import Path
from typing import Any
from unittest import mock

ROOT = Path(__file__).resolve().parents[1]
if __package__ in (None, ""):
    sys.path[0] = str(ROOT)

from flask import Flask, Response, request  # noqa: E402

from benchmarks.page_server import REPORTS_VARIABLE  # noqa: E402
from stream_online_viewer.errors import SettingsError  # noqa: E402
from stream_online_viewer.settings import read_settings  # noqa: E402
from stream_online_viewer.web import server, serving, session  # noqa: E402
from stream_online_viewer.web.app import Backend, create_app  # noqa: E402
from stream_online_viewer.web.hub import Hub  # noqa: E402
from stream_online_viewer.web.pages import IDENTITY, STATIC, Document, Page  # noqa: E402
from stream_online_viewer.web.viewer import Viewer  # noqa: E402
from tests.browsers import PLAIN_HOST  # noqa: E402

SCRIPT = (ROOT / "benchmarks" / "first_picture.js").read_text("utf-8")
SETTLE_MS = 1500
GO = """
const target = `http://%s:${location.port}/`;
setTimeout(() => { location.href = target; }, %d);
"""

_lock = threading.Lock()


def _write(line: bytes) -> None:
    with _lock, Path(os.environ[REPORTS_VARIABLE]).open("ab") as file:
        file.write(line.replace(b"\n", b" ") + b"\n")


def _event(name: str) -> None:
    _write(json.dumps({"event": name, "at": time.time_ns() / 1e6}).encode())


class WatchedHub(Hub):
    """A hub that reports when a viewer connects and when it sends its first want."""

    def connect(self, *arguments: Any, **named: Any) -> Viewer:
        """Add a viewer."""
        _event("connected")
        return super().connect(*arguments, **named)

    def set_want(self, viewer: Viewer, *arguments: Any, **named: Any) -> None:
        """Set what a viewer wants."""
        if not viewer.subscribed:
            _event("wanted")
        super().set_want(viewer, *arguments, **named)


class ReportingPage(Page):
    """The page with the script before the page's own ones, so that it costs no request."""

    def __init__(self, static: Path = STATIC) -> None:
        super().__init__(static)
        found = re.search(r'<script [^>]*src="\./assets/([^"]+)"', self.html)
        if found is None:
            raise SettingsError("the page has no script")
        own = self.assets[found[1]]
        both = SCRIPT.encode() + own.bodies[IDENTITY]
        bodies = {IDENTITY: both, "gzip": gzip.compress(both, mtime=0)}
        self.assets[found[1]] = Document(own.content_type, bodies, "with-the-reporting-script")


def reporting_app(backend: Backend, page: Page, *more: Any, **named: Any) -> Flask:
    """Return the application with the scripts and the route that takes the reports."""
    app = create_app(backend, page, *more, **named)

    @app.get("/benchmark/start")
    def start() -> Response:
        return Response('<!doctype html><title>start</title><script src="go.js"></script>', mimetype="text/html")

    @app.get("/benchmark/go.js")
    def go() -> Response:
        return Response(GO % (PLAIN_HOST, SETTLE_MS), mimetype="text/javascript")

    @app.post("/benchmark")
    def take() -> Response:
        _write(request.get_data())
        return Response(status=204)

    return app


def main() -> int:
    """Run until a signal comes."""
    with (
        mock.patch.object(server, "Page", ReportingPage),
        mock.patch.object(serving, "create_app", reporting_app),
        mock.patch.object(session, "Hub", WatchedHub),
    ):
        return server.run(read_settings())


if __name__ == "__main__":
    sys.exit(main())

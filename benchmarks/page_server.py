"""The server with a page that reports what it draws: takes the options of start_server.py.

One script is added to the page and two routes to the application. The script posts what the worker sends to the page;
the product itself is unchanged. The reports are written to the file that REPORTS_VARIABLE names, one JSON object a
line.
"""

import os
import sys
import threading
from pathlib import Path
from typing import Any
from unittest import mock

ROOT = Path(__file__).resolve().parents[1]
if __package__ in (None, ""):
    sys.path[0] = str(ROOT)

from flask import Flask, Response, request  # noqa: E402

from stream_online_viewer.settings import read_settings  # noqa: E402
from stream_online_viewer.web import server, serving  # noqa: E402
from stream_online_viewer.web.app import Backend, create_app  # noqa: E402
from stream_online_viewer.web.pages import Page  # noqa: E402

REPORTS_VARIABLE = "BENCHMARK_REPORTS"
SCRIPT = (ROOT / "benchmarks" / "page_report.js").read_text("utf-8")


class ReportingPage(Page):
    """The page with the script, which runs before the page's own, a deferred module."""

    def __init__(self) -> None:
        super().__init__()
        self.html = self.html.replace("</title>", '</title><script src="./benchmark.js"></script>', 1)


def reporting_app(backend: Backend, page: Page, *more: Any, **named: Any) -> Flask:
    """Return the application with the script and the route that takes the reports."""
    app = create_app(backend, page, *more, **named)
    path, lock = Path(os.environ[REPORTS_VARIABLE]), threading.Lock()

    @app.get("/benchmark.js")
    def script() -> Response:
        return Response(SCRIPT, mimetype="text/javascript")

    @app.post("/benchmark")
    def take() -> Response:
        with lock, path.open("ab") as file:
            file.write(request.get_data().replace(b"\n", b" ") + b"\n")
        return Response(status=204)

    return app


def main() -> int:
    """Run until a signal comes."""
    with mock.patch.object(server, "Page", ReportingPage), mock.patch.object(serving, "create_app", reporting_app):
        return server.run(read_settings())


if __name__ == "__main__":
    sys.exit(main())

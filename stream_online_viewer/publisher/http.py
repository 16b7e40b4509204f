"""The addresses of the ingest half: health, status and metrics. There is no page."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any, cast

import uvicorn
from a2wsgi import WSGIMiddleware
from flask import Flask, Response
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from werkzeug.exceptions import HTTPException

from stream_online_viewer.protocol.jsontext import to_json
from stream_online_viewer.publisher.metrics import IngestCollector
from stream_online_viewer.publisher.program import Program
from stream_online_viewer.publisher.status import status_of
from stream_online_viewer.web.pages import SECURITY_HEADERS

MOST_REQUESTS = 64
BUSY_SECONDS = 5.0


class StatusServer(uvicorn.Server):
    """Serves until ``should_exit`` is set."""

    def __init__(self, program: Program) -> None:
        self._loop = asyncio.get_running_loop()
        app = create_app(lambda: self._ask(lambda: status_of(program)), lambda: self._ask(program.ready))
        super().__init__(
            uvicorn.Config(
                cast(Any, WSGIMiddleware(cast(Any, app.wsgi_app), workers=2)),
                loop="none",
                lifespan="off",
                interface="asgi3",
                ws="none",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                limit_concurrency=MOST_REQUESTS,
                timeout_graceful_shutdown=1,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the program."""
        yield

    def _ask(self, function: Callable[[], Any]) -> Any:
        async def in_loop() -> Any:
            return function()

        return asyncio.run_coroutine_threadsafe(in_loop(), self._loop).result(BUSY_SECONDS)


def create_app(status: Callable[[], dict[str, Any]], why_not_ready: Callable[[], str]) -> Flask:
    """Return the application; the functions are called in threads of their own."""
    app = Flask("stream_online_viewer", static_folder=None)
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(IngestCollector(status))

    @app.after_request
    def secure(response: Response) -> Response:
        response.headers.update(SECURITY_HEADERS)
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.errorhandler(HTTPException)
    def explain(error: HTTPException) -> Response:
        return Response(f"{error.description}\n", error.code or 500, mimetype="text/plain")

    @app.errorhandler(TimeoutError)
    def busy(error: TimeoutError) -> Response:
        return Response("the program is too busy to say how it is; try again\n", 503, mimetype="text/plain")

    @app.get("/")
    @app.get("/api/status")
    def api_status() -> Response:
        return Response(to_json(status()), mimetype="application/json")

    @app.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @app.get("/readyz")
    def readyz() -> Response:
        why = why_not_ready()
        return Response(f"{why or 'ready'}\n", 503 if why else 200, mimetype="text/plain")

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")

    return app

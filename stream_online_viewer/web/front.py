"""Distributes requests: health, status and page each have their own threads, images are answered in the loop."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from flask import Flask

from stream_online_viewer.web.images import KINDS, Images

HEALTH_PATHS = ("/healthz", "/readyz")
STATUS_PATHS = ("/api/status", "/metrics")
HEALTH_THREADS = 1
STATUS_THREADS = 1
PAGE_THREADS = 2
"""Few, because each busy thread makes the loop wait for the interpreter."""

_Answer = Callable[[Any, Any, Any], Awaitable[None]]


class Front:
    """The ASGI application: images in the loop, everything else by Flask in threads of its kind."""

    def __init__(self, app: Flask, images: Images) -> None:
        health, status, self._page = (
            cast(_Answer, WSGIMiddleware(cast(Any, app.wsgi_app), workers=workers))
            for workers in (HEALTH_THREADS, STATUS_THREADS, PAGE_THREADS)
        )
        self._ways: dict[str, _Answer] = dict.fromkeys(HEALTH_PATHS, health)
        self._ways |= dict.fromkeys(STATUS_PATHS, status)
        self._ways |= dict.fromkeys(KINDS, images)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        await self._ways.get(scope["path"], self._page)(scope, receive, send)


def routes_with_body(app: Flask) -> Callable[[str], bool]:
    """Return a function that tells whether the application has a route with a body at a path.

    The viewer itself has none.
    """
    paths = {rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    return paths.__contains__

"""Which thread answers what: health, status and page each have their own, and images none at all."""

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
"""Few, because each thread that is busy makes the loop wait for its turn."""

_Answer = Callable[[Any, Any, Any], Awaitable[None]]


class Front:
    """The ASGI application: images from the loop, everything else by Flask, in threads of its kind."""

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
    """Return whether a path takes a body: whether the application has a route for it that is not only read.

    The viewer itself has none.
    """
    paths = {rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    return paths.__contains__

"""Which thread answers what: nobody who waits for the page or the status keeps health waiting."""

import asyncio
import threading
from typing import Any, cast

import pytest
from flask import Flask

from stream_online_viewer.web.front import Front
from tests.support import deadline


async def status_of(front: Front, path: str) -> int:
    """Ask for a path, and return the status of the answer."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    head = {"method": "GET", "path": path, "root_path": "", "query_string": b"", "headers": [(b"host", b"viewer")]}
    where = {"server": ("viewer", 80), "client": ("127.0.0.1", 1), "scheme": "http", "http_version": "1.1"}
    await front({"type": "http", "asgi": {"version": "3.0"}, **head, **where}, receive, send)
    return int(sent[0]["status"])


@pytest.mark.parametrize(
    ("held", "others"),
    [("/", ["/healthz", "/readyz", "/api/status", "/metrics"]), ("/api/status", ["/healthz", "/readyz", "/"])],
)
def test_each_kind_has_threads_of_its_own(held: str, others: list[str]) -> None:
    """Eight answers of one kind that never end; those of the other kinds are answered meanwhile."""
    app, going_on = Flask("test"), threading.Event()

    def answer(path: str) -> str:
        if path == held:
            going_on.wait(deadline(30))
        return "answered\n"

    for path in ("/", "/healthz", "/readyz", "/api/status", "/metrics"):
        app.add_url_rule(path, path, lambda path=path: answer(path))

    async def ask() -> None:
        front = Front(app, cast(Any, None))
        waiting = [asyncio.ensure_future(status_of(front, held)) for _ in range(8)]
        try:
            for path in others:
                assert await asyncio.wait_for(status_of(front, path), deadline(5)) == 200
            assert not any(one.done() for one in waiting)
        finally:
            going_on.set()
            assert await asyncio.gather(*waiting) == [200] * 8

    asyncio.run(ask())

"""The addresses of the list of cameras."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

from flask import Flask, Response, request

from stream_online_viewer.web.cameras import CamerasNow
from stream_online_viewer.web.cameras_page import LINK_STYLE, POLICY, STYLE, PageFiles, clean_search, list_of, page_of
from stream_online_viewer.web.catalogue import Catalogue
from stream_online_viewer.web.pages import Page

MOST_KEPT = 32
"""Lists that are kept as text, one for each search: pages that are open ask for theirs every two seconds."""


class _Lists:
    """The text of the list for each search that was asked for lately, with its entity tag."""

    def __init__(self, catalogue: Catalogue, cameras_now: Callable[[], CamerasNow]) -> None:
        self._catalogue = catalogue
        self._cameras_now = cameras_now
        self._kept: dict[str, tuple[CamerasNow, str, str]] = {}

    def now(self) -> CamerasNow | None:
        """Return what is known of the camera server, None if there is none."""
        return None if self._catalogue.server is None else self._cameras_now()

    def page(self, search: str, files: PageFiles) -> str:
        """Return the whole page."""
        now = self.now()
        return page_of(self._catalogue.with_listed(() if now is None else now.cameras), search, now, files)

    def text(self, search: str) -> tuple[str, str]:
        """Return the list and its entity tag."""
        now = self.now() or CamerasNow()
        # The time is only told beside a problem.
        shown = now if now.problem or now.good is None else replace(now, good=0.0)
        kept = self._kept.get(search)
        if kept is None or not _is_same(kept[0], shown):
            text = list_of(self._catalogue.with_listed(now.cameras), search, now)
            tag = hashlib.sha256(text.encode()).hexdigest()[:16]
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            kept = self._kept[search] = shown, text, tag
        return kept[1], kept[2]


def _is_same(one: CamerasNow, other: CamerasNow) -> bool:
    """Return whether two are equal, without looking at each camera: other cameras have another version."""
    return replace(one, cameras=()) == replace(other, cameras=())


def serve_cameras(app: Flask, catalogue: Catalogue, page: Page, cameras_now: Callable[[], CamerasNow]) -> None:
    """Add the addresses of the list to the application."""
    lists = _Lists(catalogue, cameras_now)
    files = PageFiles(page.address("cameras", "js"), page.address("favicon", "svg"))

    @app.get("/cameras")
    def cameras() -> Response:
        text = lists.page(request.args.get("search", ""), files)
        response = Response(text, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @app.get("/cameras.css")
    def style() -> Response:
        return Response(STYLE, content_type="text/css; charset=utf-8")

    @app.get("/cameras-link.css")
    def link_style() -> Response:
        return Response(LINK_STYLE, content_type="text/css; charset=utf-8")

    if catalogue.server is None:
        return

    @app.get("/cameras/list")
    def list_only() -> Response:
        text, tag = lists.text(clean_search(request.args.get("search", "")))
        response = Response(text, content_type="text/html; charset=utf-8")
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Content-Security-Policy"] = POLICY
        response.set_etag(tag)
        response.make_conditional(request.environ)
        # uvicorn writes a date into every answer, and two are one too many.
        response.headers.pop("Date", None)
        return response

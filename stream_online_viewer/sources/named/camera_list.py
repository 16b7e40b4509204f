"""Asks a cam_server which cameras there are and what runs. Only GET requests are sent that start nothing."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from stream_online_viewer.model.problems import problem_of
from stream_online_viewer.sources.cameras import KnownCameras
from stream_online_viewer.sources.named.address import HttpServer
from stream_online_viewer.sources.named.cam_server import CAMERAS, PIPELINES, Ask, CamServerSide
from stream_online_viewer.sources.named.found import LookupFailed
from stream_online_viewer.sources.named.listing import list_cameras
from stream_online_viewer.sources.named.rest import ANSWER_SECONDS, ask

NAMES_SECONDS = 30.0
"""Names, aliases and groups change seldom, and are asked for again after so long; what runs each time."""
MAX_ANSWER_BYTES = 2 * 1024 * 1024
"""Less than for opening a stream: while JSON is read, the thread that receives waits, 20 to 50 ms for a megabyte."""


def _ask(server: HttpServer, path: str, seconds: float = ANSWER_SECONDS) -> dict[str, Any]:
    return ask(server, path, seconds, MAX_ANSWER_BYTES)


class CameraList:
    """The cameras of one camera server, and the pipelines that run at one pipeline server."""

    def __init__(self, cameras: HttpServer, pipelines: HttpServer, asked: Ask = _ask) -> None:
        self._cameras = CamServerSide(cameras, CAMERAS, (), asked)
        self._pipelines = CamServerSide(pipelines, PIPELINES, (), asked)
        self._lists: tuple[float, Sequence[Any], Mapping[Any, Any], Mapping[Any, Any], str] | None = None

    def __call__(self) -> KnownCameras:
        """Return what the servers say now; may take seconds. Raises nothing."""
        try:
            return self._known()
        except LookupFailed as problem:
            return KnownCameras(problem=str(problem))
        except Exception as error:
            # A fault of this program must not end the thread, without which nothing would be answered any more.
            return KnownCameras(problem=f"The cameras cannot be listed: {problem_of(error).detail}.")

    def _known(self) -> KnownCameras:
        running = self._cameras.running()
        if self._lists is None or time.monotonic() - self._lists[0] >= NAMES_SECONDS:
            names = self._cameras.member("", "cameras", list)
            aliases, why = self._optional("/aliases", "aliases")
            groups, why_not = self._optional("/groups", "groups")
            self._lists = time.monotonic(), names, aliases, groups, f"{why} {why_not}".strip()
        _, names, aliases, groups, note = self._lists
        pipelines: Mapping[str, Any] = {}
        try:
            pipelines = self._pipelines.running()
        except LookupFailed as problem:
            # Where no pipeline server listens, there are no pipelines.
            if problem.state != "refused":
                note = f"{note} It is not known which pipelines run. {problem}".strip()
        cameras, left_out = list_cameras(names, aliases, groups, running, pipelines)
        return KnownCameras(cameras, left_out, note)

    def _optional(self, path: str, key: str) -> tuple[Mapping[Any, Any], str]:
        """Return a list that older servers do not have, and a sentence on why it is empty."""
        try:
            return self._cameras.member(path, key, dict), ""
        except LookupFailed as problem:
            return {}, str(problem)

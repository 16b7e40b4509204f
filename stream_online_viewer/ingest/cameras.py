"""Answers web processes that ask which cameras there are: asks the server that knows them, only while somebody asks.

The requests over HTTP are made here because this is the process that talks to servers of the facility: it may be
replaced at any time, needs no port, and on a bus it is the one that stands in the network of the machine. Which server
is asked is an option of this process, and nothing that comes over the link can change it.
"""

import hashlib
import time
from dataclasses import asdict, replace

from stream_online_viewer.link.base import IngestEnd
from stream_online_viewer.link.cameras import CameraAnswer, ListedCamera
from stream_online_viewer.protocol.jsontext import to_json
from stream_online_viewer.sources.cameras import KnownCameras
from stream_online_viewer.sources.table import open_cameras

PAUSE_SECONDS = 1.8
"""From one question to the server to the next, at least. Less than the pause of web processes, so that each gets news.
"""
PAUSE_AFTER_PROBLEM_SECONDS = 5.0
SLOW_PAUSES = 10
"""A server that is slow is left alone for so many times as long as it took."""
NOT_CONFIGURED = "The receiving process was started without the address of a camera server, see --catalogue."


class Cameras:
    """The newest list, and the links that wait for a newer one. Used by the main loop only, which never waits here."""

    def __init__(self, server: str | None, pipeline_server: str | None) -> None:
        """``server`` is the URL of the one that knows the cameras, None for none."""
        self._errand = None if server is None else open_cameras(server, pipeline_server)
        self._waiting: dict[IngestEnd, str] = {}
        self._newest = CameraAnswer(problem=NOT_CONFIGURED if server is None else "")
        self._good: float | None = None
        self._started = self._next = 0.0

    def fileno(self) -> int | None:
        """Return the descriptor that is readable when the server has answered, None if no server is asked."""
        return None if self._errand is None else self._errand.fileno()

    def ask(self, link: IngestEnd, known: str) -> None:
        """Answer a web process: at once if the list is new enough, else when the server has answered.

        ``known`` is the version of the list that it has.
        """
        now = time.monotonic()
        if self._errand is None or (not self._errand.busy and now < self._next):
            self._answer(link, known)
            return
        self._waiting[link] = known
        if not self._errand.busy:
            self._started = now
            self._errand.start()

    def look(self) -> None:
        """Take what the server has answered, if it has, and answer those who wait for it."""
        found = None if self._errand is None else self._errand.result()
        if found is None:
            return
        now = time.monotonic()
        pause = PAUSE_AFTER_PROBLEM_SECONDS if found.problem else PAUSE_SECONDS
        self._next = now + max(pause, SLOW_PAUSES * (now - self._started))
        if found.problem:
            self._newest = replace(self._newest, problem=found.problem)
        else:
            self._newest, self._good = _listed(found), now
        waiting, self._waiting = self._waiting, {}
        for link, known in waiting.items():
            self._answer(link, known)

    def forget(self, link: IngestEnd) -> None:
        """A link has ended."""
        self._waiting.pop(link, None)

    def close(self) -> None:
        """Ask no more. What is under way is not waited for."""
        if self._errand is not None:
            self._errand.close()

    def _answer(self, link: IngestEnd, known: str) -> None:
        newest = self._newest
        age = None if self._good is None else time.monotonic() - self._good
        cameras = None if known == newest.version else newest.cameras
        link.send_cameras(replace(newest, age_s=age, cameras=cameras))


def _listed(found: KnownCameras) -> CameraAnswer:
    """Return an answer with the cameras that a server has told, whose version is a hash of them."""
    cameras = tuple(
        ListedCamera(camera.name, camera.aliases, camera.groups, camera.runs, camera.pipelines)
        for camera in found.cameras
    )
    version = hashlib.sha256(to_json([asdict(camera) for camera in cameras])).hexdigest()[:16]
    return CameraAnswer("", None, version, cameras, found.left_out, found.note)

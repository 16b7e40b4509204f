"""What this process knows of the cameras of a camera server: asked of the ingest process while somebody looks. Pure.

It runs in the thread of the loop.
"""

from collections.abc import Callable
from dataclasses import dataclass

from stream_online_viewer.link.cameras import CameraAnswer, CameraQuestion, ListedCamera
from stream_online_viewer.web.clock import Clock

ASK_SECONDS = 2.0
"""From one question to the next, at least."""
SILENT_SECONDS = 30.0
"""Without an answer of the ingest process for so long, that is said. It waits for a server, which may be slow."""
NO_PROCESS = "The receiving process, which asks the camera server, does not run."
NO_ANSWER = "The receiving process does not say what the camera server answered."


@dataclass(frozen=True, slots=True)
class CamerasNow:
    """What is known now. ``good`` is the time of the last good answer in seconds since 1970, None before the first.

    ``problem`` is a sentence on why there is no newer one, "" if all is well, or if the first answer is waited for.
    """

    version: str = ""
    cameras: tuple[ListedCamera, ...] = ()
    left_out: int = 0
    note: str = ""
    problem: str = ""
    good: float | None = None


class CameraKeeper:
    """Keeps the newest list. ``wall`` returns seconds since 1970."""

    def __init__(self, clock: Clock, wall: Callable[[], float], send: Callable[[CameraQuestion], bool]) -> None:
        """``send`` asks the ingest process, and returns False if there is none."""
        self._clock, self._wall, self._send = clock, wall, send
        self._now = CamerasNow()
        self._asked: float | None = None
        """When the oldest question was asked that has no answer yet."""
        self._next = 0.0

    def look(self) -> CamerasNow:
        """Return what is known, because somebody looks; ask for news if that is due."""
        now = self._clock()
        if now >= self._next:
            self._next = now + ASK_SECONDS
            if not self._send(CameraQuestion(self._now.version)):
                self._set_problem(NO_PROCESS)
            elif self._asked is None:
                self._asked = now
            elif now - self._asked >= SILENT_SECONDS:
                self._set_problem(NO_ANSWER)
        return self._now

    def forget_question(self) -> None:
        """There is another ingest process, or none: what was asked is not answered."""
        self._asked = None
        self._next = 0.0

    def take(self, answer: CameraAnswer) -> None:
        """Take the answer of the ingest process."""
        self._asked = None
        known = self._now
        if answer.cameras is not None:
            version, cameras = answer.version, answer.cameras
        elif answer.version == known.version:
            version, cameras = known.version, known.cameras
        else:
            # An answer to what another process was asked.
            version, cameras = "", ()
        good = None if answer.age_s is None else self._wall() - max(0.0, answer.age_s)
        self._now = CamerasNow(version, cameras, max(0, answer.left_out), answer.note, answer.problem, good)

    def _set_problem(self, problem: str) -> None:
        now = self._now
        self._now = CamerasNow(now.version, now.cameras, now.left_out, now.note, problem, now.good)

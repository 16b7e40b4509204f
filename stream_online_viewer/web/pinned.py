"""Memory that unfinished sends hold: a frame stays as long as one connection has not taken all of it. Pure."""

from collections import Counter

from stream_online_viewer.web.lane import Frame
from stream_online_viewer.web.viewer import Viewer


class PinnedFrames:
    """Counts the bytes of frames, each once however many viewers hold it."""

    def __init__(self) -> None:
        self._holders: Counter[Frame] = Counter()
        self.bytes = 0

    def pin(self, viewer: Viewer, frame: Frame) -> None:
        """A viewer's connection did not take all of a frame."""
        viewer.pin(frame)
        if not self._holders[frame]:
            self.bytes += frame.bytes
        self._holders[frame] += 1

    def release(self, viewer: Viewer) -> None:
        """A viewer's connection took everything, or is gone."""
        for frame in viewer.unpin():
            self._holders[frame] -= 1
            if not self._holders[frame]:
                del self._holders[frame]
                self.bytes -= frame.bytes

"""The memory of frames that connections have not taken completely. Pure."""

from collections import Counter
from collections.abc import Collection

from stream_online_viewer.web.lane import Frame
from stream_online_viewer.web.viewer import Viewer


class PinnedFrames:
    """Counts the bytes of such frames, each once, however many viewers it is sent to."""

    def __init__(self) -> None:
        self._frames: dict[Viewer, list[Frame]] = {}
        self._holders: Counter[Frame] = Counter()
        self.bytes = 0

    def pin(self, viewer: Viewer, frame: Frame) -> None:
        """Count a frame that a viewer's connection has not taken completely."""
        self._frames.setdefault(viewer, []).append(frame)
        if not self._holders[frame]:
            self.bytes += frame.bytes
        self._holders[frame] += 1

    def viewers(self) -> Collection[Viewer]:
        """Return the viewers whose connections have not taken a frame completely."""
        return self._frames.keys()

    def release(self, viewer: Viewer) -> None:
        """A viewer's connection has taken everything or has ended: count its frames no longer."""
        for frame in self._frames.pop(viewer, []):
            self._holders[frame] -= 1
            if not self._holders[frame]:
                del self._holders[frame]
                self.bytes -= frame.bytes

"""The scene `camera`: the channels of the scene `beam`, for a loop of images of a realistic camera."""

from collections.abc import Callable, Iterator

from stream_online_viewer.data import generate_metadata, get_stream_message_data
from stream_online_viewer.simulation.camera import loop_images, loop_index, to_dtype
from stream_online_viewer.simulation.message import Message


def camera_messages(size: tuple[int, int], dtype: str, check: Callable[[], None] = lambda: None) -> Iterator[Message]:
    """Make the messages of the loop; `size` is (columns, rows), `check` is called before each and may raise."""
    for image in loop_images(size):
        check()
        yield Message(get_stream_message_data(to_dtype(image, dtype), generate_metadata()))


class CameraScene:
    """The loop with its values as arrays, for a sender that encodes by itself."""

    def __init__(self, size: tuple[int, int], dtype: str, check: Callable[[], None] = lambda: None) -> None:
        self._loop = list(camera_messages(size, dtype, check))

    def message(self, pulse_id: int) -> Message:
        return self._loop[loop_index(pulse_id, len(self._loop))]

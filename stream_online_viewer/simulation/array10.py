"""Messages of the format array-1.0: only the image of a scene, uncompressed and without a time."""

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import zmq

from stream_online_viewer.errors import SettingsError
from stream_online_viewer.simulation.camera import loop_index
from stream_online_viewer.simulation.camera_scene import camera_messages
from stream_online_viewer.simulation.message import Message, Scene

SOURCE = "stream_online_viewer simulator"


@dataclass(frozen=True)
class ArrayMessage:
    """A message without its number. `shape` is slowest dimension first: [rows, columns]."""

    dtype: str
    shape: list[int]
    elements: zmq.Frame

    def parts(self, pulse_id: int, seconds: int, nanoseconds: int) -> list[bytes | zmq.Frame]:
        """Return the parts of the message with this number. The format has no place for the time."""
        header = {
            "htype": "array-1.0",
            "shape": self.shape,
            "type": self.dtype,
            "frame": pulse_id,
            "endianness": sys.byteorder,
            "source": SOURCE,
            "encoding": "",
        }
        return [json.dumps(header).encode(), self.elements]


def encode(message: Message) -> ArrayMessage:
    """Encode the image of a message: its first array of two dimensions."""
    images = (value for value in message.values.values() if isinstance(value, np.ndarray) and value.ndim == 2)
    image = np.ascontiguousarray(next(images))
    native = image.astype(image.dtype.newbyteorder("="), copy=False)
    # A frame can be sent any number of times without a copy.
    return ArrayMessage(native.dtype.name, list(native.shape), zmq.Frame(native.tobytes(), track=False, copy=False))


class ArrayScene:
    """A scene whose images are encoded one by one."""

    def __init__(self, scene: Scene[Message]) -> None:
        self._scene = scene

    def message(self, pulse_id: int) -> ArrayMessage:
        return encode(self._scene.message(pulse_id))


class ArrayLoop:
    """The scene `camera` with all images encoded in advance: fast enough for any rate."""

    def __init__(self, size: tuple[int, int], dtype: str, check: Callable[[], None]) -> None:
        """Make and encode the images, which takes about a second; `size` is (columns, rows).

        `check` is called before each and may raise.
        """
        self._loop = [encode(message) for message in camera_messages(size, dtype, check)]

    def message(self, pulse_id: int) -> ArrayMessage:
        return self._loop[loop_index(pulse_id, len(self._loop))]


def array_scene(
    scene: str,
    size: tuple[int, int],
    dtype: str,
    make: Callable[[tuple[int, int], str], Scene[Message]],
    check: Callable[[], None],
) -> Scene[ArrayMessage]:
    """Return a scene as array-1.0; `make` makes the scene itself, `check` is called from time to time and may raise."""
    return ArrayLoop(size, dtype, check) if scene == "camera" else ArrayScene(make(size, dtype))


def check_options(scene: str, compression: str, library: bool) -> None:
    """Raise SettingsError for options that array-1.0 does not allow."""
    wrong: Iterable[tuple[bool, str]] = (
        (scene == "merged", "the scene merged has messages without an image; choose another --scene"),
        (compression != "none", "its arrays are not compressed; leave --compression out"),
        (library, "psi-bsread does not send it; leave --library out"),
    )
    for is_wrong, why in wrong:
        if is_wrong:
            raise SettingsError(f"array-1.0 cannot be sent so: {why}")

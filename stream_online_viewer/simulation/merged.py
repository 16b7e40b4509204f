"""The scene `merged`: what the facility's dispatcher makes of sources with different rates, one message a pulse.

Scalars and an array of event codes have a value in every message, the image and what belongs to it in every tenth
only (where the pulse id is a multiple of ten): their channels stay in the data header, with their type and `modulo` 10,
and have no value (null) in between. One scalar comes from a source that is away for 100 of 1000 pulses: its channel is
missing then, and the data header changes.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from stream_online_viewer.data import generate_metadata, get_stream_message_data
from stream_online_viewer.simulation.camera import loop_images, loop_index, to_dtype
from stream_online_viewer.simulation.message import Message
from stream_online_viewer.simulation.serialize import describe

IMAGE_MODULO = 10
LASER_CYCLE, LASER_AWAY = 1000, range(600, 700)
LASER = "SLAAR11-LMOT:ENERGY"
EVENT_CODES = 256


class MergedScene:
    """Messages of merged sources, see the module."""

    def __init__(self, size: tuple[int, int], dtype: str, seed: int = 0) -> None:
        """Make the images."""
        self._images = [to_dtype(image, dtype) for image in loop_images(size)]
        self._random = np.random.default_rng(seed)
        image_channels = _declare(get_stream_message_data(self._images[0], {}), {"modulo": IMAGE_MODULO})
        self._without_laser = image_channels | _declare(self._scalars(0))
        self._with_laser = self._without_laser | _declare({LASER: self._laser(0)})
        self._no_image = dict.fromkeys(image_channels)

    def message(self, pulse_id: int) -> Message:
        values: dict[str, Any] = dict(self._no_image)
        if pulse_id % IMAGE_MODULO == 0:
            image = self._images[loop_index(pulse_id // IMAGE_MODULO, len(self._images))]
            values = get_stream_message_data(image, {})
        values |= self._scalars(pulse_id)
        if pulse_id % LASER_CYCLE in LASER_AWAY:
            return Message(values, self._without_laser)
        values[LASER] = self._laser(pulse_id)
        return Message(values, self._with_laser)

    def _scalars(self, pulse_id: int) -> dict[str, Any]:
        """Return the channels with a value in every message, one of each kind of type."""
        drift = math.sin(math.tau * pulse_id / 1000)
        noise = self._random.standard_normal(3)
        codes = np.zeros(EVENT_CODES, np.uint8)
        codes[[1, 2, 27 if pulse_id % 2 else 28]] = 1
        return {
            "pulse_counter": np.uint64(pulse_id),
            "SARFE10-PBPS053:INTENSITY": 200.0 * (1 + 0.05 * float(noise[0])),
            "SARFE10-PBPS053:XPOS": np.float32(0.1 * drift + 0.01 * noise[1]),
            "SARFE10-PBPS053:YPOS": np.float32(0.01 * noise[2]),
            "SAR-CVME-TIFALL5:EvtSet": codes,
            "shutter_open": pulse_id % 500 < 400,
            "machine_mode": "user operation" if pulse_id % 2000 < 1500 else "tuning",
            **generate_metadata(),
        }

    def _laser(self, pulse_id: int) -> float:
        return 350.0 + 5.0 * math.sin(math.tau * pulse_id / 300)


def _declare(values: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    """Return the definitions of these channels for the data header."""
    return {name: {**describe(value), **(more or {})} for name, value in values.items()}

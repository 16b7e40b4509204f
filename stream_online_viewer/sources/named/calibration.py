"""Axes in um of a camera whose stream has none, made of the calibration in the camera's configuration.

The same arithmetic as that of cam_server, so that a camera and its pipeline show the same positions: the pixel at the
middle of the reference marker is zero, and positions fall with the number of the pixel.
"""

import math
from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from stream_online_viewer.model.channel import Channel
from stream_online_viewer.model.layout import MAX_CHANNELS, Layout
from stream_online_viewer.model.pulse import Arrival, Part, Pulse
from stream_online_viewer.sources.named.found import Calibration

AXES = ("x_axis", "y_axis")
_MOST_PIXELS = 2**24


def read_calibration(config: Mapping[str, Any]) -> Calibration | None:
    """Return the calibration in the configuration of a camera; None if there is none that can be used."""
    entry = config.get("camera_calibration")
    if type(entry) is not dict:
        return None
    marker = entry.get("reference_marker")
    sizes = [entry.get(f"reference_marker_{side}") for side in ("width", "height")]
    angles = [entry.get(f"angle_{side}", 0) for side in ("horizontal", "vertical")]
    if type(marker) is not list or len(marker) != 4 or not all(map(_is_number, (*marker, *sizes, *angles))):
        return None
    steps: list[float] = []
    for low, high, size, angle in zip(marker[:2], marker[2:], sizes, angles, strict=True):
        if high == low:
            return None
        steps.append(float(size / (high - low) * np.cos(angle * np.pi / 180)))
    if not all(math.isfinite(step) and step != 0 for step in steps):
        return None
    zero = tuple(int((high - low) / 2 + low) for low, high in zip(marker[:2], marker[2:], strict=True))
    roi = config.get("roi")
    if roi is None:
        return Calibration(cast(tuple[int, int], zero), (steps[0], steps[1]))
    if type(roi) is not list or len(roi) != 4 or not all(type(n) is int and 0 <= n <= _MOST_PIXELS for n in roi):
        return None
    return Calibration(cast(tuple[int, int], zero), (steps[0], steps[1]), (roi[0], roi[1], roi[2], roi[3]))


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < 1e9


def axis_values(calibration: Calibration, rows: int, columns: int) -> tuple[bytes, bytes] | None:
    """Return the positions of columns and of rows in um, float32 little endian.

    None if the part of the image that the calibration speaks of has another size.
    """
    first = (0, 0)
    if calibration.roi is not None:
        offset_x, size_x, offset_y, size_y = calibration.roi
        if (size_x, size_y) != (columns, rows):
            return None
        first = (offset_x, offset_y)
    made: list[bytes] = []
    for start, length, zero, step in zip(first, (columns, rows), calibration.zero, calibration.step, strict=True):
        pixels = np.arange(start, start + length, dtype=np.float64) - zero
        made.append((pixels * -step).astype("<f4").tobytes())
    return made[0], made[1]


class Calibrated:
    """Adds the axes of a calibration to the pulses of a stream that have an image and no axes."""

    def __init__(self, calibration: Calibration) -> None:
        self._calibration = calibration
        self._known: dict[int, tuple[Layout, tuple[bytes, bytes]] | None] = {}

    def arrival(self, arrived: Arrival) -> Arrival:
        """Return what arrived, whose pulse will have axes."""
        return _CalibratedArrival(arrived, self)

    def add(self, pulse: Pulse) -> Pulse:
        """Return the pulse with the channels ``x_axis`` and ``y_axis`` at its end, if it has an image."""
        serial = pulse.layout.serial
        if serial not in self._known:
            if len(self._known) >= 64:
                self._known.clear()
            self._known[serial] = self._extended(pulse.layout)
        known = self._known[serial]
        if known is None:
            return pulse
        payloads: list[Part] = [*pulse.payloads, *known[1]]
        return Pulse(
            pulse.sequence,
            pulse.received,
            pulse.received_time,
            pulse.pulse_id,
            pulse.source_time,
            known[0],
            payloads,
            pulse.spoiled,
        )

    def _extended(self, layout: Layout) -> tuple[Layout, tuple[bytes, bytes]] | None:
        taken = any(name in layout.index for name in AXES) or len(layout.channels) + len(AXES) > MAX_CHANNELS
        images = [one.shape for one in layout.channels if one.problem is None and len(one.shape) == 2 and one.nbytes]
        if taken or len(images) != 1:
            return None
        rows, columns = images[0]
        axes = axis_values(self._calibration, rows, columns)
        if axes is None:
            return None
        channels = [
            Channel(name, "float32", (len(values) // 4,), nbytes=len(values))
            for name, values in zip(AXES, axes, strict=True)
        ]
        index = dict(layout.index) | {name: len(layout.channels) + at for at, name in enumerate(AXES)}
        return Layout((*layout.channels, *channels), index), axes


class _CalibratedArrival(Arrival):
    """An arrival whose pulse gets axes."""

    __slots__ = ("_arrived", "_calibrated")

    def __init__(self, arrived: Arrival, calibrated: Calibrated) -> None:
        super().__init__(arrived.pulse_id, arrived.source_time, arrived.time_problem)
        self._arrived, self._calibrated = arrived, calibrated

    def pulse(self, sequence: int, received: int, received_time: int) -> Pulse:
        """Return the pulse with its axes."""
        return self._calibrated.add(self._arrived.pulse(sequence, received, received_time))

"""The scene `pipeline`: a camera image with all channels that the facility's processing server adds to it.

Names and types are those of cam_server. All numbers are computed from the image of the same message. What comes and
goes depends on the pulse id only, in a cycle of 200 pulses:

    100-119   no slices: their channels are missing
    120-139   no good region: its channels and those of the slices are missing
    150-159   no beam: the image is zero, good region and slices have no values (null; their number and direction stay),
              widths are not a number
    160-164   the processing failed: the image is zero, only the channels of the image itself are left, and
              `processing_parameters` says what went wrong

Beside that the arrays of the good region change their length with the beam, and with them the data header.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from stream_online_viewer.simulation.camera import PEDESTAL, SpotCamera, loop_images, loop_index, to_dtype
from stream_online_viewer.simulation.gauss import Gaussian, fit_gaussian
from stream_online_viewer.simulation.message import Message
from stream_online_viewer.simulation.processing import (
    Slice,
    center_of_mass_and_rms,
    coupling,
    full_width,
    good_region,
    slices_along_x,
    slices_along_y,
)

Array = npt.NDArray[Any]
Values = dict[str, Any]

CYCLE = 200
NO_SLICES = range(100, 140)
NO_GOOD_REGION = range(120, 140)
NO_BEAM = range(150, 160)
FAILED = range(160, 165)

PIXEL_SIZE = 8.5, 8.2
"""µm in x and y."""
SMALLEST_REGION = 4
"""Smallest side in pixels of a good region that can be fitted."""
PARAMETERS: Values = {
    "camera_name": "SIMULATION-CAMERA",
    "image_background": "SIMULATION-CAMERA_background",
    "image_background_enable": True,
    "image_background_ok": True,
    "image_threshold": 20,
    "image_region_of_interest": None,
    "image_good_region": {"threshold": 0.3, "gfscale": 1.8},
    "image_slices": {"number_of_slices": 5, "scale": 2.0, "orientation": "horizontal"},
    "fw_threshold": 0.2,
    "rotation": None,
    "mirror_x": False,
    "mirror_y": False,
    "averaging": None,
    "binning_x": 1,
    "binning_y": 1,
    "max_frame_rate": None,
}
FIT = ("offset", "amplitude", "mean", "standard_deviation", "gauss_function")
COUPLING = ("coupling", "coupling_slope", "coupling_offset")
ERROR = "simulated failure: invalid background size (1024, 1280)"


class PipelineScene:
    """Messages of a processing pipeline, see the module."""

    def __init__(self, size: tuple[int, int], dtype: str, clock: Callable[[], float] = time.time) -> None:
        """Make the images. `clock` returns seconds for the channel `timestamp`."""
        self._images = [to_dtype(_without_background(image), dtype) for image in loop_images(size)]
        self._empty = to_dtype(_without_background(SpotCamera(size).image(peak=0)), dtype)
        self._x_axis, self._y_axis = _axis(size[0], PIXEL_SIZE[0]), _axis(size[1], PIXEL_SIZE[1])
        self._clock = clock

    def message(self, pulse_id: int) -> Message:
        phase = pulse_id % CYCLE
        parameters = dict(PARAMETERS)
        if phase in NO_SLICES:
            parameters["image_slices"] = None
        if phase in NO_GOOD_REGION:
            parameters["image_good_region"] = None
        if phase in FAILED:
            parameters["processing_error"] = ERROR
            return Message(self._image_channels(np.zeros_like(self._empty), parameters))
        image = self._empty if phase in NO_BEAM else self._images[loop_index(pulse_id, len(self._images))]
        values = self._image_channels(image, parameters)
        values["timestamp"] = self._clock()
        values |= process(image, self._x_axis, self._y_axis, parameters)
        return Message(values)

    def _image_channels(self, image: Array, parameters: Values) -> Values:
        rows, columns = image.shape
        return {
            "image": image,
            "width": columns,
            "height": rows,
            "x_axis": self._x_axis,
            "y_axis": self._y_axis,
            "processing_parameters": json.dumps(parameters),
        }


def _axis(length: int, pixel: float) -> npt.NDArray[np.float32]:
    """Return the positions of `length` pixels in µm, descending, 0 in the middle."""
    return (((length - 1) / 2 - np.arange(length)) * pixel).astype(np.float32)


def _without_background(image: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint16]:
    """Subtract the pedestal, not below zero, and set values below the threshold to zero, as the server does."""
    background = np.uint16(PEDESTAL)
    difference = np.maximum(image, background) - background
    difference[difference < PARAMETERS["image_threshold"]] = 0
    return difference


def process(image: Array, x_axis: Array, y_axis: Array, parameters: Values) -> Values:
    """Return all channels that are computed from an image of shape (rows, columns), by name.

    x_axis, y_axis: float32 in µm or px, of the lengths columns and rows. parameters: `image_good_region` and
    `image_slices` as in `PARAMETERS`; without a `fw_threshold` there are no channels `x_fw` and `y_fw`.
    """
    x_profile, y_profile = _profiles(image)
    values: Values = {
        "min_value": image.min(),
        "max_value": image.max(),
        "intensity": x_profile.sum(),
        "x_profile": x_profile,
        "y_profile": y_profile,
    }
    for name, profile, axis in (("x", x_profile, x_axis), ("y", y_profile, y_axis)):
        values[f"{name}_fwhm"] = full_width(profile, axis, 0.5)
        if (threshold := parameters.get("fw_threshold")) is not None:
            values[f"{name}_fw"] = full_width(profile, axis, threshold)
        fit = fit_gaussian(profile, axis)
        values[f"{name}_center_of_mass"], values[f"{name}_rms"] = center_of_mass_and_rms(profile, axis, fit)
        values |= _fit_channels(name, fit, axis)
    if parameters["image_good_region"]:
        values |= _good_region_channels(image, x_profile, y_profile, x_axis, y_axis, parameters)
    return values


def _profiles(image: Array) -> tuple[Array, Array]:
    """Return the sums over rows and over columns: int64 for integers, else of the image's type, as the server does."""
    dtype = image.dtype if image.dtype.kind == "f" else np.dtype(np.int64)
    return image.sum(axis=0, dtype=dtype), image.sum(axis=1, dtype=dtype)


def _fit_channels(name: str, fit: Gaussian, axis: Array) -> Values:
    return {
        f"{name}_fit_offset": fit.offset,
        f"{name}_fit_amplitude": fit.amplitude,
        f"{name}_fit_mean": fit.mean,
        f"{name}_fit_standard_deviation": fit.standard_deviation,
        f"{name}_fit_gauss_function": fit(axis),
    }


def _good_region_channels(
    image: Array, x_profile: Array, y_profile: Array, x_axis: Array, y_axis: Array, parameters: Values
) -> Values:
    """Return the channels of the good region and of the slices.

    Without beam all are None except the direction of the slices and their number, which is then the one in the
    parameters.
    """
    slices = parameters["image_slices"]
    values: Values = dict.fromkeys(_good_region_names())
    if slices:
        values |= _no_slices(slices, slices["number_of_slices"])
    x_start, x_end = good_region(x_profile, **parameters["image_good_region"])
    y_start, y_end = good_region(y_profile, **parameters["image_good_region"])
    if min(x_end - x_start, y_end - y_start) < SMALLEST_REGION:
        return values

    region = image[y_start:y_end, x_start:x_end]
    x_region, y_region = x_axis[x_start:x_end], y_axis[y_start:y_end]
    x_sums, y_sums = _profiles(region)
    x_fit, y_fit = fit_gaussian(x_sums, x_region), fit_gaussian(y_sums, y_region)
    values |= {
        "good_region": np.array([x_start, y_start, x_end, y_end], np.int64),
        "gr_x_axis": x_region,
        "gr_y_axis": y_region,
        "gr_x_profile": x_sums,
        "gr_y_profile": y_sums,
        "gr_intensity": x_sums.sum(),
        **_fit_channels("gr_x", x_fit, x_region),
        **_fit_channels("gr_y", y_fit, y_region),
    }
    if slices:
        # The server makes the number of slices odd, so that one lies in the middle.
        amount = slices["number_of_slices"] // 2 * 2 + 1
        values |= _no_slices(slices, amount)
        along_x, length = slices_along_x(region, x_region, y_region, x_fit, slices["scale"], amount)
        strips = along_x
        if slices["orientation"] == "vertical":
            strips, length = slices_along_y(region, x_region, y_region, y_fit, slices["scale"], amount)
        values["slice_length"] = length
        for index, strip in enumerate(strips):
            values |= {f"slice_{index}_{name}": value for name, value in asdict(strip).items()}
        if line := coupling(along_x, x_fit):
            values |= dict(zip(COUPLING, line, strict=True))
    return values


def _good_region_names() -> list[str]:
    """Return the names of all channels of the good region, as they are sent."""
    names = ["good_region", "gr_x_axis", "gr_y_axis", "gr_x_profile", "gr_y_profile", "gr_intensity"]
    for axis in ("gr_x", "gr_y"):
        names += [f"{axis}_fit_{part}" for part in FIT]
    return names


def _no_slices(slices: Values, amount: int) -> Values:
    """Return the channels of so many slices without values."""
    names = ["slice_length"]
    for index in range(amount):
        names += [f"slice_{index}_{field.name}" for field in fields(Slice)]
    values: Values = {"slice_orientation": slices["orientation"], "slice_amount": amount}
    return values | dict.fromkeys([*names, *COUPLING])

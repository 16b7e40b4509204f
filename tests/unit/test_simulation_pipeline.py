"""The scene of a processing pipeline: its channels and types, what comes and goes, and that its numbers are right."""

import json
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from stream_online_viewer.simulation.camera import STEP, SpotCamera, loop_length
from stream_online_viewer.simulation.gauss import Gaussian
from stream_online_viewer.simulation.pipeline import PipelineScene
from stream_online_viewer.simulation.serialize import describe

SIZE = (320, 240)
WHOLE_IMAGE = {
    "image": "uint16",
    "width": "int64",
    "height": "int64",
    "timestamp": "float64",
    "x_axis": "float32",
    "y_axis": "float32",
    "processing_parameters": "string",
    "min_value": "uint16",
    "max_value": "uint16",
    "intensity": "int64",
    "x_profile": "int64",
    "y_profile": "int64",
} | {
    f"{axis}_{name}": "float64"
    for axis in ("x", "y")
    for name in (
        "fwhm",
        "fw",
        "center_of_mass",
        "rms",
        "fit_offset",
        "fit_amplitude",
        "fit_mean",
        "fit_standard_deviation",
        "fit_gauss_function",
    )
}
GOOD_REGION = {
    "good_region": "int64",
    "gr_x_axis": "float32",
    "gr_y_axis": "float32",
    "gr_x_profile": "int64",
    "gr_y_profile": "int64",
    "gr_intensity": "int64",
} | {
    f"gr_{axis}_fit_{name}": "float64"
    for axis in ("x", "y")
    for name in ("offset", "amplitude", "mean", "standard_deviation", "gauss_function")
}
SLICES = {
    "slice_orientation": "string",
    "slice_amount": "int64",
    "slice_length": "float64",
    "coupling": "float64",
    "coupling_slope": "float64",
    "coupling_offset": "float64",
} | {
    f"slice_{index}_{name}": "float64"
    for index in range(5)
    for name in ("center_x", "center_y", "standard_deviation", "intensity")
}


@pytest.fixture(scope="module")
def scene() -> PipelineScene:
    return PipelineScene(SIZE, "uint16", clock=lambda: 1700000000.25)


@pytest.fixture(scope="module")
def values(scene: PipelineScene) -> Any:
    """One message with everything in it."""
    return scene.message(0).values


def types(values: Any) -> dict[Any, Any]:
    return {name: describe(value)["type"] for name, value in values.items()}


def test_channels_have_the_names_and_types_of_the_processing_server(values: Any) -> None:
    """All channels of cam_server with good region and slices, each with its type."""
    assert types(values) == WHOLE_IMAGE | GOOD_REGION | SLICES


def test_axes_descend_in_um(values: Any) -> None:
    """The axes are calibrated, descending, and as long as the image is wide and high."""
    for name, length, pixel in (("x", 320, 8.5), ("y", 240, 8.2)):
        axis = values[f"{name}_axis"]
        assert axis.shape == (length,)
        assert np.diff(axis) == pytest.approx(-pixel, rel=1e-4)
        assert axis[0] == -axis[-1]


def test_sums_are_those_of_the_image(values: Any) -> None:
    """Minimum, maximum, intensity and profiles belong to the image of the same message."""
    image = values["image"]
    assert (values["width"], values["height"]) == SIZE
    assert (values["min_value"], values["max_value"]) == (image.min(), image.max())
    assert values["intensity"] == image.sum()
    assert np.array_equal(values["x_profile"], image.sum(axis=0))
    assert np.array_equal(values["y_profile"], image.sum(axis=1))


@pytest.mark.parametrize("prefix", ["x", "y", "gr_x", "gr_y"])
def test_fit_is_the_least_squares_gaussian_of_its_profile(values: Any, prefix: str) -> None:
    """The fit function is made of the fit parameters; no small change of one of them comes closer to the profile."""
    names = [f"{prefix}_fit_{name}" for name in ("offset", "amplitude", "mean", "standard_deviation")]
    fitted = [values[name] for name in names]
    axis, profile = values[f"{prefix}_axis"], values[f"{prefix}_profile"]
    assert np.array_equal(values[f"{prefix}_fit_gauss_function"], Gaussian(*[*fitted, True])(axis))
    least = ((values[f"{prefix}_fit_gauss_function"] - profile) ** 2).sum()
    for index in range(4):
        for factor in (0.999, 1.001):
            moved = [value * factor if number == index else value for number, value in enumerate(fitted)]
            assert ((Gaussian(*[*moved, True])(axis) - profile) ** 2).sum() > least


def test_fit_finds_the_spot_of_the_camera(values: Any) -> None:
    """At pulse 0 the spot is moved by a known part of its size; the fit finds it there, in µm on a descending axis."""
    camera = SpotCamera(SIZE)
    moved = STEP * loop_length(SIZE) / math.tau * camera.sigma[0]
    # The correlation of 0.5 of the tilted ellipse makes its projections wider than its axes.
    sigma = camera.sigma[0] / math.sqrt(1 - 0.25)
    assert values["x_fit_mean"] == pytest.approx(-moved * 8.5, abs=0.02 * sigma * 8.5)
    assert values["x_fit_standard_deviation"] == pytest.approx(sigma * 8.5, rel=0.03)
    assert values["x_fwhm"] == pytest.approx(2.355 * sigma * 8.5, rel=0.05)
    assert values["x_fw"] == pytest.approx(2 * math.sqrt(2 * math.log(5)) * sigma * 8.5, rel=0.05)


def test_good_region_is_a_part_of_the_image(values: Any) -> None:
    """[x0, y0, x1, y1] in pixels, with the axes and profiles of that part."""
    x0, y0, x1, y1 = values["good_region"]
    region = values["image"][y0:y1, x0:x1]
    assert np.array_equal(values["gr_x_axis"], values["x_axis"][x0:x1])
    assert np.array_equal(values["gr_y_axis"], values["y_axis"][y0:y1])
    assert np.array_equal(values["gr_x_profile"], region.sum(axis=0))
    assert np.array_equal(values["gr_y_profile"], region.sum(axis=1))
    assert values["gr_intensity"] == region.sum() > 0.9 * values["intensity"]


def test_slices_follow_the_tilt_of_the_spot(values: Any) -> None:
    """Five slices (four were asked for, one is added for the middle) on the line y = slope x + offset."""
    assert values["slice_amount"] == 5
    assert values["slice_orientation"] == "horizontal"
    centers = [(values[f"slice_{index}_center_x"], values[f"slice_{index}_center_y"]) for index in range(5)]
    assert np.diff([x for x, _ in centers]) == pytest.approx(-values["slice_length"], rel=1e-5)
    slope, offset = np.polyfit([x for x, _ in centers], [y for _, y in centers], 1)
    assert values["coupling_slope"] == pytest.approx(slope)
    assert values["coupling_offset"] == pytest.approx(offset, rel=1e-6)
    assert values["coupling"] == pytest.approx(slope * values["gr_x_fit_standard_deviation"] ** 2)


def test_lengths_change_from_message_to_message(scene: PipelineScene) -> None:
    """The good region follows the size of the beam, so that the data header changes again and again."""
    lengths = {scene.message(pulse_id).values["gr_x_axis"].size for pulse_id in range(100)}
    assert len(lengths) > 3


@pytest.mark.parametrize("pulse_id", [100, 119, 300])
def test_slices_go(scene: PipelineScene, pulse_id: int) -> None:
    """Half of the time of a cycle the slices are there; then their channels are missing."""
    values = scene.message(pulse_id).values
    assert types(values) == WHOLE_IMAGE | GOOD_REGION
    assert json.loads(values["processing_parameters"])["image_slices"] is None


@pytest.mark.parametrize("pulse_id", [120, 139, 320])
def test_good_region_goes(scene: PipelineScene, pulse_id: int) -> None:
    """Then the channels of the good region are missing, too."""
    values = scene.message(pulse_id).values
    assert types(values) == WHOLE_IMAGE
    assert json.loads(values["processing_parameters"])["image_good_region"] is None


@pytest.mark.parametrize("pulse_id", [99, 140, 165, 200])
def test_all_channels_come_back(scene: PipelineScene, pulse_id: int) -> None:
    """Outside of these times every channel has a value."""
    assert types(scene.message(pulse_id).values) == WHOLE_IMAGE | GOOD_REGION | SLICES


@pytest.mark.parametrize("pulse_id", [150, 159, 350])
def test_empty_beam(scene: PipelineScene, pulse_id: int) -> None:
    """No beam: zeros, widths not a number, rms 0, sigma 1; good region and slices are listed without values."""
    values = scene.message(pulse_id).values
    assert not values["image"].any()
    assert values.keys() == (WHOLE_IMAGE | GOOD_REGION | SLICES).keys()
    for axis in ("x", "y"):
        assert math.isnan(values[f"{axis}_fwhm"])
        assert values[f"{axis}_rms"] == 0
        assert values[f"{axis}_fit_standard_deviation"] == 1
    kept = {"slice_orientation": "horizontal", "slice_amount": 5}
    assert {name: values[name] for name in GOOD_REGION | SLICES if values[name] is not None} == kept


@pytest.mark.parametrize("pulse_id", [160, 164, 360])
def test_processing_error(scene: PipelineScene, pulse_id: int) -> None:
    """A failed processing sends a zero image without profiles and timestamp, and says why in its parameters."""
    values = scene.message(pulse_id).values
    assert list(values) == ["image", "width", "height", "x_axis", "y_axis", "processing_parameters"]
    assert not values["image"].any()
    assert "simulated failure" in json.loads(values["processing_parameters"])["processing_error"]


def test_parameters_are_json_with_the_names_of_the_server(values: Any) -> None:
    """What the processing was told, as the server writes it."""
    parameters = json.loads(values["processing_parameters"])
    assert parameters["camera_name"] == "SIMULATION-CAMERA"
    assert parameters["image_background_enable"] is True
    assert parameters["image_threshold"] == 20
    assert parameters["image_good_region"] == {"threshold": 0.3, "gfscale": 1.8}
    assert "processing_error" not in parameters


def test_images_differ_from_message_to_message(scene: PipelineScene) -> None:
    """The stream is alive: no image is sent twice in a row."""
    images = [scene.message(pulse_id).values["image"] for pulse_id in range(20)]
    assert not any(np.array_equal(one, other) for one, other in pairwise(images))


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float32", "float64"])
def test_other_types_of_pixels(dtype: str) -> None:
    """Minimum and maximum have the type of the image, and so have the sums of floating point images."""
    found = types(PipelineScene((64, 48), dtype).message(0).values)
    sums = dtype if dtype.startswith("float") else "int64"
    assert (found["image"], found["min_value"], found["max_value"]) == (dtype, dtype, dtype)
    assert {found[name] for name in ("intensity", "x_profile", "y_profile", "gr_x_profile", "gr_intensity")} == {sums}


@pytest.mark.parametrize("size", [(2, 2), (3, 40), (50, 2)])
def test_tiny_images_have_no_good_region(size: tuple[int, int]) -> None:
    """Images that are too small for a good region are sent all the same; its channels have no values."""
    scene = PipelineScene(size, "uint16")
    for pulse_id in (0, 110, 130, 155, 162):
        values = scene.message(pulse_id).values
        assert values["image"].shape == size[::-1]
        assert values.get("good_region") is None

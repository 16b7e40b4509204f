"""The simulated pipeline against what the facility's processing server itself gave: tests/vectors/cam_server."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from stream_online_viewer.simulation.gauss import Gaussian, fit_gaussian
from stream_online_viewer.simulation.pipeline import process
from stream_online_viewer.simulation.processing import center_of_mass_and_rms

VECTORS = Path(__file__).parents[1] / "vectors" / "cam_server"
# Of an image without beam the fit has no unique optimum, and all that follows from it has none.
NO_BEAM = {"noise_only"}
FIT = ("mean", "standard_deviation", "amplitude", "offset")


def messages() -> Any:
    """Return name, image, outputs and types of every message of all files that has results."""
    found = []
    for path in sorted(VECTORS.glob("*.npz")):
        with np.load(path, allow_pickle=False) as file:
            outputs = json.loads(str(file["outputs"]))
            sequence = isinstance(outputs, list)
            sent = file["output_images"] if sequence else [file["output_image" if "output_image" in file else "image"]]
            types = json.loads(str(file["output_types"]))
        for number, (one, image) in enumerate(zip(outputs if sequence else [outputs], sent, strict=True)):
            if "x_profile" in one:
                kinds = types[number] if isinstance(types, list) else types
                found.append(pytest.param(path.stem, image, one, kinds, id=f"{path.stem}-{number}"))
    return found


MESSAGES = messages()


def axis_of(expected: Any, name: str) -> NDArray[np.floating[Any]]:
    return np.array(expected[f"{name}_axis"], np.float32)


def processed(image: Any, expected: Any) -> dict[str, Any]:
    parameters = json.loads(expected["processing_parameters"])
    return process(image, axis_of(expected, "x"), axis_of(expected, "y"), parameters)


def agree(value: Any, expected: Any, tolerance: Any) -> None:
    """Hold a number against the server's, which JSON has as text where it is none."""
    if expected is None:
        assert value is None
    elif expected == "NaN":
        assert math.isnan(value)
    else:
        assert value == pytest.approx(expected, rel=0, abs=tolerance)


def test_there_are_vectors_of_everything() -> None:
    """All files are there, but the one whose message only tells an error."""
    assert len({message.values[0] for message in MESSAGES}) == 30


@pytest.mark.parametrize(("name", "image", "expected", "kinds"), MESSAGES)
def test_moments_are_those_of_the_server(name: Any, image: Any, expected: Any, kinds: Any) -> None:
    """With the server's own fit put in, centre of mass and rms agree to rounding, in every file."""
    for axis in ("x", "y"):
        fit = Gaussian(
            expected[f"{axis}_fit_offset"],
            expected[f"{axis}_fit_amplitude"],
            expected[f"{axis}_fit_mean"],
            expected[f"{axis}_fit_standard_deviation"],
            True,
        )
        profile = np.array(expected[f"{axis}_profile"])
        center, rms = center_of_mass_and_rms(profile, axis_of(expected, axis), fit)
        assert center == pytest.approx(expected[f"{axis}_center_of_mass"], rel=1e-9, abs=1e-9 * fit.standard_deviation)
        assert rms == pytest.approx(expected[f"{axis}_rms"], rel=1e-9)


@pytest.mark.parametrize(("name", "image", "expected", "kinds"), MESSAGES)
def test_profiles_and_full_widths_are_those_of_the_server(name: Any, image: Any, expected: Any, kinds: Any) -> None:
    """Sums and extremes are the same; widths agree to the rounding of the axes, also where they are extrapolated."""
    found = processed(image, expected)
    exact = image.dtype.kind != "f"
    for key in ("x_profile", "y_profile", "intensity", "min_value", "max_value"):
        assert np.asarray(found[key]) == pytest.approx(np.asarray(expected[key]), rel=0 if exact else 1e-6)
    for axis in ("x", "y"):
        for width in (f"{axis}_fwhm", f"{axis}_fw"):
            assert (width in found) == (width in expected)
            if width in expected:
                text = expected[width] == "NaN"
                agree(found[width], expected[width], 0 if text else 1e-6 * expected[width])


@pytest.mark.parametrize(
    ("name", "image", "expected", "kinds"), [message for message in MESSAGES if message.values[0] not in NO_BEAM]
)
def test_all_channels_are_those_of_the_server(name: Any, image: Any, expected: Any, kinds: Any) -> None:
    """Every channel is there or null as it is at the server; fits and what follows from them agree to 1e-5 of sigma."""
    found = processed(image, expected)
    whole = {"image", "width", "height", "x_axis", "y_axis", "processing_parameters", "timestamp"}
    assert found.keys() == expected.keys() - whole
    for key in found:
        value = found[key]
        assert (value is None) == (expected[key] is None), key
        if value is None or isinstance(value, str):
            assert value == expected[key]
        elif key.endswith("_profile") or key in ("good_region", "gr_x_axis", "gr_y_axis", "slice_amount"):
            assert np.asarray(value) == pytest.approx(np.asarray(expected[key]), rel=1e-6), key
    prefixes = ["x", "y"] + ([] if expected.get("good_region") is None else ["gr_x", "gr_y"])
    for prefix in prefixes:
        sigma, amplitude = expected[f"{prefix}_fit_standard_deviation"], expected[f"{prefix}_fit_amplitude"]
        scales = (sigma, sigma, amplitude, amplitude)
        for part, scale in zip(FIT, scales, strict=True):
            agree(found[f"{prefix}_fit_{part}"], expected[f"{prefix}_fit_{part}"], 1e-5 * scale)
        curve = np.asarray(expected[f"{prefix}_fit_gauss_function"])
        assert np.asarray(found[f"{prefix}_fit_gauss_function"]) == pytest.approx(curve, abs=1e-5 * amplitude, rel=0)
        if not prefix.startswith("gr"):
            agree(found[f"{prefix}_center_of_mass"], expected[f"{prefix}_center_of_mass"], 1e-5 * sigma)
            agree(found[f"{prefix}_rms"], expected[f"{prefix}_rms"], 1e-5 * sigma)


SLICED = [message for message in MESSAGES if message.values[2].get("slice_0_center_x") is not None]


@pytest.mark.parametrize(
    ("name", "image", "expected", "kinds"), [message for message in SLICED if message.values[0] not in NO_BEAM]
)
def test_slices_and_coupling_are_those_of_the_server(name: Any, image: Any, expected: Any, kinds: Any) -> None:
    """Middles, widths and counts of the slices in both directions; the line is y = slope x + offset for both."""
    found = processed(image, expected)
    sigma = {"x": expected["gr_x_fit_standard_deviation"], "y": expected["gr_y_fit_standard_deviation"]}
    assert found["slice_length"] == pytest.approx(expected["slice_length"], rel=1e-6)
    for index in range(expected["slice_amount"]):
        for axis in ("x", "y"):
            key = f"slice_{index}_center_{axis}"
            agree(found[key], expected[key], 1e-5 * sigma[axis])
        across = sigma["y" if expected["slice_orientation"] == "horizontal" else "x"]
        agree(found[f"slice_{index}_standard_deviation"], expected[f"slice_{index}_standard_deviation"], 1e-5 * across)
        agree(found[f"slice_{index}_intensity"], expected[f"slice_{index}_intensity"], 1e-3)
    if expected["coupling"] is not None:
        assert found["coupling_slope"] == pytest.approx(expected["coupling_slope"], abs=1e-5)
        assert found["coupling_offset"] == pytest.approx(expected["coupling_offset"], abs=1e-4 * sigma["y"])
        assert found["coupling"] == pytest.approx(expected["coupling"], abs=1e-5 * sigma["x"] ** 2)


def test_slices_of_both_directions_are_among_them() -> None:
    """The vectors have horizontal and vertical slices, and both with a line."""
    directions = {message.values[2]["slice_orientation"] for message in SLICED if message.values[2]["coupling"]}
    assert directions == {"horizontal", "vertical"}


@pytest.mark.parametrize("name", ["noise_only"])
def test_noise_is_no_error(name: str) -> None:
    """Of an image of noise the numbers are finite, whatever they are."""
    for message in MESSAGES:
        if message.values[0] == name:
            found = processed(message.values[1], message.values[2])
            assert all(math.isfinite(found[f"{axis}_{part}"]) for axis in ("x", "y") for part in ("rms", "fwhm"))
            assert fit_gaussian(found["x_profile"], axis_of(message.values[2], "x")).amplitude != 0

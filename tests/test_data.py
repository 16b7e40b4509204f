"""What the simulated camera sends: the picture, the metadata, and the channels that are made of them."""

import numpy as np
import pytest

from stream_online_viewer.data import generate_image, generate_metadata, get_stream_message_data


def test_image_has_a_row_for_each_y_and_a_column_for_each_x() -> None:
    """The slowest dimension comes first: an image of 1000 x 2000 pixels has the shape (2000, 1000)."""
    assert generate_image(size_x=1000, size_y=2000).shape == (2000, 1000)


def test_image_is_640_by_480_float64_by_default() -> None:
    """Without arguments the image has the facility's size and type."""
    image = generate_image()
    assert image.shape == (480, 640)
    assert image.dtype == np.float64


def test_beam_without_noise_is_a_gaussian_spot() -> None:
    """Without noise the picture is exp(-(x^2 + y^2)): its logarithm is a parabola along each axis."""
    image = generate_image(beam_size_x=3, beam_size_y=3, noise=0)
    for line in (np.log(image[240, :]), np.log(image[:, 320])):
        curvature = np.diff(line, 2)
        assert np.allclose(curvature, curvature[0], rtol=1e-6)
        assert curvature[0] < 0


def test_beam_spans_beam_size_y_along_x_and_beam_size_x_along_y() -> None:
    """x runs from -beam_size_y to beam_size_y, y from -beam_size_x to beam_size_x, each end moved by less than 1."""
    for _ in range(50):
        image = generate_image(size_x=4, size_y=2, beam_size_x=1, beam_size_y=2, noise=0)
        # The ratio of neighbours in exp(-x^2) gives the four ends back: -ln = x^2 + y^2 at the corners.
        corners = -np.log(image[[0, 0, -1, -1], [0, -1, 0, -1]])
        left, right = (-2, -1), (2, 3)
        top, bottom = (-1, 0), (1, 2)
        for corner, x, y in zip(corners, (left, right, left, right), (top, top, bottom, bottom), strict=True):
            squares_x, squares_y = sorted(value**2 for value in x), sorted(value**2 for value in y)
            assert squares_x[0] + squares_y[0] - 1e-12 <= corner <= squares_x[1] + squares_y[1] + 1e-12


def test_noise_lies_between_zero_and_its_level() -> None:
    """Far from the beam only uniform noise in [0, noise) is left, and the picture never exceeds 1 + noise."""
    image = generate_image(noise=0.1)
    corner = image[:50, :50]
    assert 0 <= corner.min() < 0.001
    assert 0.099 < corner.max() < 0.1 + 1e-9
    assert 0.9 < image.max() < 1.1


def test_beam_jitters_from_image_to_image() -> None:
    """No two images are the same, even without noise."""
    assert not np.array_equal(generate_image(noise=0), generate_image(noise=0))


def test_metadata_has_beam_energy_and_repetition_rate() -> None:
    """The beam energy fluctuates from its base to 10 % above, the repetition rate is as given."""
    energies = []
    for _ in range(1000):
        metadata = generate_metadata(beam_energy_base=100, repetition_rate=112)
        assert set(metadata) == {"beam_energy", "repetition_rate"}
        assert metadata["repetition_rate"] == 112
        energies.append(metadata["beam_energy"])
    assert 100 <= min(energies) < 101
    assert 109 < max(energies) <= 110


def test_message_has_image_sizes_profiles_and_metadata() -> None:
    """A message is the image with its sizes and profiles, and the metadata beside them."""
    image = generate_image(size_x=1024, size_y=512)
    metadata = generate_metadata(beam_energy_base=50, repetition_rate=25)

    message = get_stream_message_data(image=image, metadata=metadata)

    assert list(message) == [
        "image",
        "image_size_x",
        "image_size_y",
        "image_profile_x",
        "image_profile_y",
        "beam_energy",
        "repetition_rate",
    ]
    assert message["image"] is image
    assert (message["image_size_x"], message["image_size_y"]) == (1024, 512)
    assert np.allclose(message["image_profile_x"], [image[:, column].sum() for column in range(1024)])
    assert np.allclose(message["image_profile_y"], [image[row, :].sum() for row in range(512)])
    assert message["beam_energy"] == metadata["beam_energy"]
    assert message["repetition_rate"] == 25


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int32"])
def test_profiles_of_integer_images_do_not_overflow(dtype: str) -> None:
    """Profiles of an integer image are exact, also where a sum exceeds the range of the pixels."""
    image = np.full((300, 400), np.iinfo(dtype).max, dtype)
    message = get_stream_message_data(image, {})
    assert int(message["image_profile_x"][0]) == 300 * np.iinfo(dtype).max
    assert int(message["image_profile_y"][0]) == 400 * np.iinfo(dtype).max

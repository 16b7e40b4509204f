"""The beam picture of the facility's generator: image, metadata and the channels of one message."""

from typing import Any

import numpy as np
import numpy.typing as npt

_RANDOM = np.random.default_rng()


def generate_image(
    size_x: int = 640, size_y: int = 480, beam_size_x: float = 10, beam_size_y: float = 8, noise: float = 0.1
) -> npt.NDArray[np.float64]:
    """Return a float64 image of shape (size_y, size_x): a round spot near the centre on uniform noise.

    The spot is exp(-(x^2 + y^2)). x runs along the columns from -beam_size_y to beam_size_y and y along the rows from
    -beam_size_x to beam_size_x; each of the four ends is moved by a random number in [0, 1), so that the spot jitters.
    The noise is uniform in [0, noise). (That a larger beam_size makes the spot smaller, and that the names are crossed,
    is the facility's definition.)
    """
    move = _RANDOM.random(4)
    x = np.linspace(-beam_size_y + move[0], beam_size_y + move[1], size_x)
    y = np.linspace(-beam_size_x + move[2], beam_size_x + move[3], size_y)
    image = _RANDOM.random((size_y, size_x))
    image *= noise
    # exp(-(x^2 + y^2)) is the product of a curve along each axis: one exponential a row and column, not one a pixel.
    image += np.multiply.outer(np.exp(-(y**2)), np.exp(-(x**2)))
    return image


def generate_metadata(beam_energy_base: float = 5, repetition_rate: float = 100) -> dict[str, float]:
    """Return `beam_energy`, random from beam_energy_base to 10 % above, and `repetition_rate` in Hz as given."""
    return {
        "beam_energy": beam_energy_base + 0.1 * beam_energy_base * float(_RANDOM.random()),
        "repetition_rate": repetition_rate,
    }


def get_stream_message_data(image: npt.NDArray[Any], metadata: dict[str, Any]) -> dict[str, Any]:
    """Return the channels of one message by name: the image, values computed from it, and the metadata.

    `image` has the shape (rows, columns). `image_size_x` is the number of columns, `image_size_y` of rows;
    `image_profile_x` (one value a column) is the sum over the rows, `image_profile_y` (one value a row) the sum over
    the columns. Sums of integers are 64-bit integers, signed or unsigned like the image.
    """
    return {
        "image": image,
        "image_size_x": image.shape[1],
        "image_size_y": image.shape[0],
        "image_profile_x": image.sum(axis=0),
        "image_profile_y": image.sum(axis=1),
        **metadata,
    }

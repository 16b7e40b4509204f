"""How long an encoding may take before it counts as hanging."""

import pytest

from stream_online_viewer.ingest.encoding_watch import allowed_seconds

LARGE = 8192 * 8192
LOOKS = 0.5
"""From its begin to the first look, and from one to the next."""


@pytest.mark.parametrize(
    ("encoding", "dtype"),
    [("preview", "uint8"), ("preview", "uint16"), ("preview", "bool"), ("bslz4", "float64"), ("raw", "int64"),
     ("source", "uint16"), ("float32", "float64"), ("npy", "float64")],
)  # fmt: skip
def test_most_encodings_of_large_images_end_within_five_seconds(encoding: str, dtype: str) -> None:
    """One that hangs is ended within the five seconds that are promised."""
    assert allowed_seconds(LARGE, encoding, dtype) + LOOKS < 5


@pytest.mark.parametrize(("encoding", "dtype"), [("preview", "float64"), ("preview", "int64"), ("png", "uint8")])
def test_slow_encodings_have_their_time(encoding: str, dtype: str) -> None:
    """Those that honestly take seconds for so many pixels are not killed; for those of a camera five seconds hold."""
    assert allowed_seconds(LARGE, encoding, dtype) > 140e-9 * LARGE
    assert allowed_seconds(2560 * 2160, encoding, dtype) + LOOKS < 5

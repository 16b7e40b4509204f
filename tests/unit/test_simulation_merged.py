"""The scene of merged sources: scalars in every message, the image in every tenth, a channel that goes and comes."""

from typing import Any

import numpy as np
import pytest

from stream_online_viewer.simulation.merged import LASER, MergedScene
from stream_online_viewer.simulation.serialize import describe

IMAGE = ["image", "image_size_x", "image_size_y", "image_profile_x", "image_profile_y"]


@pytest.fixture(scope="module")
def messages() -> Any:
    scene = MergedScene((32, 24), "uint16")
    return {pulse_id: scene.message(pulse_id) for pulse_id in range(1001)}


def test_image_is_in_every_tenth_message_only(messages: Any) -> None:
    """Image, sizes and profiles have a value where the pulse id is a multiple of ten, and are null elsewhere."""
    for pulse_id, message in messages.items():
        for name in IMAGE:
            assert (message.values[name] is not None) == (pulse_id % 10 == 0)


def test_scalars_are_in_every_message(messages: Any) -> None:
    """All other channels have a value in every message."""
    for pulse_id, message in messages.items():
        assert all(value is not None for name, value in message.values.items() if name not in IMAGE)
        assert message.values["pulse_counter"] == pulse_id
        assert message.values["repetition_rate"] == 100


def test_channels_keep_their_type_while_they_have_no_value(messages: Any) -> None:
    """The data header says the same of a channel whether it has a value or not, and says it right."""
    for message in messages.values():
        assert list(message.values) == list(message.declared)
        for name, value in message.values.items():
            assert message.declared[name].get("modulo") == (10 if name in IMAGE else None)
            if value is not None:
                assert message.declared[name].items() >= describe(value).items()
    assert messages[1].declared["image"]["type"] == "uint16"
    assert messages[1].declared["image"]["shape"] == [32, 24]


def test_one_source_is_away_for_100_of_1000_pulses(messages: Any) -> None:
    """Its channel is missing from values and header then, and comes back."""
    with_laser = [pulse_id for pulse_id, message in messages.items() if LASER in message.values]
    assert with_laser == [*range(600), *range(700, 1001)]


def test_profiles_belong_to_the_image(messages: Any) -> None:
    """Where there is an image, its profiles are of the same image."""
    values = messages[20].values
    assert np.array_equal(values["image_profile_x"], values["image"].sum(axis=0))
    assert np.array_equal(values["image_profile_y"], values["image"].sum(axis=1))


def test_channels_have_many_types(messages: Any) -> None:
    """The scalars cover integers of 64 bits, both floating point types, bool and strings, and there is an array."""
    types = {describe(value)["type"] for name, value in messages[1].values.items() if name not in IMAGE}
    assert types == {"uint64", "int64", "float64", "float32", "uint8", "bool", "string"}
    assert messages[1].values["SAR-CVME-TIFALL5:EvtSet"].shape == (256,)

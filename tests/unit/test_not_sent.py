"""The counter of images that were not sent to a viewer: it counts what passed the viewer by, and no more."""

import random
from typing import Any

from stream_online_viewer.protocol.client import Want
from stream_online_viewer.protocol.rendition import Rendition
from stream_online_viewer.web.viewer import Viewer
from tests.unit.test_hub import KEY, Outlet, World

PREVIEW = Rendition(None, 0, "preview")


def skipped(outlet: Outlet) -> list[int]:
    """What the envelope of each frame says of those that were not sent."""
    return [int.from_bytes(head[-4:], "little") for head in outlet.heads]


def publish(world: World, key: Rendition, sequence: int, age: float = 0.0) -> None:
    """A frame of a lane comes from the ingest process."""
    world.sequence = sequence
    world.hub.publish(world.numbers()[key], b"frame", sequence, int((world.time.now - age) * 1e9))


def test_another_form_of_the_same_pulse_takes_nothing_off() -> None:
    """Who changes to a rendition that another one watches is sent its newest frame at once: nothing was left out."""
    world = World()
    viewer, outlet = world.viewer()
    world.viewer(key=PREVIEW)
    world.time.pass_by(0.1)
    publish(world, KEY, 1)
    publish(world, PREVIEW, 1)
    world.hub.acknowledge(viewer, 1, 0)
    world.hub.change_rendition(viewer, PREVIEW)
    assert len(outlet.frames) == 2
    assert viewer.not_sent == 0
    assert skipped(outlet) == [0, 0]


def test_what_passed_by_is_counted_after_a_change_too() -> None:
    """Three images of the new rendition while the frame before was not acknowledged: two of them were not sent."""
    world = World()
    viewer, outlet = world.viewer()
    world.viewer(key=PREVIEW)
    world.time.pass_by(0.1)
    publish(world, KEY, 1)
    world.hub.change_rendition(viewer, PREVIEW)
    for sequence in (2, 3, 4):
        world.time.pass_by(0.1)
        publish(world, PREVIEW, sequence)
    world.hub.acknowledge(viewer, 1, 0)
    world.hub.nothing_newer(world.numbers()[PREVIEW])
    assert skipped(outlet) == [0, 2]
    assert viewer.not_sent == 2


def test_the_first_images_of_a_lane_count_like_all_others() -> None:
    """A viewer whose connection takes nothing misses the first image of its lane as well as the second."""
    world = World()
    viewer, outlet = world.viewer()
    world.hub.block(viewer)
    for sequence in (1, 2):
        world.time.pass_by(0.1)
        publish(world, KEY, sequence)
    world.hub.unblock(viewer)
    world.hub.nothing_newer(world.numbers()[KEY])
    assert skipped(outlet) == [1]
    assert viewer.not_sent == 1


def test_what_was_not_for_a_viewer_is_not_counted() -> None:
    """An image from before the connection is none that was kept back."""
    world = World()
    world.time.pass_by(1.0)
    viewer, outlet = world.viewer()
    world.time.pass_by(0.01)
    publish(world, KEY, 1, age=0.5)
    world.time.pass_by(0.1)
    publish(world, KEY, 2)
    assert skipped(outlet) == [0]
    assert viewer.not_sent == 0


def test_another_form_comes_after_the_acknowledgement_though_the_next_is_pulled_already() -> None:
    """The same pulse in another rendition waits for the acknowledgement of the first, not for the next pulse too."""
    world = World()
    viewer, outlet = world.viewer()
    other, _ = world.viewer(key=PREVIEW)
    world.time.pass_by(0.1)
    publish(world, KEY, 1)
    publish(world, PREVIEW, 1)
    world.hub.acknowledge(other, 1, 0)
    world.hub.nothing_newer(world.numbers()[PREVIEW])
    world.hub.change_rendition(viewer, PREVIEW)
    assert len(outlet.frames) == 1
    world.hub.acknowledge(viewer, 1, 0)
    assert len(outlet.frames) == 2


def test_whatever_happens_the_counter_never_falls() -> None:
    """Changes of rendition, acknowledgements and restarts in any order: each image is sent or counted at most once."""
    keys = [KEY, PREVIEW, Rendition("other", 0, "raw")]
    for seed in range(40):
        dice = random.Random(seed)
        world = World()
        pairs = [world.viewer(key=key) for key in keys]
        passed: dict[Viewer, int] = {viewer: 0 for viewer, _ in pairs}
        for _ in range(300):
            viewer, outlet = dice.choice(pairs)
            before = viewer.not_sent
            act(world, dice, viewer, keys, passed)
            assert viewer.not_sent >= before
        for viewer, outlet in pairs:
            assert viewer.not_sent == sum(skipped(outlet))
            assert viewer.not_sent + len(outlet.frames) <= passed[viewer], f"seed {seed}"


def act(world: World, dice: random.Random, viewer: Viewer, keys: list[Rendition], passed: dict[Viewer, int]) -> None:
    """Do something; note for each viewer how many images it could have been sent or have missed."""
    what = dice.randrange(6)
    if what <= 1:
        world.time.pass_by(dice.choice([0.001, 0.05, 0.2]))
        lane: Any = dice.choice(list(world.hub.lanes))
        for other in lane.viewers:
            passed[other] += 1
        publish(world, lane.rendition, world.sequence + 1)
    elif what == 2:
        for sequence in list(viewer.in_flight):
            world.hub.acknowledge(viewer, sequence, 0)
    elif what == 3:
        # Into a lane with a frame: that one may be sent, as the same pulse in another rendition.
        passed[viewer] += 1
        world.hub.set_want(viewer, Want(every=False), dice.choice(keys))
    elif what == 4:
        world.hub.nothing_newer(dice.choice(list(world.numbers().values())))
    elif dice.random() < 0.1:
        world.restart()

"""What the ingest process is told of what is wanted: at once, seldom, only changes, and not while it reads nothing."""

import random
from typing import Any

from stream_online_viewer.link.messages import InterestChange
from stream_online_viewer.protocol.client import Want
from stream_online_viewer.protocol.rendition import Rendition
from tests.unit.test_hub import KEY, World


def renditions(world: World) -> set[tuple[Any, ...]]:
    """The renditions that the ingest process knows to be wanted."""
    return {(rendition.channel, rendition.encoding) for rendition in world.known.values()}


def test_the_first_change_is_told_at_once_and_others_together() -> None:
    """A first viewer waits for nothing; nineteen more within a tenth of a second are one change."""
    world = World()
    world.viewer(Want(every=("a",)))
    assert world.names == {"a"}
    assert len(world.told) == len(world.pulls) == 1
    for number in range(19):
        world.viewer(Want(every=(f"name {number}",)), key=Rendition(f"camera {number}", 0, "raw"))
    assert len(world.told) == len(world.pulls) == 1
    world.time.pass_by(0.1)
    assert len(world.told) == 2
    assert len(world.known) == len(world.pulls) == 20
    assert len(world.names) == 20


def test_at_most_ten_changes_a_second() -> None:
    """However often one viewer changes its mind, and the last state is what the ingest process knows."""
    world = World()
    viewer, _ = world.viewer()
    for number in range(1000):
        world.time.pass_by(0.001)
        key = Rendition(f"camera {number % 7}", number % 5, "raw")
        world.hub.set_want(viewer, Want(every=(f"name {number}",)), key)
    world.time.pass_by(0.1)
    assert len(world.told) <= 12
    assert world.names == {"name 999"}
    assert renditions(world) == {("camera 5", "raw")}
    assert sum(len(changes.names) for changes in world.told) <= 12


def test_a_message_holds_only_what_changed() -> None:
    """Beside a thousand viewers with names of their own, one more name is a message with one name."""
    world = World()
    for number in range(1000):
        world.viewer(Want(every=tuple(f"viewer {number} name {n}" for n in range(10))))
    viewer, _ = world.viewer(Want(every=("mine",)))
    world.time.pass_by(10.0)
    assert len(world.names) == 10_001
    assert sum(len(changes.names) for changes in world.told) == 10_001
    world.told.clear()
    world.hub.set_want(viewer, Want(every=("mine", "more")), KEY)
    assert world.told == [InterestChange(names=("more",))]


def test_a_name_is_wanted_as_long_as_somebody_wants_it() -> None:
    """Two viewers that name one channel count twice, one that says all counts for itself."""
    world = World()
    one, _ = world.viewer(Want(every=("a", "b")))
    two, _ = world.viewer(Want(every=("b", "c")))
    three, _ = world.viewer(Want(every=True))
    world.time.pass_by(0.2)
    assert (world.names, world.told[-1].everything) == ({"a", "b", "c"}, True)
    world.hub.disconnect(one)
    world.hub.set_want(three, Want(every=False), KEY)
    world.time.pass_by(0.2)
    assert (world.names, world.told[-1].everything) == ({"b", "c"}, False)
    world.hub.disconnect(two)
    world.time.pass_by(0.2)
    assert world.names == set()


def test_nothing_is_written_while_the_ingest_process_does_not_read() -> None:
    """Neither changes nor pulls queue up; when it reads again it is told how things are then."""
    world = World()
    viewer, _ = world.viewer()
    world.time.pass_by(0.2)
    world.frame()
    world.hub.acknowledge(viewer, world.sequence, 0)
    world.hub.interest.set_blocked(True)
    told, pulls = len(world.told), len(world.pulls)
    for number in range(100):
        world.time.pass_by(0.1)
        world.hub.set_want(viewer, Want(every=(f"name {number}",)), Rendition(f"camera {number}", 0, "raw"))
    assert (len(world.told), len(world.pulls)) == (told, pulls)
    world.hub.interest.set_blocked(False)
    world.time.pass_by(0.2)
    assert len(world.told) <= told + 2
    assert world.names == {"name 99"}
    assert renditions(world) == {("camera 99", "raw")}
    assert world.pulls[pulls:] == [world.lane()]


def test_a_pull_that_waited_for_the_reader_is_not_lost() -> None:
    """A viewer that becomes ready while the ingest process reads nothing gets its image after that."""
    world = World()
    viewer, outlet = world.viewer()
    world.time.pass_by(0.2)
    world.frame()
    world.hub.interest.set_blocked(True)
    pulls = len(world.pulls)
    world.time.pass_by(0.2)
    world.hub.acknowledge(viewer, world.sequence, 0)
    assert len(world.pulls) == pulls
    world.hub.interest.set_blocked(False)
    assert len(world.pulls) == pulls + 1
    world.time.pass_by(0.1)
    body = world.frame()
    assert outlet.frames[1:] == [body]


def test_long_names_are_told_in_parts() -> None:
    """No message is longer than what can be read in between, and all of them arrive."""
    world = World()
    for number in range(100):
        world.viewer(Want(every=tuple(f"{number}-{n}-".ljust(256, "x") for n in range(64))))
    world.time.pass_by(20.0)
    assert len(world.names) == 6400
    assert max(sum(map(len, changes.names)) for changes in world.told) <= 16384 + 256


def test_whatever_happens_the_ingest_process_knows_what_is_wanted() -> None:
    """Viewers come, change and go, the link blocks, the process restarts: after a while what is known is what is so."""
    keys = [KEY, Rendition(None, 0, "preview"), Rendition("other", 0, "raw"), Rendition("other", 3, "raw"), None]
    wants: list[Any] = [True, False, (), ("a",), ("a", "b"), ("b", "c", "d")]
    for seed in range(40):
        dice = random.Random(seed)
        world = World()
        viewers: list[Any] = []
        for _ in range(200):
            what = dice.randrange(8)
            if what == 0 and len(viewers) < 6:
                viewers.append(world.viewer(Want(every=dice.choice(wants)), key=dice.choice(keys))[0])
            elif what == 1 and viewers:
                world.hub.disconnect(viewers.pop(dice.randrange(len(viewers))))
            elif what == 2:
                world.hub.interest.set_blocked(dice.random() < 0.5)
            elif what == 3 and dice.random() < 0.2:
                world.restart()
            elif what == 4:
                world.time.pass_by(dice.choice([0.01, 0.06, 0.3]))
            elif viewers:
                want = Want(every=dice.choice(wants))
                world.hub.set_want(dice.choice(viewers), want, dice.choice(keys))
        world.hub.interest.set_blocked(False)
        world.time.pass_by(0.3)
        every = [viewer.want.every for viewer in viewers]
        assert world.names == {name for names in every if isinstance(names, tuple) for name in names}
        assert set(world.known) == set(world.numbers().values())
        assert not world.told or world.told[-1].everything == any(names is True for names in every)

"""Places for connections, addresses, rates and the bytes of answers: who gets what, and who gives way."""

from typing import Any

import pytest

from stream_online_viewer.web import peers
from stream_online_viewer.web.allowance import ARRIVALS_PER_SECOND
from stream_online_viewer.web.answers import AnswerBytes
from stream_online_viewer.web.places import Places
from stream_online_viewer.web.rates import Rates


def enter(places: Any, address: bool | str, count: int, exempt: bool = False) -> list[Any]:
    """Take places, and return those that were had."""
    return [place for _ in range(count) if (place := places.enter(address, exempt)) is not None]


def test_an_address_may_have_three_quarters() -> None:
    """Nobody is refused before; then the address with the most is."""
    places = Places(100)
    assert len(enter(places, "room", 100)) == 75
    assert (places.taken, places.refused) == (75, 25)


def test_others_get_in_beyond_three_quarters() -> None:
    """The last quarter is for those that have less."""
    places = Places(100)
    enter(places, "room", 100)
    assert len(enter(places, "a", 10)) == 10
    assert len(enter(places, "b", 10)) == 10
    assert enter(places, "room", 1) == []


def test_when_all_are_taken_the_largest_gives_way() -> None:
    """Its newest connection goes, first those that are no viewers; an address that has as many does not push it out."""
    places, gone = Places(40), []
    held = enter(places, "room", 40)
    for place in held:
        place.is_viewer = place is not held[5]
        place.give_way = lambda place=place: gone.append(held.index(place))
    for n in range(20):
        enter(places, f"other-{n // 2}", 1)
    assert places.taken == 40
    assert gone[0] == 5
    assert gone[1:] == list(range(29, 29 - len(gone) + 1, -1))
    assert places.gave_way == len(gone) == 10


def test_nobody_is_pushed_out_by_an_equal() -> None:
    """With one connection each, all places taken is all places taken."""
    places = Places(20)
    assert sum(len(enter(places, str(n), 1)) for n in range(30)) == 20
    assert places.gave_way == 0


def test_a_browser_gets_its_page_in_a_crowd() -> None:
    """Where everybody has one connection, a second one is no reason to be refused."""
    places = Places(100)
    for n in range(80):
        enter(places, str(n), 1)
    assert len(enter(places, "0", 5)) == 5


def test_a_proxy_is_exempt() -> None:
    """It may have all places and is never pushed out; its clients are told when there is none."""
    places = Places(40)
    assert len(enter(places, "proxy", 50, exempt=True)) == 40
    assert enter(places, "a", 1) == []
    assert (places.gave_way, places.most()) == (0, ("proxy", 40))


def test_a_hard_limit_for_each_address() -> None:
    """The option holds at any time."""
    places = Places(100, each=3)
    assert len(enter(places, "a", 5)) == 3
    assert len(enter(places, "b", 5)) == 3
    assert len(enter(places, "proxy", 50, exempt=True)) == 50


def test_places_come_back() -> None:
    """Once each; nothing is kept of an address that has gone."""
    places = Places(10)
    for place in enter(places, "a", 5):
        place.leave()
        place.leave()
    assert (places.taken, places.addresses, places.most()) == (0, 0, ("", 0))


@pytest.mark.parametrize(
    ("text", "group", "loopback"),
    [
        ("192.0.2.7", "192.0.2.7", False),
        ("::ffff:192.0.2.7", "192.0.2.7", False),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", False),
        ("fe80::1%eth0", "fe80::/64", False),
        ("127.0.0.9", "127.0.0.9", True),
        ("::ffff:127.0.0.1", "127.0.0.1", True),
        ("::1", "::1", True),
        ("", "", True),
        ("no address", "no address", False),
    ],
)
def test_addresses(text: str, group: str, loopback: bool) -> None:
    """IPv4 is IPv4 however it is written; of IPv6 a network is one address."""
    assert peers.group(text) == group
    assert peers.is_loopback(text) is loopback


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.1.1.1", ["192.0.2.7"], "192.0.2.7"),
        ("10.1.1.1", ["6.6.6.6, 192.0.2.7"], "192.0.2.7"),
        ("10.1.1.1", ["6.6.6.6", "192.0.2.7, 10.1.1.2"], "192.0.2.7"),
        ("10.1.1.1", ["[2001:db8::1]:5000"], "2001:db8::1"),
        ("10.1.1.1", ["192.0.2.7:5000"], "192.0.2.7"),
        ("::ffff:10.1.1.1", ["192.0.2.7"], "192.0.2.7"),
        ("10.1.1.1", [], "10.1.1.1"),
        ("10.1.1.1", ["unknown"], "10.1.1.1"),
        ("10.1.1.1", ["192.0.2.7, rubbish"], "10.1.1.1"),
        ("10.1.1.1", [",".join(["10.1.1.2"] * 5000)], "10.1.1.1"),
        ("192.0.2.8", ["127.0.0.1"], "192.0.2.8"),
    ],
)
def test_whom_a_proxy_asks_for(peer: str, forwarded: Any, client: str) -> None:
    """The last address that is no proxy, if a proxy says so; nobody else is believed."""
    assert peers.Proxies(["10.0.0.0/8"]).client(peer, forwarded) == client


def test_rates() -> None:
    """A burst, then so many a second; one address does not use up another's; all together have a limit too."""
    rates = Rates(2.0, 4.0, (10.0, 7.0))
    assert [rates.wait("a", 0.0) for _ in range(5)] == [0, 0, 0, 0, 0.5]
    assert rates.wait("a", 0.5) == 0
    assert rates.wait("b", 0.5) == 0
    for n in range(20):
        rates.wait(str(n), 0.5)
    assert rates.wait("c", 0.5) > 0
    assert rates.wait("proxy", 0.5, exempt=True) > 0
    assert rates.wait("c", 10.0) == 0


def test_rates_do_not_grow() -> None:
    """However many addresses there are."""
    rates = Rates(1.0, 1.0, (1e9, 1e9))
    for n in range(10_000):
        rates.wait(str(n), 0.0)
    assert len(rates._buckets) <= 4096  # noqa: SLF001


def test_bytes_of_answers() -> None:
    """A body counts once however many read it, an address has its share, and one answer always goes."""
    answers, big, other, third = AnswerBytes(100, 60), object(), object(), object()
    taken = [answers.take("a", big, 50) for _ in range(64)]
    assert None not in taken
    assert answers.bytes == 50
    assert answers.take("a", other, 20) is None
    assert answers.take("b", other, 40) is not None
    assert answers.take("b", big, 50) is None
    assert answers.take("c", third, 20) is None
    assert answers.take("c", big, 50) is not None
    for done in taken:
        assert done is not None
        done()
    assert answers.bytes == 90
    assert AnswerBytes(100, 60).take("a", big, 1000) is not None


def test_bytes_of_answers_come_to_nothing() -> None:
    """Nothing is kept when everything was taken."""
    answers = AnswerBytes()
    for done in [answers.take(address, body, 10) for address in "ab" for body in (answers, "x")]:
        assert done is not None
        done()
    assert answers.bytes == 0
    assert not (answers._own or answers._own_bytes or answers._holders)  # noqa: SLF001


def test_arrivals_of_a_control_room() -> None:
    """All places may be taken at once from one address; a storm from there is held to a rate, and nobody else is."""
    arrivals = Rates(ARRIVALS_PER_SECOND, 100)
    assert sum(arrivals.wait("proxy", 1000.0) == 0 for _ in range(300)) == 100
    assert arrivals.wait("alone", 1000.0) == 0
    taken = sum(arrivals.wait("proxy", 1000.0 + number / 1000) == 0 for number in range(1, 10_001))
    assert abs(taken - 10 * ARRIVALS_PER_SECOND) <= 1
    assert sum(arrivals.wait("proxy", 1020.0) == 0 for _ in range(300)) == 100

"""The catalogue of a deployment: what its file may be, and the page that lists it."""

import re
from pathlib import Path

import pytest

from stream_online_viewer.errors import SettingsError
from stream_online_viewer.web.cameras_page import page_of
from stream_online_viewer.web.catalogue import Camera, read_catalogue

FILE = """
[[camera]]
name = "SARES20-CAMS142-M5"
address = "cam_server://SARES20-CAMS142-M5"
alias = "profile monitor"
group = ["SARES20", "ALL"]
link = "https://viewer.example/cam1/"

[[camera]]
name = "SATBD01"
address = "pva://SATBD01:Pva1:Image"
group = "ALL"

[[camera]]
name = "third"
address = "tcp://camera:9000"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "cameras.toml"
    file.write_text(FILE)
    return file


def names_of(page: str) -> list[str]:
    """Return the cameras that a page lists, in their order."""
    return re.findall(r"<li>(?:<a [^>]*>|<details[^>]*><summary>)([^<]+)<", page.replace(" <span", "<span"))


def test_the_file_is_read(file: Path) -> None:
    """All of its keys, and what is not given."""
    first, second, third = read_catalogue(str(file)).cameras
    assert first == Camera(
        "SARES20-CAMS142-M5",
        "cam_server://SARES20-CAMS142-M5",
        "profile monitor",
        ("SARES20", "ALL"),
        "https://viewer.example/cam1/",
    )
    assert (second.groups, third.groups, third.link) == (("ALL",), (), None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "tables [[camera]]"),
        ("camera = 1", "tables [[camera]]"),
        ("[camera]\nname = 'a'", "tables [[camera]]"),
        (FILE + "\n[more]\n", "tables [[camera]]"),
        ("[[camera]]\nname = 'a'", "camera 1: address is no text"),
        ("[[camera]]\naddress = 'tcp://a:1'", "camera 1: name is no text"),
        ("[[camera]]\nname = 'a'\naddress = 'http://a'", "is no stream address"),
        ("[[camera]]\nname = 'a'\naddress = 'tcp://a:1'\ncolour = 1", "camera 1 has colour"),
        ("[[camera]]\nname = 'a'\naddress = 'tcp://a:1'\ngroup = [1]", "group is no text"),
        ("[[camera]]\nname = 'a'\naddress = 'tcp://a:1'\nlink = 'javascript:alert(1)'", "link is neither"),
        ("[[camera]]\nname = 'a'\naddress = 'tcp://a:1'\nlink = '//evil.example/'", "link is neither"),
        ("[[camera]]\nname = 'a'\naddress = 'tcp://a:1'\nlink = 'https:\\\\evil'", "link is neither"),
        ("[[camera]]\nname = 'a'\naddress = 'tcp://a:1'\n" * 2, "the name 'a' is there twice"),
        ("not toml", "cannot be used"),
    ],
)
def test_a_wrong_file_is_one_line(file: Path, text: str, words: str) -> None:
    """With the name of the file and what is wrong."""
    file.write_text(text)
    with pytest.raises(SettingsError) as problem:
        read_catalogue(str(file))
    assert words in str(problem.value) and str(file) in str(problem.value) and "\n" not in str(problem.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Said as such."""
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        read_catalogue(str(tmp_path / "none.toml"))


def test_cameras_are_listed_by_group_with_a_way_to_each(file: Path) -> None:
    """A link where a viewer is known, else the command that starts one."""
    page = page_of(read_catalogue(str(file)).cameras, "")
    assert re.findall(r"<h2>([^<]*)</h2>", page) == ["ALL", "SARES20", "Others"]
    assert names_of(page) == ["SARES20-CAMS142-M5", "SATBD01", "SARES20-CAMS142-M5", "third"]
    assert page.count('href="https://viewer.example/cam1/"') == 2
    assert "<code>stream-online-viewer tcp://camera:9000 --port 0</code>" in page


@pytest.mark.parametrize(
    ("search", "found"),
    [("satbd", {"SATBD01"}), ("PROFILE sares", {"SARES20-CAMS142-M5"}), ("pva", {"SATBD01"}), ("nothing", set())],
)
def test_a_search_is_in_names_groups_and_addresses(file: Path, search: str, found: set[str]) -> None:
    """Each word, in any case."""
    page = page_of(read_catalogue(str(file)).cameras, search)
    assert set(names_of(page)) == found
    assert f'value="{search}"' in page


def test_nothing_of_the_file_or_the_search_is_html() -> None:
    """Names and searches are text."""
    bad = '<script>alert("1")</script>'
    page = page_of([Camera(bad, "tcp://a:1", bad, (bad,), None), Camera("b", "tcp://a:1", bad, (bad,), "/a'\"")], bad)
    assert "<script" not in page and "&lt;script&gt;" in page
    shown = page_of([Camera("b", "tcp://a:1", bad, (bad,), "/a'\"<x>")], "")
    assert 'href="/a&#x27;&quot;&lt;x&gt;"' in shown and "<script" not in shown

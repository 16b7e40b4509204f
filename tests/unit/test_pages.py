"""The built front end as the server holds it."""

import gzip
from pathlib import Path

import pytest

from stream_online_viewer.errors import SettingsError
from stream_online_viewer.web.pages import Page


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A built page with one script, compressed, and one picture, which is not."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text('<meta name="build" content="dev">')
    (tmp_path / "assets" / "index-1.js").write_text("run();")
    (tmp_path / "assets" / "index-1.js.gz").write_bytes(gzip.compress(b"run();"))
    (tmp_path / "assets" / "dot-1.png").write_bytes(b"dot")
    return tmp_path


def test_files_that_are_replaced_do_not_change_what_is_served(static: Path) -> None:
    """While an update is written over it, a running server serves its own build as a whole."""
    page = Page(static)
    for file in (static / "assets").iterdir():
        file.unlink()
    (static / "index.html").write_text("another")
    (static / "assets" / "index-2.js").write_text("other();")
    assert set(page.assets) == {"index-1.js", "dot-1.png"}
    assert page.assets["index-1.js"].bodies["identity"] == b"run();"
    assert page.build.encode() in page.document().bodies["identity"]


def test_another_page_is_another_build_with_another_tag(static: Path) -> None:
    """The names of the assets are in the page, so any change of them is one."""
    before = Page(static)
    (static / "index.html").write_text('<meta name="build" content="dev"><script src="index-2.js">')
    after = Page(static)
    assert before.build != after.build
    assert before.document().etag("gzip") != after.document().etag("gzip")


def test_what_was_not_compressed_is_served_as_it_is(static: Path) -> None:
    """A client that takes everything gets what there is."""
    assets = Page(static).assets
    assert assets["index-1.js"].coding(lambda name: 1.0) == "gzip"
    assert assets["dot-1.png"].coding(lambda name: 1.0) == "identity"
    assert assets["dot-1.png"].content_type == "image/png"


def test_a_page_that_was_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    """One line for the user."""
    with pytest.raises(SettingsError, match="run: make install"):
        Page(tmp_path)

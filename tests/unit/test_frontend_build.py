"""When the front end is built, and that no package comes without it. Scripts stand in for node and npm."""

import os
import stat
from pathlib import Path

import pytest

from tests.scripts import script

frontend = script("frontend")

NPM = """#!/bin/sh
echo "$@" >> "$0.calls"
case "$1" in
  ci) mkdir -p node_modules ;;
  run) [ ! -e src/broken ] || exit 3
    mkdir -p ../stream_online_viewer/static
    [ -e src/empty ] || echo "<html>" > ../stream_online_viewer/static/index.html ;;
esac
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a front end of two files, and a machine with a node."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (("node", "#!/bin/sh\necho v22.0.0\n"), ("npm", NPM)):
        (programs / name).write_text(text)
        (programs / name).chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin")
    root = tmp_path / "project"
    (root / "frontend" / "src").mkdir(parents=True)
    (root / "stream_online_viewer").mkdir()
    for name in ("package.json", "package-lock.json", "src/main.ts"):
        (root / "frontend" / name).write_text(name)
    (root / "stream_online_viewer" / "colormaps.json").write_text("{}")
    return root


def calls(root: Path) -> list[str]:
    """Return what npm was asked for since the last call of this function."""
    file = root.parent / "bin" / "npm.calls"
    lines = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return lines


def test_build_installs_and_builds_once(root: Path) -> None:
    """The first build does both, without the developers' tools; the second finds everything fresh."""
    assert frontend.build(root)
    assert calls(root) == ["ci --omit=dev", "run build"]
    assert not frontend.build(root)
    assert calls(root) == []


@pytest.mark.parametrize(
    "changed",
    ["frontend/src/main.ts", "frontend/src/new.ts", "frontend/index.html", "stream_online_viewer/colormaps.json"],
)
def test_a_changed_source_is_built_again(root: Path, changed: str) -> None:
    """Changed and new files count, the colour maps too; the packages are not installed again."""
    frontend.build(root)
    calls(root)
    (root / changed).write_text("changed")
    assert frontend.build(root)
    assert calls(root) == ["run build"]


def test_a_changed_lock_file_installs_again(root: Path) -> None:
    """Other versions of the packages make another page."""
    frontend.build(root)
    calls(root)
    (root / "frontend" / "package-lock.json").write_text("changed")
    assert frontend.build(root)
    assert calls(root) == ["ci --omit=dev", "run build"]


@pytest.mark.parametrize("removed", ["index.html", ".build-id"])
def test_a_deleted_page_is_built_again(root: Path, removed: str) -> None:
    """Neither a page without its mark nor a mark without its page is taken for a built front end."""
    frontend.build(root)
    (root / "stream_online_viewer" / "static" / removed).unlink()
    assert frontend.build(root)


def test_times_and_tests_do_not_matter(root: Path) -> None:
    """A copy with other times of files is fresh, and so is one with other tests."""
    frontend.build(root)
    os.utime(root / "frontend" / "src" / "main.ts", (2e9, 2e9))
    (root / "frontend" / "src" / "main.test.ts").write_text("new")
    assert frontend.is_fresh(root)


def test_a_failed_build_is_an_error_and_never_fresh(root: Path) -> None:
    """Also when the sources are put back to what the page before was built from."""
    frontend.build(root)
    broken = root / "frontend" / "src" / "broken"
    broken.touch()
    with pytest.raises(frontend.FrontendError, match="run build.* ended with code 3"):
        frontend.build(root)
    broken.unlink()
    assert not frontend.is_fresh(root)


def test_a_build_without_a_page_is_an_error(root: Path) -> None:
    """npm may end well and yet have built something else."""
    (root / "frontend" / "src" / "empty").touch()
    with pytest.raises(frontend.FrontendError, match="index.html"):
        frontend.build(root)


def test_missing_sources_are_an_error(root: Path) -> None:
    """A package cannot be made from a tree without the front end."""
    (root / "frontend" / "package-lock.json").unlink()
    with pytest.raises(frontend.FrontendError, match="sources of the front end are missing"):
        frontend.build(root)


@pytest.mark.parametrize("version", ["v18.20.4", "v20.18.3", "no version"])
def test_an_old_node_is_not_used(root: Path, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian's node may be too old for vite; then the wheel with node is asked for."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    (root.parent / "bin" / "node").write_text(f"#!/bin/sh\necho {version}\n")
    assert frontend.requirements() == [frontend.NODE_REQUIREMENT]
    with pytest.raises(frontend.FrontendError, match="no node 20.19"):
        frontend.build(root)


def test_a_new_node_needs_no_wheel(root: Path) -> None:
    """Where the machine has one, nothing is downloaded."""
    assert frontend.requirements() == []


def test_tests_bring_the_tools_and_the_next_build_keeps_them(root: Path) -> None:
    """The developers' tools are installed for the tests once, and a build does not remove them."""
    frontend.build(root)
    frontend.run_script("test", root)
    frontend.run_script("check", root)
    (root / "frontend" / "index.html").write_text("changed")
    frontend.build(root)
    assert calls(root) == ["ci --omit=dev", "run build", "ci", "run test", "run check", "run build"]

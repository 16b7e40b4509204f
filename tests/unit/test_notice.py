"""NOTICE names everything of others that is in the page, and all packages and libraries that come with the server."""

import importlib.metadata
import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "frontend" / "src"
NAMED = set(re.findall(r"^  (\S+)\s{2,}\S", (ROOT / "NOTICE").read_text("utf-8"), re.MULTILINE))


def normal(name: str) -> str:
    """Return the name of a distribution as the package index writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed_with_us() -> dict[str, importlib.metadata.Distribution]:
    """Return all distributions that the package needs at run time, also those that others of them need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found: dict[str, importlib.metadata.Distribution] = {}
    wanted = [Requirement(line) for line in project["dependencies"]]
    while wanted:
        one = wanted.pop()
        if normal(one.name) in found or (one.marker and not one.marker.evaluate({"extra": ""})):
            continue
        distribution = importlib.metadata.distribution(one.name)
        found[normal(one.name)] = distribution
        wanted.extend(Requirement(line) for line in distribution.requires or [])
    return found


def library(file: str) -> str:
    """Return the name of a library without what the wheel's maker and its version add: libaec-52e8428e.so.0.1.6."""
    return re.sub(r"(-[0-9a-f]{8}|-\d+_\d+|-r\d.*)+$", "", file.partition(".so")[0])


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("libaec-52e8428e.so.0.1.6", "libaec"),
        ("libImath-3_2-0a1b2c3d.so.30", "libImath"),
        ("libgfortran-040039e1-0352e75f.so.5.0.0", "libgfortran"),
        ("liblzokay-c-f8c30da9.so", "liblzokay-c"),
        ("libopenblasp-r0-59ffcd50.3.15.so", "libopenblasp"),
        ("libscipy_openblas64_-32a4b2a6.so", "libscipy_openblas64_"),
    ],
)
def test_name_of_a_library(file: str, name: str) -> None:
    """The wheels' makers add hashes to the names."""
    assert library(file) == name


def test_packages_and_their_libraries_are_named() -> None:
    """Each package that pip installs with ours, and each shared library that lies in one of their wheels."""
    packages = installed_with_us()
    files = [Path(file) for one in packages.values() for file in one.files or []]
    libraries = {library(file.name) for file in files if file.parent.name.endswith(".libs") and ".so" in file.name}
    assert len(libraries) > 20
    assert sorted((packages.keys() | libraries) - NAMED) == []


def test_codecs_within_imagecodecs_are_named() -> None:
    """It compiles many of them into its modules, and ships a licence of each."""
    files = importlib.metadata.files("imagecodecs") or []
    found = {file.name for file in files if file.parent.name == "licenses" and file.name.startswith("LICENSE")}
    codecs = {re.sub("LICENSE[-_]", "", name) for name in found - {"LICENSE"}}
    assert len(codecs) > 20
    assert sorted(codecs - NAMED) == []


def test_packages_of_the_page_are_named() -> None:
    """Those that its sources import, and those whose helpers the programs that build it put in."""
    pattern = re.compile(r'\b(?:from|import) ?\(?"([^."\n][^"\n]*)"')
    texts = [path.read_text("utf-8") for path in SOURCES.rglob("*.ts") if not path.name.endswith(".test.ts")]
    imported = {name for text in texts for name in pattern.findall(text)}
    parts = {"/".join(name.split("/")[: 2 if name.startswith("@") else 1]) for name in imported if ":" not in name}
    needed = json.loads((ROOT / "frontend" / "package.json").read_text("utf-8"))["dependencies"]
    assert "uplot" in parts
    assert sorted((parts | needed.keys()) - NAMED) == []

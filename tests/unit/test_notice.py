"""NOTICE names everything of others that is in the page, and all packages and libraries that come with the server.

What it says of their licences is held against metadata of the packages, texts in the wheels and the lock file of npm.
"""

import importlib.metadata
import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
FOR_TESTS = re.compile(r"\.(test|testing|bench)\.ts$")
SOURCES = ROOT / "frontend" / "src"
NOTICE = (ROOT / "NOTICE").read_text("utf-8")
NAMED = set(re.findall(r"^  (\S+)\s{2,}\S", NOTICE, re.MULTILINE))
SIGNS = {
    "Apache-2.0": "apache license",
    "BSD": "redistributions in binary form must reproduce",
    "IJG": "independent jpeg group",
    "MIT": "permission is hereby granted, free of charge, to any person obtaining",
    "Zlib": "altered source versions must be plainly marked as such",
}
"""Words by which the text of a licence is known."""


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


def licences(part: str) -> dict[str, str]:
    """Return what a part of NOTICE, from its heading to the next one, says of each name in it."""
    (text,) = re.findall(rf"^{re.escape(part)}.*?[:.]\n\n(.*?)(?:\n\n|\Z)", NOTICE, re.MULTILINE | re.DOTALL)
    return dict(re.findall(r"^  (\S+)\s{2,}(\S.*)$", text, re.MULTILINE))


def known(text: str) -> set[str]:
    """Return the licences of which the words are in a text; both of BSD if it is one of them."""
    words = " ".join(re.sub(r"[*#/;]+", " ", text).lower().split())
    found = {name for name, sign in SIGNS.items() if sign in words}
    if "BSD" in found:
        found = found - {"BSD"} | {"BSD-3-Clause" if "endorse" in words else "BSD-2-Clause"}
    return found


def texts(package: str, folder: str) -> dict[str, str]:
    """Return the files of a package in the folders of this name, by their path from there."""
    files = importlib.metadata.files(package) or []
    found = {file: file.parts[file.parts.index(folder) + 1 :] for file in files if folder in file.parts[:-1]}
    return {"/".join(rest): Path(str(file.locate())).read_text("utf-8", "replace") for file, rest in found.items()}


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
    assert sorted(codecs - licences("Code of others within the modules of imagecodecs").keys()) == []


def test_licences_of_codecs_are_those_of_their_texts() -> None:
    """Where the text is one of the usual ones; a text with several licences has at least one that is named."""
    said = licences("Code of others within the modules of imagecodecs")
    plain = {name: text for name, text in texts("imagecodecs", "licenses").items() if re.match("LICENSE[-_]", name)}
    wrong = {}
    for name, text in plain.items():
        mine, found = said[re.sub("LICENSE[-_]", "", name)], known(text)
        if not text.strip():
            found = {"its licence file is empty"}
        if found and not any(one in mine for one in found):
            wrong[name] = (mine, found)
    # bzip2 has a licence with a name of its own, in words of BSD and zlib.
    assert wrong.keys() <= {"LICENSE-bzip2"}, wrong


def test_licences_of_packages_are_those_of_their_metadata() -> None:
    """Those that say it with an expression; what NOTICE adds stands behind it."""
    said = licences("Packages")
    wrong = {}
    for name, package in installed_with_us().items():
        expression = package.metadata.json.get("license_expression")
        if expression and not said[name].startswith(str(expression)):
            wrong[name] = (said[name], expression)
    assert wrong == {}


def test_parts_of_numpy_are_named() -> None:
    """It ships the licences of what it took over, beside its own, which names its libraries."""
    said = licences("Code of others within the modules of numpy")
    files = {name: text for name, text in texts("numpy", "licenses").items() if name.startswith("numpy/")}
    wrong = {}
    for name, text in files.items():
        folder, file = name.split("/")[-2:]
        part = file.removesuffix("_LICENSE.txt") if file.endswith("_LICENSE.txt") else folder
        if part not in said or (known(text) and not any(one in said[part] for one in known(text))):
            wrong[name] = (said.get(part), known(text))
    assert wrong == {}


def test_parts_of_pillow_are_named() -> None:
    """Their names stand alone in lines of its licence file, in capitals."""
    (text,) = texts("pillow", "licenses").values()
    parts = set(re.findall(r"^[A-Z][A-Z0-9]+$", text, re.MULTILINE))
    assert sorted(parts - licences("Code of others within the modules of pillow").keys()) == []


def test_parts_of_opencv_are_named() -> None:
    """Each section of its licence file begins with what is in which packages; those for Linux count."""
    files = importlib.metadata.files("opencv-python-headless") or []
    text = Path(str(next(one for one in files if "3RD-PARTY" in one.name).locate())).read_text("utf-8", "replace")
    found = re.findall(r"^(.+) (?:is|are) redistributed within (.*packages\b.*)$", text, re.MULTILINE)
    others = re.compile("non-headless|^(?!.*Linux).*(?:macOS|Windows)")
    ours = [names for names, packages in found if not others.search(packages)]
    names = [re.sub(r"(?: Features)? library\b.*$| headers$", "", one) for one in ours]
    parts = {name for one in names for name in re.split(", | and ", one)}
    assert len(parts) > 10
    assert sorted(parts - licences("Code of others within the module of opencv-python-headless").keys()) == []


def test_what_is_in_pyzmq_is_named() -> None:
    """Its two libraries, and what it took from tornado."""
    names = {name.split(".")[1] for name in texts("pyzmq", "licenses") if name.startswith("licenses/")}
    assert names == {"libsodium", "tornado", "zeromq"}
    assert "tornado" in licences("Packages")["pyzmq"]


def test_packages_of_the_page_are_named() -> None:
    """Those that its sources import, and those whose helpers the programs that build it put in."""
    pattern = re.compile(r'\b(?:from|import) ?\(?"([^."\n][^"\n]*)"')
    texts = [path.read_text("utf-8") for path in SOURCES.rglob("*.ts") if not FOR_TESTS.search(path.name)]
    imported = {name for text in texts for name in pattern.findall(text)}
    parts = {"/".join(name.split("/")[: 2 if name.startswith("@") else 1]) for name in imported if ":" not in name}
    needed = json.loads((ROOT / "frontend" / "package.json").read_text("utf-8"))["dependencies"]
    assert "uplot" in parts
    assert sorted((parts | needed.keys()) - NAMED) == []
    locked = json.loads((ROOT / "frontend" / "package-lock.json").read_text("utf-8"))["packages"]
    said = licences("The page is built from our own sources")
    for name in parts | needed.keys():
        assert said[name].startswith(locked[f"node_modules/{name}"]["license"]), name


def test_the_installed_package_has_it() -> None:
    """The wheel and the editable install are made by the same program, which puts it beside the licence."""
    found = {file.name for file in importlib.metadata.files("stream-online-viewer") or [] if "licenses" in file.parts}
    assert {"LICENSE", "NOTICE"} <= found

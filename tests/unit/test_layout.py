"""What lies where: names that would break the entry points, and packages that are used without being asked for."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "stream_online_viewer"
NOT_EVERYWHERE = {"bsread": "psi-bsread"}
"""What is imported where it is installed, and the distribution that it is from."""


def top_names() -> set[str]:
    """Return the names that importable things directly in the package have."""
    return {entry.stem for entry in PACKAGE.iterdir() if entry.is_dir() or entry.suffix == ".py"} - {"__pycache__"}


def imported_packages() -> set[str]:
    """Return the top-level names of all imports in the package, our own and the standard library's left out."""
    names: set[str] = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names.add(node.module.split(".")[0])
    return names - sys.stdlib_module_names - {PACKAGE.name}


def declared_dependencies(*extras: str) -> set[str]:
    """Return the names of the distributions that pyproject.toml asks for, extras included, as PyPI normalizes them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [*project["dependencies"], *(line for name in extras for line in project["optional-dependencies"][name])]
    return {re.split(r"[^A-Za-z0-9._-]", line)[0].lower().replace("_", "-") for line in lines}


def test_no_name_in_the_package_hides_one_of_the_standard_library() -> None:
    """`python stream_online_viewer/start_server.py` puts the package's folder first on the path of imports."""
    assert not top_names() & sys.stdlib_module_names


def test_no_name_in_the_package_hides_an_installed_package() -> None:
    """The same for everything that is installed here, among it all dependencies."""
    installed = set(importlib.metadata.packages_distributions()) - {PACKAGE.name}
    assert not top_names() & installed


def test_pyproject_asks_for_every_package_that_is_imported() -> None:
    """A package that came along with another one today may not come tomorrow."""
    providers = importlib.metadata.packages_distributions()
    for name in sorted(imported_packages()):
        distributions = {
            each.lower().replace("_", "-") for each in providers.get(name, [NOT_EVERYWHERE.get(name, name)])
        }
        assert distributions & declared_dependencies("bsread", "epics"), (
            f"{name} is imported, but its package is no dependency"
        )


def test_every_dependency_is_imported() -> None:
    """Whoever installs the viewer pays for each package."""
    providers = importlib.metadata.packages_distributions()
    used = {each.lower().replace("_", "-") for name in imported_packages() for each in providers.get(name, [])}
    assert declared_dependencies() <= used

"""The programs in ``scripts/``, which are no package, as modules for tests."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parent.parent / "scripts"


def script(name: str) -> ModuleType:
    """Return a module of ``scripts/``; they import each other by their plain names."""
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))
    return importlib.import_module(name)

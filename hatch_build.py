"""The build hook of the package: builds the front end, so that whoever installs the package needs no node.

A package without its page would install well and show nothing, so the build fails when the front end cannot be built.
"""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _frontend(root: str) -> ModuleType:
    """Return ``scripts/frontend.py``, which no installed package holds."""
    spec = importlib.util.spec_from_file_location("frontend", Path(root, "scripts", "frontend.py"))
    if spec is None or spec.loader is None:
        raise ImportError("scripts/frontend.py is missing")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class FrontendHook(BuildHookInterface):  # type: ignore[misc]
    """Runs before the wheel, the editable install and the source archive are made."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return the wheel with node when there is something to build and no node to build it with."""
        frontend, root = _frontend(self.root), Path(self.root)
        return [] if frontend.is_fresh(root) else list(frontend.requirements())

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the front end unless it is up to date."""
        frontend = _frontend(self.root)
        try:
            frontend.build(Path(self.root))
        except frontend.FrontendError as error:
            self.app.abort(str(error))

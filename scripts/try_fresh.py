"""Try a clone or the archive as a newcomer would: a copy, an empty home, no node, no compiler, then ``make demo``.

Prints how many seconds it took until the page and until the first image were served. Ends with code 1 and the output of
the demo if anything that a newcomer needs does not come. Further commands may be run in the copy after it.
"""

import argparse
import contextlib
import html.parser
import os
import re
import shlex
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.parse import urljoin

from frontend import is_fresh

NODE = re.compile(r"node|npm|npx|corepack|yarn|pnpm")
COMPILER = re.compile(r"(.*-)?(cc|c\+\+|gcc|g\+\+|clang|clang\+\+|cpp|c89|c99|tcc|gfortran|rustc|cargo)(-[\d.]+)?")
OURS = ("MAKE", "MFLAGS", "PYTHON", "SOV_", "STREAM", "VENV", "VIRTUAL_ENV", "XDG_")
"""Variables of the one who tries that a newcomer does not have."""
START_S = 300.0
STOP_S = 15.0


class Failed(Exception):
    """What a newcomer needs did not come."""


class _References(html.parser.HTMLParser):
    """Collects what a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        address = given.get("src") if tag in ("script", "img") else given.get("href") if tag == "link" else None
        if address and not address.startswith("data:"):
            self.found.append(address)


def copy(source: Path, target: Path) -> Path:
    """Unpack the archive, or clone the repository, into ``target`` and return its top folder."""
    if source.is_dir():
        subprocess.run(["git", "clone", "--quiet", str(source.resolve()), str(target / "clone")], check=True)
        return target / "clone"
    with tarfile.open(source) as archive:
        archive.extractall(target, filter="data")
    (top,) = target.iterdir()
    if not is_fresh(top):
        raise Failed("the archive holds no built page, or one of other sources")
    for name in ("LICENSE", "NOTICE"):
        if not (top / name).is_file():
            raise Failed(f"the archive does not hold {name}")
    return top


def path_without(folder: Path, *hidden: re.Pattern[str]) -> str:
    """Return a PATH on which everything of this machine's PATH is found except what is to be hidden."""
    folder.mkdir()
    for directory in os.environ.get("PATH", os.defpath).split(os.pathsep):
        with contextlib.suppress(OSError):
            for program in Path(directory).iterdir():
                link = folder / program.name
                if not any(one.fullmatch(program.name) for one in hidden) and not link.is_symlink():
                    link.symlink_to(program)
    return str(folder)


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:
        content: bytes = answer.read()
    if not content:
        raise Failed(f"{url} is empty")
    return content


def address(demo: "subprocess.Popen[str]", log: Path) -> str:
    """Return the address that the demo prints, as soon as it does."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if found := re.search(r"live picture: (http://\S+)", log.read_text()):
            return found[1]
        with contextlib.suppress(subprocess.TimeoutExpired):
            demo.wait(0.1)
            raise Failed("make demo ended")
    raise Failed(f"make demo printed no address within {START_S:.0f} s")


def try_demo(folder: Path, environment: dict[str, str], log: Path) -> None:
    """Run ``make demo`` until the page, all that it loads and an image were served; raise Failed if they are not."""
    begin = time.monotonic()
    with log.open("w") as output:
        demo = subprocess.Popen(
            ["make", "demo"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    try:
        url = address(demo, log)
        references = _References()
        references.feed(fetch(url).decode())
        for reference in references.found:
            fetch(urljoin(url, reference))
        page = time.monotonic() - begin
        if not fetch(urljoin(url, "image.npy")).startswith(b"\x93NUMPY"):
            raise Failed("image.npy is no array")
        image = time.monotonic() - begin
        if not references.found:
            raise Failed("the page loads nothing")
        print(f"page after {page:.1f} s with {len(references.found)} files, first image after {image:.1f} s")
    except OSError as error:
        raise Failed(str(error)) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(demo.pid, signal.SIGINT)
        try:
            demo.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(demo.pid, signal.SIGKILL)
            raise Failed(f"make demo did not stop within {STOP_S:.0f} s") from None


def main() -> int:
    parser = argparse.ArgumentParser(description="Try a clone or the archive on a machine as bare as can be.")
    parser.add_argument("source", type=Path, help="a git repository or a .tar.gz of `make archive`")
    parser.add_argument("--with-node", action="store_true", help="leave node on the PATH")
    parser.add_argument("--python", help="the Python that make takes, instead of the newest on the PATH")
    parser.add_argument("--then", action="append", default=[], metavar="COMMAND", help="run in the copy after the demo")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stream-online-viewer-") as temporary:
        top = Path(temporary)
        (top / "home").mkdir()
        (top / "copy").mkdir()
        (top / "log").touch()
        environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        environment["HOME"] = str(top / "home")
        environment["PATH"] = path_without(top / "bin", COMPILER, *([] if options.with_node else [NODE]))
        if options.python:
            environment["PYTHON"] = options.python
        try:
            folder = copy(options.source, top / "copy")
            try_demo(folder, environment, top / "log")
        except Failed as error:
            print((top / "log").read_text(), error, sep="\n", file=sys.stderr)
            return 1
        for command in options.then:
            begin = time.monotonic()
            code = subprocess.run(shlex.split(command), cwd=folder, env=environment, check=False).returncode
            print(f"{command}: code {code} after {time.monotonic() - begin:.1f} s", flush=True)
            if code:
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

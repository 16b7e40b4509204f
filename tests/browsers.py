"""Find a Chromium and a Firefox that start, or bring one in.

In this order: the one that the environment names (VIEWER_BROWSER, VIEWER_FIREFOX), those on the PATH, for Chromium the
one that Playwright downloads, and on Debian as root the package. A browser counts only if it starts: Ubuntu, for one,
has a ``chromium-browser`` that merely tells how to install it.
"""

import contextlib
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support import deadline

PLAIN_HOST = "viewer-of-a-test"
"""A name without a dot, which the server serves unasked. Chromium, started with CHROMIUM_OPTIONS, resolves it to this
machine; a page there is no secure context."""

CHROMIUM_OPTIONS = (f"--host-resolver-rules=MAP {PLAIN_HOST} 127.0.0.1",)

WITHOUT = (
    # Two pages of the browser's own for each window, of a second of processor time.
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
    # What Playwright switches off too, because of several such options only the last one counts.
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
DRIVEN_OPTIONS = (*CHROMIUM_OPTIONS, f"--disable-features={','.join(WITHOUT)}")
"""Those of a Chromium that Playwright drives."""

START_S = 60.0
INSTALL_S = 600.0

Say = Callable[[str], None]


class NoBrowser(Exception):
    """No browser was found, and none could be installed. The text tells what to do."""


@dataclass(frozen=True)
class Kind:
    """One kind of browser: how it is called, and what shows that it starts."""

    name: str
    variable: str
    programs: tuple[str, ...]
    debian_package: str
    proof: Callable[[str, Path], tuple[list[str], Callable[[str], bool]]]
    """From the path of the browser and an empty folder: a command, and whether its output is right."""


def is_root() -> bool:
    """Return whether this is root, for whom Chromium does not start with its sandbox."""
    return os.geteuid() == 0


def find_chromium(say: Say = print) -> str:
    """Return the path of a Chromium, Chrome or Edge that starts; ``say`` is told what is tried. Raises NoBrowser."""
    return _find(CHROMIUM, (_playwright_chromium, _debian_package), say)


def find_firefox(say: Say = print) -> str:
    """Return the path of a Firefox that starts; ``say`` is told what is tried. Raises NoBrowser."""
    return _find(FIREFOX, (_debian_package,), say)


@contextlib.contextmanager
def plain_chromium(path: str, url: str, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the headless Chromium at ``path`` on ``url`` without a test driver, which would copy every WebSocket message.

    The page must report what it has to say by itself. The browser is killed at the end of the block.
    """
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        command = [*_chromium_command(path, Path(profile)), *CHROMIUM_OPTIONS, *options, url]
        # A process group of its own, because Chromium is many processes.
        browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0)
        try:
            yield browser
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()


def _chromium_command(path: str, profile: Path) -> list[str]:
    quiet = ["--no-first-run", "--no-default-browser-check", "--disable-background-networking", "--disable-sync"]
    sandbox = ["--no-sandbox"] if is_root() else []
    return [path, "--headless=new", f"--user-data-dir={profile}", "--lang=en-US", *quiet, *sandbox]


def _chromium_proof(path: str, folder: Path) -> tuple[list[str], Callable[[str], bool]]:
    return [*_chromium_command(path, folder), "--dump-dom", "data:text/html,<p>started"], lambda output: "<p>" in output


def _firefox_proof(path: str, folder: Path) -> tuple[list[str], Callable[[str], bool]]:
    picture = folder / "started.png"
    command = [path, "--headless", "--no-remote", "--profile", str(folder), "--screenshot", str(picture), "about:blank"]
    return command, lambda _: picture.is_file()


CHROMIUM = Kind(
    "Chromium",
    "VIEWER_BROWSER",
    (
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "microsoft-edge",
        "microsoft-edge-stable",
    ),
    "chromium",
    _chromium_proof,
)
FIREFOX = Kind("Firefox", "VIEWER_FIREFOX", ("firefox-esr", "firefox"), "firefox-esr", _firefox_proof)


def _find(kind: Kind, bring_in: tuple[Callable[[Kind, Say], str | None], ...], say: Say) -> str:
    if given := os.environ.get(kind.variable):
        if not _starts(kind, given, say):
            raise NoBrowser(f"{kind.variable}={given}: it does not start")
        return given
    for program in kind.programs:
        path = shutil.which(program)
        if path and _starts(kind, path, say):
            return path
    for way in bring_in:
        path = way(kind, say)
        if path and _starts(kind, path, say):
            return path
    raise NoBrowser(f"no {kind.name} that starts: install one, or name its path in {kind.variable}")


def _starts(kind: Kind, path: str, say: Say) -> bool:
    with tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True) as folder:
        command, right = kind.proof(path, Path(folder))
        done = _run(command, START_S)
        if done is not None and done.returncode == 0 and right(done.stdout):
            say(f"{kind.name}: {path}")
            return True
    say(f"{kind.name}: {path} does not start: {_why(done)}")
    return False


def _playwright_chromium(kind: Kind, say: Say) -> str | None:
    # Here, because a browser that is on the PATH needs no Playwright to be found, nor one that runs without a driver.
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        say(f"{kind.name}: none on the PATH, and playwright is missing, which could download one")
        return None
    say(f"{kind.name}: none on the PATH, playwright install chromium ...")
    done = _run([sys.executable, "-m", "playwright", "install", "chromium"], INSTALL_S)
    if done is None or done.returncode:
        say(f"{kind.name}: playwright install failed: {_why(done)}")
        return None
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _debian_package(kind: Kind, say: Say) -> str | None:
    with contextlib.suppress(OSError):
        if is_root() and platform.freedesktop_os_release().get("ID") == "debian":
            say(f"{kind.name}: apt-get install {kind.debian_package} ...")
            for command in (["update"], ["install", "-y", "--no-install-recommends", kind.debian_package]):
                done = _run(["apt-get", "-q", *command], INSTALL_S)
                if done is None or done.returncode:
                    say(f"{kind.name}: apt-get {command[0]} failed: {_why(done)}")
                    return None
            return shutil.which(kind.programs[0])
    return None


def _run(command: list[str], seconds: float) -> subprocess.CompletedProcess[str] | None:
    """Run a command without input; None if it could not be started or did not end in time."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        return subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=deadline(seconds),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def _why(done: subprocess.CompletedProcess[str] | None) -> str:
    if done is None:
        return "it could not be started or did not end"
    lines = (done.stdout + done.stderr).strip().splitlines() or ["no output"]
    return f"code {done.returncode}, {next((line for line in lines if 'rror' in line), lines[-1])}"

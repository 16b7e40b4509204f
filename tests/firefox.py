"""A headless Firefox as it is, driven by WebDriver BiDi: JSON over a WebSocket that every Firefox since 2024 offers.

Playwright drives only Firefox builds of its own; this drives the one that the user has, and needs no further package.
"""

import contextlib
import itertools
import json
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.support import deadline

PREFERENCES: dict[str, str | int | bool] = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.topsites.contile.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.getAddons.cache.enabled": False,
    "intl.accept_languages": "en-US",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.server": "data:,",
}
"""Whatever Firefox does on its own over the network is off."""


class Firefox:
    """One page in Firefox; ``complaints`` holds its warnings and errors, ``requests`` the addresses it asked for."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.version: str = self._call("session.new", capabilities={})["capabilities"]["browserVersion"]
        self._call("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        self._page: str = self._call("browsingContext.getTree")["contexts"][0]["context"]

    def open(self, url: str) -> None:
        """Load a page and return after its load event."""
        self._call("browsingContext.navigate", context=self._page, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, a promise awaited, as far as JSON can carry it.

        AssertionError with the text of the exception if it throws.
        """
        wrapped = f"Promise.resolve({expression}).then((value) => JSON.stringify({{ value }}))"
        answer = self._call("script.evaluate", expression=wrapped, target={"context": self._page}, awaitPromise=True)
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"]["value"]).get("value")

    def wait_for(self, expression: str, seconds: float) -> Any:
        """Return the first true value of a JavaScript expression; AssertionError if there is none in time."""
        end = time.monotonic() + deadline(seconds)
        while True:
            late = time.monotonic() >= end
            if value := self.evaluate(expression):
                return value
            assert not late, f"not within {deadline(seconds):g} s: {expression}; the page said {self.complaints}"
            time.sleep(0.05)

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._connection.recv(timeout=deadline(30)))
            if message["type"] == "event":
                self._note(message["method"], message["params"])
            elif message["id"] == number:
                assert message["type"] == "success", f"{method}: {message}"
                result: dict[str, Any] = message["result"]
                return result

    def _note(self, event: str, parameters: dict[str, Any]) -> None:
        if event == "network.beforeRequestSent":
            self.requests.append(parameters["request"]["url"])
        elif parameters["level"] in ("warn", "error"):
            self.complaints.append(f"{parameters['level']}: {parameters['text']}")


@contextlib.contextmanager
def running_firefox(path: str) -> Iterator[Firefox]:
    """Start the Firefox at ``path`` with an empty profile, and kill it at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="firefox-", ignore_cleanup_errors=True) as folder:
        profile, log = Path(folder, "profile"), Path(folder, "log")
        profile.mkdir()
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
        (profile / "user.js").write_text("".join(lines))
        command = [path, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
        with log.open("wb") as output:
            browser = subprocess.Popen(
                [*command, "about:blank"], stdout=subprocess.DEVNULL, stderr=output, process_group=0
            )
        try:
            with connect(f"{_address(browser, log)}/session", max_size=None, compression=None) as connection:
                yield Firefox(connection)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()


def _address(browser: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + deadline(60)
    while True:
        ended = browser.poll() is not None or time.monotonic() >= end
        if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", log.read_text(errors="replace")):
            return found[1]
        assert not ended, f"Firefox offers no WebDriver BiDi: {log.read_text(errors='replace')}"
        time.sleep(0.02)

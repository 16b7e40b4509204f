"""A Chromium with several tabs of one window, of which only the foremost is visible, driven by its own protocol.

Playwright makes every page believe that it is in front, so a tab that is really hidden needs a browser without it.
"""

import itertools
import json
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.browsers import plain_chromium
from tests.support import deadline, find_free_port, wait_until


class Tab:
    """One tab; ``complaints`` holds what it wrote to its console and what it threw."""

    def __init__(self, target: str, connection: ClientConnection) -> None:
        self.target = target
        self._connection = connection
        self._numbers = itertools.count(1)
        self.complaints: list[str] = []
        self.call("Runtime.enable")

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, a promise awaited, as far as JSON can carry it."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, expression: str, what: str, seconds: float = 20.0) -> Any:
        """Return the first true value of a JavaScript expression."""
        return wait_until(lambda: self.evaluate(expression), seconds, what, poll=0.02)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol."""
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._connection.recv(timeout=deadline(20)))
            if message.get("id") == number:
                assert "result" in message, message
                result: dict[str, Any] = message["result"]
                return result
            if message.get("method") in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
                self.complaints.append(json.dumps(message["params"])[:500])


class Tabs:
    """The tabs of one window."""

    def __init__(self, port: int, stack: ExitStack) -> None:
        self._port = port
        self._stack = stack
        wait_until(self._list, 30, "Chromium answers", poll=0.05)
        [first] = self._list()
        self.first = self._attach(first["id"])

    def open(self, url: str) -> Tab:
        """Open a tab in front of the others."""
        answer = self.first.call("Target.createTarget", url=url)
        return self._attach(answer["targetId"])

    def bring_to_front(self, tab: Tab) -> None:
        """Show a tab; the others are hidden."""
        tab.call("Page.bringToFront")

    def _list(self) -> list[dict[str, Any]]:
        with (
            suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{self._port}/json", timeout=deadline(5)) as answer,
        ):
            return [entry for entry in json.load(answer) if entry["type"] == "page"]
        return []

    def _attach(self, target: str) -> Tab:
        url = f"ws://127.0.0.1:{self._port}/devtools/page/{target}"
        return Tab(target, self._stack.enter_context(connect(url, max_size=None, compression=None)))


@contextmanager
def running_tabs(chromium: str) -> Iterator[Tabs]:
    """Run the Chromium at this path with one empty tab."""
    port = find_free_port()
    with plain_chromium(chromium, "about:blank", f"--remote-debugging-port={port}"), ExitStack() as stack:
        yield Tabs(port, stack)

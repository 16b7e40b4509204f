"""The server as a real process, for the tests that need one."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tests.support import deadline, wait_until

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "stream_online_viewer" / "start_server.py"


class ServerProcess(subprocess.Popen[bytes]):
    """A running `start_server.py`, or another script that takes the same options; its output goes to a file.

    ``inside`` is a command that runs another one in its own place, such as in a namespace.
    """

    def __init__(
        self,
        *args: str,
        script: Path = SCRIPT,
        environment: Mapping[str, str] | None = None,
        inside: Sequence[str] = (),
    ) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()
        self._last_output = ""
        self.host, self.port = "127.0.0.1", 0
        super().__init__(
            [*inside, sys.executable, str(script), *args],
            stdout=self._file,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
        )

    def output(self) -> str:
        """Return the output so far, of stdout and stderr."""
        if not self._file.closed:
            self._last_output = os.pread(self._file.fileno(), 1 << 20, 0).decode()
        return self._last_output

    def close_output(self) -> None:
        """Close the file of an ended process; `output` still returns its content."""
        self.output()
        self._file.close()

    def wait_until_serving(self, seconds: float = 60.0) -> None:
        """Wait for the address and for `/readyz`; AssertionError if the process ends or is too slow."""

        def serving() -> bool:
            if self.poll() is not None:
                raise AssertionError(f"the server ended with {self.returncode}: {self.output()}")
            found = re.search(r" at http://\S+?:(\d+)/", self.output())
            if found is None:
                return False
            self.port = int(found[1])
            if " at http://[::1]:" in self.output():
                self.host = "[::1]"
            return self.get("readyz")[0] == 200

        wait_until(serving, seconds, "the server serves")

    def url(self, path: str = "", scheme: str = "http") -> str:
        """Return a URL of this server."""
        return f"{scheme}://{self.host}:{self.port}/{path}"

    def get(self, path: str, timeout: float = 15.0) -> tuple[int, bytes, dict[str, str]]:
        """Return status, body and headers (lower-case names) of a GET request; status 0 if nothing answered."""
        try:
            with urllib.request.urlopen(self.url(path), timeout=deadline(timeout)) as answer:
                return answer.status, answer.read(), {k.lower(): v for k, v in answer.headers.items()}
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(), {k.lower(): v for k, v in error.headers.items()}
        except (urllib.error.URLError, OSError):
            return 0, b"", {}

    def status(self) -> dict[str, Any]:
        """Return `/api/status`."""
        code, body, _ = self.get("api/status")
        assert code == 200, body
        content: dict[str, Any] = json.loads(body, parse_constant=_refuse)
        return content

    def wait_for_status(self, condition: Callable[[dict[str, Any]], bool], seconds: float, what: str) -> dict[str, Any]:
        """Return the first status for which the condition is true."""
        last: dict[str, Any] = {}

        def fulfilled() -> bool:
            last.update(self.status())
            return condition(last)

        try:
            wait_until(fulfilled, seconds, what, poll=0.02)
        except AssertionError as error:
            raise AssertionError(f"{error}; last status {last['source']}; output {self.output()}") from None
        return last

    def end(self, number: int = signal.SIGTERM, seconds: float = 5.0) -> int:
        """Send a signal and return the exit code; kill the process if it does not end."""
        self.send_signal(number)
        try:
            return self.wait(deadline(seconds))
        except subprocess.TimeoutExpired:
            self.kill()
            self.wait()
            raise


def _refuse(constant: str) -> float:
    raise AssertionError(f"{constant} in JSON")


@contextmanager
def running_server(
    stream: str | int, *args: str, script: Path = SCRIPT, environment: Mapping[str, str] | None = None
) -> Iterator[ServerProcess]:
    """Run the server on a free port for a stream, given by its address or by a port of this machine."""
    address = f"tcp://127.0.0.1:{stream}" if isinstance(stream, int) else stream
    port: Sequence[str] = () if "--port" in args else ("--port", "0")
    process = ServerProcess(address, *port, *args, script=script, environment=environment)
    try:
        process.wait_until_serving()
        yield process
    finally:
        try:
            if process.poll() is None:
                process.end()
        finally:
            process.close_output()

"""The camera simulator as a real process, for the tests that need a stream."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.support import deadline, wait_until

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "stream_online_viewer" / "start_stream.py"


class SimulatorProcess(subprocess.Popen[bytes]):
    """A running `start_stream.py`. Its output goes to a file, so that it is never blocked by a full pipe."""

    def __init__(self, *args: str) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()
        self._last_output = ""
        super().__init__(
            [sys.executable, str(SCRIPT), *args],
            stdout=self._file,
            stderr=subprocess.STDOUT,
            # A shell ignores Ctrl-C in background processes and everything that they start.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def output(self) -> str:
        """Return the output so far, of stdout and stderr."""
        if not self._file.closed:
            # pread, because the position in the file is shared with the process that writes to it.
            self._last_output = os.pread(self._file.fileno(), 1 << 20, 0).decode()
        return self._last_output

    def keep_output(self) -> None:
        """Close the file of an ended process; `output` still returns its content."""
        self.output()
        self._file.close()

    def end(self, number: int = signal.SIGTERM, seconds: float = 5.0) -> int:
        """Send a signal, wait for the end, and return the exit code; kill the process if it does not end."""
        self.send_signal(number)
        try:
            return self.wait(deadline(seconds))
        except subprocess.TimeoutExpired:
            self.kill()
            self.wait()
            raise

    def wait_for_port(self, seconds: float = 10.0) -> int:
        """Return the port once it is bound; AssertionError if the process ends or is too slow."""

        def port() -> int:
            ended = self.poll() is not None
            if found := re.search(r"on port (\d+) \(", self.output()):
                return int(found[1])
            assert not ended, f"the simulator ended with {self.returncode}: {self.output()}"
            return 0

        return wait_until(port, seconds, "the simulator has bound its port")


@contextmanager
def running_simulator(*args: str) -> Iterator[tuple[SimulatorProcess, int]]:
    """Run `start_stream.py` with these options; yield the process and its port once that is bound.

    A free port is used unless `-o` is among the options. At the end of the block the process is ended with SIGTERM if
    it still runs.
    """
    port = () if "-o" in args else ("-o", "0")
    process = SimulatorProcess(*port, *args)
    try:
        yield process, process.wait_for_port()
    finally:
        try:
            if process.poll() is None:
                process.end()
        finally:
            process.keep_output()


@contextmanager
def simulated_pv(*args: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Run the simulated areaDetector with these options; yield its pid and the environment in which its PV is found.

    Nothing is broadcast.
    """
    command = [sys.executable, "-m", "stream_online_viewer.simulation.pva", "--port", "0", *args]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"on port (\d+) ", process.stdout.readline())
            assert found is not None, "the simulated detector ended"
            yield (
                process.pid,
                {
                    "EPICS_PVA_NAME_SERVERS": f"127.0.0.1:{found[1]}",
                    "EPICS_PVA_ADDR_LIST": "",
                    "EPICS_PVA_AUTO_ADDR_LIST": "NO",
                    "EPICS_PVA_INTF_ADDR_LIST": "127.0.0.1",
                    "EPICS_PVA_BROADCAST_PORT": found[1],
                },
            )
        finally:
            process.kill()

"""Network namespaces that a test makes itself: hosts with interfaces and clocks of their own, and a line between them.

They are made with ``unshare`` in a user namespace, so nobody needs to be root where the kernel allows that, and are
gone with their processes.
"""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from tests.server import ROOT
from tests.support import deadline

HOLD = ("sh", "-c", "echo $$; exec cat >/dev/null")
"""A program that lives until its input ends, and tells its number first."""


class CannotBeMade(Exception):
    """This machine, or who runs the test, makes no namespaces; the text says why."""


class Host:
    """A network namespace; ``command`` before a program runs that in it."""

    def __init__(self, stack: ExitStack, beside: "Host | None" = None, monotonic: int = 0) -> None:
        """``beside``: a host to which there can be a line. ``monotonic``: seconds that its clock is ahead."""
        user = ["--user", "--map-root-user"] if beside is None else []
        ahead = ["--time", "--monotonic", str(monotonic)] if monotonic else []
        self._stack = stack
        command = ["unshare", *user, "--net", *ahead, "--fork", "--kill-child", *HOLD]
        # Both belong to one user namespace, so that one command may use both.
        inside = [] if beside is None else ["nsenter", "--target", str(beside.pid), "--user"]
        self._holder = stack.enter_context(
            subprocess.Popen(
                [*inside, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        )
        assert self._holder.stdin and self._holder.stdout and self._holder.stderr
        stack.callback(self._holder.stdin.close)
        line = self._holder.stdout.readline()
        if not line:
            raise CannotBeMade(self._holder.stderr.read().strip()[-300:] or "unshare says nothing")
        self.pid: int = int(line)
        self.command: Sequence[str] = (
            "nsenter", "--target", str(self.pid), "--user", "--net", *(["--time"] if monotonic else []), "--",
        )  # fmt: skip
        self.ip("link", "set", "lo", "up")

    def ip(self, *words: str) -> None:
        """Run ``ip`` in it."""
        done = subprocess.run([*self.command, "ip", *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotBeMade(f"ip {' '.join(words)}: {done.stderr.strip()[-300:]}")

    def monotonic(self) -> float:
        """Return what its monotonic clock shows, s."""
        command = [*self.command, sys.executable, "-c", "import time; print(time.monotonic())"]
        return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    def run(self, command: Sequence[str], **keys: Any) -> "subprocess.Popen[bytes]":
        """Start a program in it, which is killed at the end."""
        process = subprocess.Popen([*self.command, *command], cwd=ROOT, **keys)
        self._stack.callback(process.wait, deadline(10))
        self._stack.callback(process.kill)
        return process

    def reach(self, port: int) -> int:
        """Return a port of this machine that leads to a port of its own."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            descriptor = listener.fileno()
            self.run([sys.executable, "-m", "tests.relay", str(descriptor), str(port)], pass_fds=(descriptor,))
            return int(listener.getsockname()[1])


@contextmanager
def two_hosts(monotonic: int = 0) -> Iterator[tuple[Host, Host]]:
    """Make two hosts, 10.9.0.1 with the interface ``line1`` and 10.9.0.2 with ``line2``, and a line between them.

    ``monotonic``: how many seconds the clock of the second is ahead. Raise :class:`CannotBeMade`.
    """
    missing = [program for program in ("unshare", "nsenter", "ip") if shutil.which(program) is None]
    if missing:
        raise CannotBeMade(f"there is no {' and no '.join(missing)}")
    with ExitStack() as stack:
        first = Host(stack)
        second = Host(stack, first, monotonic)
        first.ip("link", "add", "line1", "type", "veth", "peer", "name", "line2", "netns", str(second.pid))
        for number, host in enumerate((first, second), 1):
            host.ip("address", "add", f"10.9.0.{number}/24", "dev", f"line{number}")
            host.ip("link", "set", f"line{number}", "up")
        yield first, second

"""The server with an encoder that breaks on command; with `ingest` as first argument, its receiving process.

`SOV_TEST_BREAK` says how, `SOV_TEST_FORM` for which form: `raise`, `sleep` (native code that waits for ever), `spin`
(native code that runs for ever, other threads of Python go on), `hold` (the same, they do not), `crash` (SIGSEGV),
`huge` (no memory is left), `nan` (a number that JSON cannot hold), `main` (the thread that receives meets a fault),
`start` (the process needs long to start; `SOV_TEST_FORM` are the seconds).
"""

import ctypes
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).resolve().parents[2])
FORM_AT = 6


def break_encoder(how: str) -> None:
    """Do what is asked for; returns only for what an honest encoder might do."""
    if how == "raise":
        raise AssertionError("a fault\nof   two lines")
    if how == "huge":
        raise MemoryError
    if how == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if how == "sleep":
        ctypes.CDLL(None).sleep(3600)
    if how == "hold":
        ctypes.PyDLL(None).sleep(3600)
    if how == "spin":
        # Counts up to a number that it does not reach, outside of Python's lock.
        import hashlib

        hashlib.pbkdf2_hmac("sha256", b"x", b"x", 2**31 - 1)


def ingest(arguments: list[str]) -> int:
    """Run the receiving process."""
    how, name = os.environ["SOV_TEST_BREAK"], os.environ.get("SOV_TEST_FORM", "preview")
    if how == "start":
        # Busy for longer than any fixed limit would allow in a test, and alive.
        end = time.monotonic() + float(name)
        while time.monotonic() < end:
            pass
    from stream_online_viewer.ingest import __main__ as entry
    from stream_online_viewer.ingest import lanes
    from stream_online_viewer.ingest.encode import encode_pulse

    def broken(*arguments: Any) -> Any:
        if arguments[FORM_AT].name == name:
            break_encoder(how)
        head, blocks = encode_pulse(*arguments)
        if arguments[FORM_AT].name == name and how == "nan":
            blocks[0].keys["levels"] = [float("nan"), float("inf")]
        return head, blocks

    vars(lanes)["encode_pulse"] = broken
    if how == "main":
        from stream_online_viewer.sources.bsread.message import Message

        take_apart, count = Message.pulse, [0]

        def some(*arguments: Any) -> Any:
            count[0] += 1
            if count[0] % 2:
                raise IndexError("a message that nobody thought of")
            return take_apart(*arguments)

        Message.pulse = some  # type: ignore[assignment, method-assign]
    return entry.main(arguments)


def serve(arguments: list[str]) -> int:
    """Run the web process."""
    from stream_online_viewer.settings import read_settings
    from stream_online_viewer.web.server import run

    return run(read_settings(arguments), (sys.executable, "-P", __file__, "ingest"))


if __name__ == "__main__":
    if sys.argv[1:2] == ["ingest"]:
        code = ingest(sys.argv[2:])
        sys.stderr.flush()
        os._exit(code)
    sys.path[0] = ROOT
    sys.exit(serve(sys.argv[1:]))

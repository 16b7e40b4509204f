"""A signal ends the simulator, also one whose exception comes where none can be passed on."""

import subprocess
import sys

from tests.support import deadline

PROGRAM = """
import os, signal, sys
from stream_online_viewer import start_stream, stream

class Deleted:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(10_000):
            pass

def generate_stream(*arguments, check, **options):
    Deleted()
    check()
    print("went on")

stream.generate_stream = generate_stream
sys.exit(start_stream.main(["-o", "0"]))
"""


def test_a_signal_while_an_object_is_deleted() -> None:
    """Python drops what is raised there with a traceback; the simulator ends at its next check and says nothing."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=deadline(60), check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

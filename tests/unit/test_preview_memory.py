"""A preview of a large compressed image is made without all of it in memory."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from stream_online_viewer.coding import bslz4
from stream_online_viewer.simulation.camera import SpotCamera

ROOT = Path(__file__).parents[2]
COLUMNS, ROWS = 8192, 4096
MOST_MB = 32
"""Some bands for each thread, the preview itself, and what libraries keep; half of the decoded image."""
ENCODE = """
import re, sys
from pathlib import Path
import numpy as np
from stream_online_viewer.ingest.image import ImageEncoder
from stream_online_viewer.protocol.rendition import Rendition
from tests.raw_source import Part, channel, message
from tests.unit.source_helpers import received

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

def preview(part):
    rendition = Rendition(None, encoding="preview", binning=8)
    return ImageEncoder().blocks(received(message(1, [part])), 0, 1, rendition)[0]

preview(channel("image", np.ones((64, 64), np.uint16), compression="bitshuffle_lz4"))
part = channel("image", np.ones((8, 8), np.uint16), compression="bitshuffle_lz4", shape=[int(n) for n in sys.argv[2:]])
part.payload = Path(sys.argv[1]).read_bytes()
before = peak()
numbers = preview(part).keys["numbers"]
print(peak() - before, numbers["sum"], numbers["max"])
"""


def test_a_large_compressed_image_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    """The peak of a fresh process while it makes a preview of 64 MiB of pixels rises by less than half of that."""
    tile = SpotCamera((COLUMNS, ROWS // 8)).image()
    values = np.concatenate([tile] * 8)
    payload = tmp_path / "payload"
    payload.write_bytes(bslz4.encode(values))
    command = [sys.executable, "-c", ENCODE, str(payload), str(COLUMNS), str(ROWS)]
    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert (int(output[1]), int(output[2])) == (values.sum(dtype=np.int64), values.max())
    assert float(output[0]) < MOST_MB

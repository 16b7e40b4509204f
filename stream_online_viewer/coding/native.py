"""The library of native codecs, untyped: its annotations are narrower than the contiguous buffers that it accepts."""

from typing import Any

import imagecodecs

codecs: Any = imagecodecs

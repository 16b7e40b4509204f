"""The library of native codecs. Its annotations are narrower than what it takes: anything with a contiguous buffer."""

from typing import Any

import imagecodecs

codecs: Any = imagecodecs

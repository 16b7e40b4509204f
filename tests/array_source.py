"""Makes messages of array-1.0 for tests.

Written from the description of the format alone: two parts, a JSON header and the elements, slowest dimension first.
"""

import json
from typing import Any

from numpy.typing import NDArray


def array_message(frame: int, array: NDArray[Any], /, **header: Any) -> list[bytes]:
    """Return the parts of a message. ``header`` replaces keys of the header; ``...`` leaves a key out.

    The elements are sent in the array's byte order.
    """
    content: dict[str, Any] = {
        "htype": "array-1.0",
        "shape": list(array.shape),
        "type": array.dtype.name,
        "frame": frame,
        "endianness": "big" if array.dtype.byteorder == ">" else "little",
        "source": "a detector",
        "encoding": "",
    }
    content = {key: value for key, value in (content | header).items() if value is not ...}
    return [json.dumps(content).encode(), array.tobytes()]

"""A stream shown with foxglove-sdk, to compare with: ``foxglove_raw.py STREAM_PORT`` writes its own port.

The facility's library receives and decodes each message; the image goes out as the SDK's RawImage with the encoding
32FC1, which has no doubles: half of their bytes, and not exact. The log time of each message is the source's stamp.
"""

import os
import sys

# The threads of bitshuffle wait busily, and would make this server look worse than it is.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np  # noqa: E402
from bsread import SUB, Source  # noqa: E402

try:
    import foxglove
    from foxglove.channels import RawImageChannel
    from foxglove.messages import RawImage
except ImportError:
    sys.exit("foxglove-sdk is missing: pip install --group peers")

TOPIC = "/image"


def main(stream_port: int) -> None:
    """Serve until killed."""
    server = foxglove.start_server(host="127.0.0.1", port=0)
    channel = RawImageChannel(TOPIC)
    print(server.port, flush=True)
    with Source(host="127.0.0.1", port=stream_port, mode=SUB) as source:
        while True:
            message = source.receive()
            value = None if message is None else message.data.data.get("image")
            if value is None or value.value is None:
                continue
            stamp = message.data.global_timestamp * 10**9 + message.data.global_timestamp_offset
            image = value.value.astype(np.float32)
            rows, columns = image.shape
            picture = RawImage(width=columns, height=rows, encoding="32FC1", step=4 * columns, data=image.tobytes())
            channel.log(picture, log_time=stamp)


if __name__ == "__main__":
    main(int(sys.argv[1]))

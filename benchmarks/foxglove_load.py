"""Viewers of foxglove_raw.py in one process: ``foxglove_load.py PORT WARM_UP SECONDS VIEWERS``.

Prints the same as load.py, without times from the receipt, which that server does not tell. A viewer subscribes to the
first channel that it is told of. There are no acknowledgements in this protocol.
"""

import json
import re
import time

from benchmarks.peer_load import run
from benchmarks.websocket_client import BINARY, DISCARD_BYTES, TEXT, Client, serve

ADVERTISED = re.compile(rb'"op":"advertise","channels":\[\{"id":(\d+)')
MESSAGE_DATA = 1
"""First byte of a message of a channel; the subscription follows in four bytes, and the log time in eight."""
ENVELOPE_BYTES = 13


class Subscriber(Client):
    """One connection."""

    def __init__(self, port: int) -> None:
        super().__init__(port, "/", "foxglove.sdk.v1")
        self.frames = self.bytes = 0
        self.latencies: list[float] = []
        self.stamp_latencies: list[float] = []
        self.socket.setblocking(False)

    def heard(self, code: int, start: bytes, size: int) -> None:
        """Subscribe to what is advertised, and count what comes."""
        if code == TEXT and (found := ADVERTISED.search(start)):
            wish = {"op": "subscribe", "subscriptions": [{"id": 0, "channelId": int(found[1])}]}
            self.say(TEXT, json.dumps(wish).encode())
        elif code == BINARY and start[0] == MESSAGE_DATA:
            self.frames += 1
            self.bytes += size
            self.stamp_latencies.append((time.time_ns() - int.from_bytes(start[5:ENVELOPE_BYTES], "little")) * 1e-6)


if __name__ == "__main__":
    run(Subscriber, serve, DISCARD_BYTES)

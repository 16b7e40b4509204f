"""A sender that never waits: images of 640 x 480 pixels on a bound PUSH socket at 100 Hz, and a count of refused sends.

``counting_sender.py SECONDS`` prints ``port N``, waits for the first receiver, sends for that time and prints
``refused N of M``. The socket refuses a message when its queue is full.
"""

import sys
import time
from pathlib import Path

RATE = 100
QUEUE_SECONDS = 0.5
"""More on a busy machine, where the thread that empties the queue may have to wait for a processor itself."""


def main(seconds: float) -> None:
    """Send."""
    import zmq

    from stream_online_viewer.simulation.encoded import EncodedCamera
    from tests.support import deadline

    loop = EncodedCamera((640, 480), "uint16", "none")
    with zmq.Context() as context, context.socket(zmq.PUSH) as socket:
        socket.sndhwm = round(RATE * deadline(QUEUE_SECONDS))
        socket.linger = 2000
        print("port", socket.bind_to_random_port("tcp://127.0.0.1"), flush=True)
        socket.poll(flags=zmq.POLLOUT)
        refused, messages = 0, round(RATE * seconds)
        start = time.monotonic()
        for pulse_id in range(messages):
            time.sleep(max(0.0, start + pulse_id / RATE - time.monotonic()))
            parts = loop.message(pulse_id).parts(pulse_id, *divmod(time.time_ns(), 10**9))
            try:
                socket.send_multipart(parts, zmq.NOBLOCK, copy=False)
            except zmq.Again:
                refused += 1
        print(f"refused {refused} of {messages}", flush=True)


if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    main(float(sys.argv[1]))

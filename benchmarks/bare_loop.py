"""The least that a receiver can do: ``bare_loop.py PORT HWM``. It answers each line on standard input.

The answer is the number of messages received, the processor time of all threads in seconds, ZeroMQ's included, and the
page faults so far.
"""

import resource
import sys
import threading
import time

import zmq

_count = 0


def answer() -> None:
    """Answer with the figures for each line of input."""
    for _ in sys.stdin:
        print(_count, time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_minflt, flush=True)


def main(arguments: list[str]) -> None:
    """Receive until killed."""
    global _count
    port, hwm = map(int, arguments)
    threading.Thread(target=answer, daemon=True).start()
    socket = zmq.Context().socket(zmq.SUB)
    socket.rcvhwm = hwm
    socket.subscribe(b"")
    socket.connect(f"tcp://127.0.0.1:{port}")
    while True:
        socket.recv_multipart(copy=False)
        _count += 1


if __name__ == "__main__":
    main(sys.argv[1:])

"""The least that a receiver can do: ``bare_loop.py PORT HWM``. For each line on standard input it tells how far it is.

The answer is the number of messages received and the processor time in seconds, of all threads, ZeroMQ's included.
"""

import sys
import threading
import time

import zmq

_count = 0


def answer() -> None:
    """Tell the figures as often as they are asked for."""
    for _ in sys.stdin:
        print(_count, time.process_time(), flush=True)


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

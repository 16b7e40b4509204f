"""A PUSH source that sends small images all the time, and knows how many are connected to it."""

import hashlib
import json
import threading
import time
from typing import Any

import numpy as np
import zmq
from zmq.utils.monitor import recv_monitor_message

PERIOD_SECONDS = 0.02


class CountingPush:
    """Sends while the block runs. ``connected`` are those that are connected now, ``most`` the most that ever were."""

    def __init__(self) -> None:
        self.connected = self.most = 0
        self._peers: set[int] = set()
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.PUSH)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.SNDHWM, 20)
        self._monitor: Any = self._socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
        self.port = self._socket.bind_to_random_port("tcp://127.0.0.1")
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "CountingPush":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._context.destroy(linger=0)

    def _run(self) -> None:
        pixels = np.zeros((48, 64), np.uint16)
        channel = {"name": "image", "type": "uint16", "shape": [64, 48], "encoding": "little", "compression": "none"}
        data_header = json.dumps({"htype": "bsr_d-1.1", "channels": [channel]}).encode()
        digest = hashlib.md5(data_header).hexdigest()
        pulse = 0
        while not self._done.is_set():
            while self._monitor.poll(0):
                event = recv_monitor_message(self._monitor)
                # Who only asks what kind of socket this is makes no handshake.
                if event["event"] == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                    self._peers.add(event["value"])
                else:
                    self._peers.discard(event["value"])
                self.connected = len(self._peers)
                self.most = max(self.most, self.connected)
            now = time.time_ns()
            main = {
                "htype": "bsr_m-1.1",
                "pulse_id": pulse,
                "global_timestamp": {"sec": now // 10**9, "ns": now % 10**9},
                "hash": digest,
            }
            pixels[0, 0] = pulse % 65536
            stamp = (now // 10**9).to_bytes(8, "little") + (now % 10**9).to_bytes(8, "little")
            try:
                parts = [json.dumps(main).encode(), data_header, pixels.tobytes(), stamp]
                self._socket.send_multipart(parts, flags=zmq.NOBLOCK)
                pulse += 1
            except zmq.Again:
                # Nobody is there, or nobody takes anything.
                pulse += 1
            self._done.wait(PERIOD_SECONDS)
        self._monitor.close()
        self._socket.close()

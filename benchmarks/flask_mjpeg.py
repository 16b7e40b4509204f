"""The textbook way to show a camera with Flask, to compare with: ``flask_mjpeg.py STREAM_PORT`` writes its own port.

A thread receives and decodes each message with the facility's library and makes a JPEG of 8 bits of it, scaled from the
smallest value to the largest; each viewer's request is a thread of Flask's own server that sends each new JPEG as a
part of multipart/x-mixed-replace. Only the headers that say when and how long are more than the textbook has.
"""

import io
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator

# The threads of bitshuffle wait busily, and would make this server look worse than it is.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np  # noqa: E402
from bsread import SUB, Source  # noqa: E402
from flask import Flask, Response  # noqa: E402
from PIL import Image  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402


class Camera:
    """The newest picture of the stream."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._changed = threading.Condition()
        self._picture: tuple[int, int, bytes] = (0, 0, b"")
        """When it was received, its stamp by the source, both in ns since 1970, and its JPEG."""

    def receive(self) -> None:
        """Receive for ever."""
        with Source(host="127.0.0.1", port=self._port, mode=SUB) as source:
            while True:
                message = source.receive()
                received = time.time_ns()
                value = None if message is None else message.data.data.get("image")
                if value is None or value.value is None:
                    continue
                stamp = message.data.global_timestamp * 10**9 + message.data.global_timestamp_offset
                image = value.value
                low, high = float(image.min()), float(image.max())
                gray = ((image - low) * (255.0 / max(high - low, 1e-9))).astype(np.uint8)
                buffer = io.BytesIO()
                Image.fromarray(gray).save(buffer, "JPEG")
                with self._changed:
                    self._picture = received, stamp, buffer.getvalue()
                    self._changed.notify_all()

    def parts(self) -> Iterator[bytes]:
        """Yield each new picture as a part of the answer."""
        shown = 0
        while True:
            with self._changed:
                while self._picture[0] == shown:
                    self._changed.wait()
                shown, stamp, jpeg = self._picture
            times = f"X-Stamp: {stamp}\r\nX-Time: {shown}\r\nContent-Length: {len(jpeg)}"
            yield f"--frame\r\nContent-Type: image/jpeg\r\n{times}\r\n\r\n".encode() + jpeg + b"\r\n"


def main(arguments: list[str]) -> None:
    """Serve until killed."""
    camera = Camera(int(arguments[0]))
    app = Flask(__name__)

    @app.get("/stream")
    def stream() -> Response:
        return Response(camera.parts(), mimetype="multipart/x-mixed-replace; boundary=frame")

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    threading.Thread(target=camera.receive, daemon=True).start()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(server.port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])

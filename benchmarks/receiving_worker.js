// Receives the frames of one turn, and notes for each its bytes and its age in ms when it was there as a whole.
"use strict";
const HEAD_BYTES = 16;
const WARM_UP_FRAMES = 10;
const STREAM_TAIL = 4096;
let frames = [];
let seen = 0;
let fault = null;

// The first and the last byte are touched, as a decoder would.
const note = (view, bytes) => {
  const size = view.getUint32(0, true);
  if (size !== bytes) fault ??= `a frame of ${bytes} bytes says that it has ${size}`;
  frames.push([bytes, performance.timeOrigin + performance.now() - view.getFloat64(8, true), view.getUint8(bytes - 1)]);
  seen += 1;
  if (seen === WARM_UP_FRAMES) {
    frames = [];
    postMessage("first");
  }
};

const byWebSocket = () => {
  const socket = new WebSocket(`ws://${location.host}/live`);
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => note(new DataView(data), data.byteLength);
};

// One buffer for all frames; the reader takes it and gives it back with each piece.
const byFetch = async (size) => {
  const reader = (await fetch("stream")).body.getReader({ mode: "byob" });
  let buffer = new ArrayBuffer(size + STREAM_TAIL);
  for (;;) {
    for (let filled = 0; filled < size; ) {
      const rest = size - filled;
      const { value, done } = await reader.read(new Uint8Array(buffer, filled, rest), { min: rest });
      if (done) return;
      buffer = value.buffer;
      filled += value.byteLength;
    }
    note(new DataView(buffer, 0, size), size);
  }
};

self.onmessage = ({ data }) => {
  if (data === "end") {
    postMessage({ frames: frames.map(([bytes, age]) => [bytes, age]), fault, head: HEAD_BYTES });
    return;
  }
  if (data.way === "websocket") byWebSocket();
  else void byFetch(data.bytes);
};

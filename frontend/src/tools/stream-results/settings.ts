/** `stream=profiles,region` or `stream=none`: what of the stream's own results is drawn; all of it by default. */

import { ALL_STREAM_PARTS, STREAM_PARTS, type StreamParts } from "./stream-parts";
import type { Setting } from "../../ui/settings/setting";

const stream: Setting<StreamParts> = {
  usual: ALL_STREAM_PARTS,
  read(parameters) {
    const text = parameters.get("stream");
    const named = new Set(text?.split(","));
    const known = STREAM_PARTS.filter((part) => named.has(part));
    if (text !== "none" && known.length === 0) return ALL_STREAM_PARTS;
    return Object.fromEntries(STREAM_PARTS.map((part) => [part, named.has(part)])) as StreamParts;
  },
  write(parts, parameters) {
    const on = STREAM_PARTS.filter((part) => parts[part]);
    if (on.length < STREAM_PARTS.length) parameters.set("stream", on.length === 0 ? "none" : on.join(","));
  },
};

export const streamResultSettings = { stream };

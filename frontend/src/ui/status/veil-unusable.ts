/** What the veil says of messages and images that arrive and cannot be used. No DOM. */

import type { SourceStatus } from "../../contract";
import { formatRate } from "../format";
import { silenceLimit } from "./cadence";
import { channelLabel, total } from "./counts";
import type { VeilInputs } from "./veil-inputs";

interface Words {
  lines: string[];
  hints: string[];
}

/** So many channels are named, each with its reason. */
const NAMED = 3;
/** An image that could not be used so long ago may have no value now. */
const RECENT_MS = 3000;

const IMAGE_HINTS: Record<string, string> = {
  compression: "Known are none, lz4 and bitshuffle_lz4 (key “compression” of the data header).",
  "compressed data": "What is sent does not fit the compression, type and shape that the data header names.",
  length: "What is sent does not fit the type and shape that the data header names.",
  shape: "An image has two dimensions; three are colour or a stack of slices.",
  "too large": "How large a value may be is set when the server is started: --max-message-mb.",
  type: "Known are bool, the integers of 8 to 64 bits, float32 and float64.",
};

/** Messages arrive and all of them are refused. */
export function unusableMessages({ refusal, refused }: SourceStatus): Words {
  if (refusal === null) return { lines: [], hints: [] };
  const { reason, detail, htype, rate } = refusal;
  const foreign = reason === "htype" || reason.startsWith("main header");
  return {
    lines: [
      `${formatRate(rate)} a second come and are refused, ${total(refused)} since the server’s start.`,
      ...(htype === null
        ? []
        : [
            htype === "missing"
              ? "They have no htype."
              : `Their htype is ${htype}; that of a bsread message is bsr_m-1.1.`,
          ]),
      `Reason: ${reason}: ${detail}.`,
    ],
    hints: foreign
      ? ["Is it the address of another kind of stream? Start the server with the address of a bsread stream."]
      : ["The program that sends makes messages that bsread does not know; the server’s log tells more."],
  };
}

/** The image that is to be shown is there and cannot be used; null: that is not so. */
export function unusableImage({ now, status, statusAt, wantedImage, imagePeriod }: VeilInputs): Words | null {
  if (status === null) return null;
  const name = wantedImage ?? status.defaultImage;
  const late = Math.max(RECENT_MS, silenceLimit(imagePeriod));
  const images = status.source.unusable.filter(
    (channel) => channel.image && channel.age_s * 1000 + now - statusAt <= late,
  );
  const own = images.filter((channel) => channel.name === name);
  // The default is what could be shown before: another image may be there now that cannot.
  const found = own.length > 0 || wantedImage !== null ? own : images;
  if (found.length === 0) return null;
  const named = found.slice(0, NAMED);
  const more = found.length - named.length;
  return {
    lines: [
      ...(own.length > 0 || name === null ? [] : [`The image channel “${name}” has no value.`]),
      ...named.map((channel) => `${channelLabel(channel)} is an image. ${channel.reason}: ${channel.detail}.`),
      ...(more > 0 ? [`${more} more images cannot be shown; the table of values has their reasons.`] : []),
    ],
    hints: [...new Set(named.map((channel) => IMAGE_HINTS[channel.reason]))].filter((hint) => hint !== undefined),
  };
}

/** Whether pictures come while the source sends, in words. */

import type { Status } from "../../contract";
import { formatBytes } from "../format";
import { silenceLimit } from "./cadence";
import { receivedShare } from "./sending";
import { lastMessageAt, latest, type Veil, type VeilInputs, veil } from "./veil-inputs";
import { unusableImage } from "./veil-unusable";

/** A young connection needs no words. */
const SLOW_AFTER = 1000;
/** So long after pictures were asked for, the server knows whether there are any. */
const LIST_AFTER = 2500;

/** Of the picture, while the source sends; null: it is live. */
export function ofPicture(inputs: VeilInputs): Veil | null {
  const { status, pictureAt, now, sending, wantedImage } = inputs;
  if (status === null) return null;
  if (pictureAt !== null && (now - pictureAt <= silenceLimit(inputs.imagePeriod) || stoppedTogether(inputs)))
    return null;
  if (sending !== null && now - sending.at > SLOW_AFTER) {
    const share = receivedShare(sending);
    return veil("sending", `Receiving a picture of ${formatBytes(sending.bytes)}`, {
      lines: [
        ...(share === "" ? [] : [`${share} has come.`]),
        "The link to this computer is slow for pictures of this size.",
      ],
      since: sending.at,
    });
  }
  const unusable = unusableImage(inputs);
  if (unusable !== null) {
    return veil("unusable-image", "The image cannot be shown", { ...unusable, since: pictureAt, alarm: true });
  }
  const refused = status.you.refused ?? null;
  if (refused !== null) {
    return veil("refused", "The server cannot make this picture", {
      lines: [refused],
      hints: ["Choose another form above the picture, exact for instance."],
      since: pictureAt,
      alarm: true,
    });
  }
  // The server looks at images and their channels only while somebody watches: at first it knows of none.
  const young = pictureAt === null && now - inputs.askedAt < LIST_AFTER;
  if (young) return veil("starting", "Waiting for the first picture");
  if (wantedImage !== null && !status.images.some((image) => image.name === wantedImage)) {
    return veil("no-channel", "The chosen image channel is not in the stream", {
      lines: [wantedImage],
      hints: ["Choose another channel above the picture."],
      since: pictureAt,
      alarm: true,
    });
  }
  if (wantedImage === null && status.defaultImage === null) {
    return veil("no-image", pictureAt === null ? "Scalars arrive, no image" : "Scalars arrive, no image any more", {
      lines: ["The stream has no image channel. Its newest values are in the table."],
      since: pictureAt,
    });
  }
  const known = wantedImage === null || wantedImage === status.defaultImage;
  const serverImageAt =
    known && status.source.image_age_s !== null ? inputs.statusAt - status.source.image_age_s * 1000 : null;
  const arrives = known
    ? serverImageAt !== null && now - serverImageAt <= silenceLimit(serverPeriod(status)) + 1000
    : null;
  if (arrives === true) return heldBack(inputs);
  const since = latest(pictureAt, serverImageAt);
  if (since === null && arrives === null) return veil("starting", "Waiting for the first picture");
  return veil("no-image", "Scalars arrive, no image", {
    lines: [
      known && !status.images.some((image) => image.name === status.defaultImage)
        ? `The image channel “${status.defaultImage ?? ""}” is not in the stream any more.`
        : `The image channel “${wantedImage ?? status.defaultImage ?? ""}” has no value.`,
      "The table shows the newest values.",
    ],
    since,
    alarm: pictureAt !== null || since !== null,
  });
}

function heldBack(inputs: VeilInputs): Veil {
  const { status, pictureAt } = inputs;
  if (pictureAt === null) return veil("starting", "Waiting for the next picture");
  const limit = status?.you.limit ?? null;
  const why =
    limit === "bandwidth"
      ? "The server’s bandwidth limit holds them back."
      : limit === "rate"
        ? "The server’s limit of pictures a second holds them back."
        : "The link or this computer is too slow for them.";
  return veil("held-back", "Pictures do not reach this page", {
    lines: [`The server receives images. ${why}`],
    since: pictureAt,
    alarm: true,
  });
}

/** Messages stopped with the picture: that is a silence, due in a moment, not a camera that stopped among scalars. */
function stoppedTogether(inputs: VeilInputs): boolean {
  const last = lastMessageAt(inputs);
  return (
    last !== null && inputs.pictureSentAt !== null && last - inputs.pictureSentAt < silenceLimit(inputs.period) / 2
  );
}

function serverPeriod(status: Status): number | null {
  return status.source.image_rate > 0 ? 1000 / status.source.image_rate : null;
}

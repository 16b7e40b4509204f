/**
 * What lies over the picture when it is not live, in words. A pure function of what the page knows: every fault has its
 * own kind, because "silent", "server gone" and "proxy" send a person to three different rooms.
 */

import type { Connection, Status } from "../../contract";
import { silenceLimit } from "./cadence";
import { receivedShare, type Sending } from "./sending";
import { formatBytes } from "../format";
import { BLOCKED_HINTS, sourceHints } from "./veil-hints";
import { unusableImage, unusableMessages } from "./veil-unusable";

type VeilKind =
  | "connecting"
  | "blocked"
  | "server-gone"
  | "mute"
  | "ingest-down"
  | "no-stream"
  | "unusable"
  | "unusable-image"
  | "silent"
  | "released"
  | "starting"
  | "no-channel"
  | "no-image"
  | "sending"
  | "refused"
  | "held-back"
  | "page-broken";

export interface Veil {
  kind: VeilKind;
  title: string;
  /** sentences, one line each */
  lines: string[];
  /** what to try */
  hints: string[];
  /** the state lasts since this moment (browser's monotonic clock, ms); null where counting says nothing */
  since: number | null;
  /** next attempt to connect (same clock); null when none is planned */
  retryAt: number | null;
  /** a fault that somebody has to look at; else only waiting */
  alarm: boolean;
}

/** All times are milliseconds of the browser's monotonic clock. */
export interface VeilInputs {
  now: number;
  connection: Connection;
  /** when the connection's state was reported */
  connectionAt: number;
  /** since when pictures of this channel are asked for */
  askedAt: number;
  /** the WebSocket was open at least once since the page was loaded */
  everOpen: boolean;
  /** when the connection was lost, null while it is open or was never open */
  lostAt: number | null;
  /** why it was lost, before the failed attempts since */
  lostReason: string;
  /** the same server answers ordinary requests; null: not known */
  serverAnswers: boolean | null;
  /** last message of any kind from the server */
  heardAt: number;
  /** address of the source; null: not known yet */
  stream: string | null;
  status: Status | null;
  statusAt: number;
  /** last picture drawn, null when none is on screen */
  pictureAt: number | null;
  /** when the source sent that picture, as far as its age is known */
  pictureSentAt: number | null;
  /** last values of the scalar lane */
  valuesAt: number | null;
  /** typical interval between messages and between pictures here, ms */
  period: number | null;
  imagePeriod: number | null;
  sending: Sending | null;
  /** image channel that was asked for; null: the server's default */
  wantedImage: string | null;
  /** the user holds the picture: its age is no fault */
  paused: boolean;
  /** the worker cannot go on; its own words */
  broken: string | null;
}

/** Status comes once a second and the worker gives the connection up after three. */
const MUTE_AFTER = 4000;
/** From one status to the next, with room for jitter. */
const STATUS_PERIOD = 1300;
/** A young connection needs no words. */
const SLOW_AFTER = 1000;
/** So long after pictures were asked for, the server knows whether there are any. */
const LIST_AFTER = 2500;

export function veilState(inputs: VeilInputs): Veil | null {
  if (inputs.broken !== null) {
    return veil("page-broken", "This page cannot go on", {
      lines: [inputs.broken],
      hints: ["Reload the page."],
      alarm: true,
    });
  }
  const connection = ofConnection(inputs);
  if (connection !== null || (inputs.paused && inputs.pictureAt !== null)) return connection;
  return ofSource(inputs) ?? ofPicture(inputs);
}

/** When the source sent its last message as far as this page can know; null: never. */
export function lastMessageAt(
  inputs: Pick<VeilInputs, "status" | "statusAt" | "pictureSentAt" | "valuesAt">,
): number | null {
  const age = inputs.status?.source.age_s ?? null;
  const known = [age === null ? null : inputs.statusAt - age * 1000, inputs.pictureSentAt, inputs.valuesAt].filter(
    (time): time is number => time !== null,
  );
  return known.length === 0 ? null : Math.max(...known);
}

function ofConnection(inputs: VeilInputs): Veil | null {
  const { connection, now } = inputs;
  if (connection.state === "open") {
    if (inputs.sending !== null || now - Math.max(inputs.heardAt, inputs.connectionAt) <= MUTE_AFTER) return null;
    return mute(inputs);
  }
  if (inputs.everOpen) return serverGone(inputs);
  if (connection.state === "connecting") {
    return connection.attempt > 1 ? blocked(inputs) : veil("connecting", "Connecting to the server");
  }
  return blocked(inputs);
}

function mute(inputs: VeilInputs): Veil {
  return veil("mute", "No word from the server", {
    lines: ["The connection is open, but the server's status, due every second, does not arrive."],
    since: inputs.heardAt,
    alarm: true,
  });
}

/** Whether the server spoke after the messages stopped: a source is silent only if it says so, or says nothing of it. */
function wasTold({ status, heardAt, period }: VeilInputs, last: number): boolean {
  return status?.source.state !== "receiving" || heardAt - last > silenceLimit(period) / 2;
}

function serverGone(inputs: VeilInputs): Veil {
  const { connection, lostReason } = inputs;
  const lost = connection.state === "lost";
  return veil("server-gone", "Connection to the server lost", {
    lines: [
      lostReason === "" ? "" : `Reason: ${lostReason}.`,
      lost && connection.reason !== "" && connection.reason !== lostReason ? `Last attempt: ${connection.reason}.` : "",
    ],
    since: inputs.lostAt,
    alarm: true,
    retryAt: lost ? inputs.connectionAt + connection.retryInMs : null,
  });
}

function blocked(inputs: VeilInputs): Veil {
  const { connection } = inputs;
  const retryAt = connection.state === "lost" ? inputs.connectionAt + connection.retryInMs : null;
  const reason = connection.state === "lost" && connection.reason !== "" ? [`Reason: ${connection.reason}.`] : [];
  if (inputs.serverAnswers === false) {
    return veil("server-gone", "The server does not answer", {
      lines: ["The page was loaded, but its server answers no request now.", ...reason],
      hints: ["Is the server still running?", "Is this computer still on the network?"],
      since: inputs.lostAt,
      retryAt,
      alarm: true,
    });
  }
  return veil("blocked", "The live connection does not open", {
    lines: ["This page loads, but its WebSocket was never opened. A proxy may block WebSockets.", ...reason],
    hints: BLOCKED_HINTS,
    since: inputs.lostAt,
    retryAt,
    alarm: true,
  });
}

function ofSource(inputs: VeilInputs): Veil | null {
  const { status, now } = inputs;
  if (status === null) {
    return veil("starting", "Connected, waiting for the server’s status");
  }
  const last = lastMessageAt(inputs);
  if (status.source.state === "down") {
    return veil("ingest-down", "The receiving process is being restarted", {
      lines: [status.source.text, "The server itself runs; pictures come back by themselves."],
      since: last,
      alarm: true,
    });
  }
  if (status.source.state === "unusable") {
    return veil("unusable", "Messages arrive that cannot be used", {
      ...unusableMessages(status.source),
      since: last,
      alarm: true,
    });
  }
  // Nothing is wrong with a source that is let go, nor with one that is being opened again.
  if (status.source.state === "released" || (status.source.state === "resolving" && last !== null)) {
    return veil("released", "The stream is being opened", { lines: [status.source.text] });
  }
  if (last === null) {
    return veil("no-stream", "No stream yet", {
      lines: [status.source.text],
      hints: sourceHints(status.source),
      alarm: status.source.state !== "waiting" && status.source.state !== "resolving",
    });
  }
  if (!mayBeOnTheWay(inputs) && now - last > silenceLimit(inputs.period)) {
    // Nothing comes from the server itself: that says nothing about the source.
    if (!wasTold(inputs, last)) return now - inputs.heardAt > STATUS_PERIOD ? mute(inputs) : null;
    // The status may be half a second old and still say "receiving": then these are the words of the next one.
    const late = status.source.state === "receiving";
    return veil("silent", "Stream silent", {
      lines: [
        late ? `The connection to ${inputs.stream ?? "the source"} stands, but no message comes.` : status.source.text,
      ],
      hints: sourceHints(status.source),
      since: last,
      alarm: true,
    });
  }
  return null;
}

/** Messages stopped with the picture: that is a silence, due in a moment, not a camera that stopped among scalars. */
function stoppedTogether(inputs: VeilInputs): boolean {
  const last = lastMessageAt(inputs);
  return (
    last !== null && inputs.pictureSentAt !== null && last - inputs.pictureSentAt < silenceLimit(inputs.period) / 2
  );
}

/**
 * On a slow link nothing but the status tells of the source, once a second, and behind a large image not even that.
 * What is not known is not called silence.
 */
function mayBeOnTheWay({ now, status, statusAt, pictureSentAt, valuesAt, sending, period }: VeilInputs): boolean {
  if (sending !== null && now - statusAt > STATUS_PERIOD) return true;
  const age = status?.source.age_s ?? null;
  const delivered = latest(pictureSentAt, valuesAt);
  if (age === null) return false;
  const told = statusAt - age * 1000;
  const behind = delivered === null || told - delivered > silenceLimit(null) / 2;
  return behind && now - told <= silenceLimit(period) + STATUS_PERIOD;
}

function ofPicture(inputs: VeilInputs): Veil | null {
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

function serverPeriod(status: Status): number | null {
  return status.source.image_rate > 0 ? 1000 / status.source.image_rate : null;
}

function latest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}

function veil(kind: VeilKind, title: string, rest: Partial<Omit<Veil, "kind" | "title">> = {}): Veil {
  return {
    kind,
    title,
    lines: (rest.lines ?? []).filter((line) => line !== ""),
    hints: rest.hints ?? [],
    since: rest.since ?? null,
    retryAt: rest.retryAt ?? null,
    alarm: rest.alarm ?? false,
  };
}

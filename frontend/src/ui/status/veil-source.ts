/** Whether the source sends, in words. */

import { silenceLimit } from "./cadence";
import { mute } from "./veil-connection";
import { sourceHints } from "./veil-hints";
import { lastMessageAt, latest, STATUS_PERIOD, type Veil, type VeilInputs, veil } from "./veil-inputs";
import { unusableMessages } from "./veil-unusable";

/** Of the source; null: it sends. */
export function ofSource(inputs: VeilInputs): Veil | null {
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

/** Whether the server spoke after the messages stopped: a source is silent only if it says so, or says nothing of it. */
function wasTold({ status, heardAt, period }: VeilInputs, last: number): boolean {
  return status?.source.state !== "receiving" || heardAt - last > silenceLimit(period) / 2;
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

/** Whether the server is reached, in words. */

import { BLOCKED_HINTS } from "./veil-hints";
import { type Veil, type VeilInputs, veil } from "./veil-inputs";

/** Status comes once a second and the worker gives the connection up after three. */
const MUTE_AFTER = 4000;

/** Of the connection to the server; null: it stands. */
export function ofConnection(inputs: VeilInputs): Veil | null {
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

export function mute(inputs: VeilInputs): Veil {
  return veil("mute", "No word from the server", {
    lines: ["The connection is open, but the server's status, due every second, does not arrive."],
    since: inputs.heardAt,
    alarm: true,
  });
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

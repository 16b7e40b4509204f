import { formatBytes, formatDuration } from "../format";

/** An image that takes long and is being received; `received` stays 0 where it does not come in pieces. */
export interface Sending {
  bytes: number;
  received: number;
  /** when that began */
  at: number;
}

/** How much of it has come; "" where that is not known. */
export function receivedShare({ bytes, received }: Sending): string {
  return received === 0 ? "" : `${Math.floor((100 * received) / bytes)} %`;
}

/** In one line: its size, how much has come, for how long. */
export function receivingText(sending: Sending, now: number): string {
  const share = receivedShare(sending);
  const size = formatBytes(sending.bytes) + (share === "" ? "" : `: ${share}`);
  return `receiving ${size}, ${formatDuration((now - sending.at) / 1000)}`;
}

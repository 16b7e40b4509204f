/** What to try when the picture does not come. */

import type { SourceStatus } from "../../contract";

/** The page loads and its WebSocket does not open. */
export const BLOCKED_HINTS = [
  "Open the viewer by the server’s own host name and port: if it plays there, the proxy between is the cause.",
  "A reverse proxy must pass on “Upgrade: websocket” for the path “live” (nginx: HTTP 1.1, Upgrade, Connection).",
  "A server whose places are all taken refuses viewers too; its log tells.",
];

/** The server gets nothing from the source. */
export function sourceHints(source: SourceStatus): string[] {
  switch (source.state) {
    case "unresolvable":
      if (isNamed(source)) return ["Is the name right? The sentence above says which server was asked for it."];
      return ["Is the host name right? It must be known on the server’s machine."];
    case "refused":
      if (isNamed(source)) return ["Does the server run that knows the name, and does what it starts?"];
      return ["Does the source run, and on this port?"];
    case "unreachable":
      return ["Are the source’s machine and the network between up? A firewall may drop the connection."];
    case "http":
    case "not_zeromq":
      return ["The port belongs to another program. Start the server with the address of the stream."];
    case "wrong_type":
      return ["The source must send with a PUSH or PUB socket. Start the server with the address of the stream."];
    case "waiting":
      return [
        "Does the camera or its pipeline run, and does its trigger?",
        ...(source.guessed
          ? ["The socket type is a guess. Start the server with --mode pull or --mode sub if it is wrong."]
          : []),
      ];
    case "lost":
      return ["Does the source still run? The server connects again by itself."];
    default:
      return [];
  }
}

/** The stream was opened by name, so that another server has to know it. */
function isNamed({ kind }: SourceStatus): boolean {
  return kind !== null && kind !== "tcp";
}

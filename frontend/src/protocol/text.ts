import type { Hello, Refusal, SourceStatus, Status, UnusableChannel } from "../contract";
import { ProtocolError } from "./bytes";

/** A JSON message of the server, with names instead of keys that JSON suits; other kinds are `unknown`. */
export type TextMessage =
  /** `clock`: ms since 1970, by the server's clock, when this was written; null if it does not say */
  | { kind: "hello"; hello: Hello; clock: number | null }
  | { kind: "channels"; channels: [number, string][] }
  | { kind: "status"; status: Status; clock: number | null }
  | { kind: "sending"; bytes: number }
  | { kind: "unknown" };

const PROTOCOL = "sov.1";

/**
 * Decodes a text message. Keys that are missing get the value that says least; unknown keys are ignored.
 *
 * @param nameOf name of a channel by its number, from the `channels` messages before
 */
export function decodeText(text: string, nameOf: (channel: number) => string): TextMessage {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new ProtocolError("a text message is no JSON");
  }
  if (!isObject(content)) throw new ProtocolError("a text message is no JSON object");
  switch (content["kind"]) {
    case "hello":
      return { kind: "hello", hello: hello(content), clock: clock(content) };
    case "channels":
      return { kind: "channels", channels: channels(content["channels"]) };
    case "status":
      return { kind: "status", status: status(content, nameOf), clock: clock(content) };
    case "sending":
      return { kind: "sending", bytes: number(content["bytes"]) };
    default:
      return { kind: "unknown" };
  }
}

type Keys = Record<string, unknown>;

function hello(keys: Keys): Hello {
  if (keys["protocol"] !== PROTOCOL) {
    throw new ProtocolError(`the server speaks ${JSON.stringify(keys["protocol"])}, not ${PROTOCOL}`);
  }
  const limits = object(keys["limits"]);
  return {
    build: string(keys["build"]),
    version: string(keys["version"]),
    epoch: number(keys["epoch"]),
    stream: string(keys["stream"]),
    formats: list(keys["formats"]).map(String),
    limits: {
      max_rate: number(limits["max_rate"]),
      viewer_mbit: number(limits["viewer_mbit"]),
      total_mbit: number(limits["total_mbit"]),
      loopback: limits["loopback"] === true,
      message_bytes: number(limits["message_bytes"]),
    },
  };
}

function clock(keys: Keys): number | null {
  return typeof keys["clock_us"] === "number" ? keys["clock_us"] / 1000 : null;
}

function channels(value: unknown): [number, string][] {
  return list(value).map((entry): [number, string] => {
    const [channel, name] = list(entry);
    if (!Number.isSafeInteger(channel) || typeof name !== "string") {
      throw new ProtocolError("a channel without number or name");
    }
    return [channel as number, name];
  });
}

function status(keys: Keys, nameOf: (channel: number) => string): Status {
  const source = object(keys["source"]);
  const you = object(keys["you"]);
  const limit = you["limit"];
  return {
    source: sourceStatus(source),
    images: list(keys["images"]).map((entry) => {
      const [channel, dtype, shape] = list(entry);
      return { name: channelName(channel, nameOf) ?? "", dtype: string(dtype), shape: list(shape).map(number) };
    }),
    defaultImage: channelName(keys["default_image"], nameOf),
    ingest: { restarts: number(object(keys["ingest"])["restarts"]) },
    viewers: number(keys["viewers"]),
    you: {
      rate: number(you["rate"]),
      mbit: number(you["mbit"]),
      not_sent: number(you["not_sent"]),
      window: number(you["window"]),
      rtt_ms: optionalNumber(you["rtt_ms"]),
      limit: limit === "rate" || limit === "bandwidth" ? limit : null,
      choice: optionalString(you["choice"]),
      why: optionalString(you["why"]),
      refused: optionalString(you["refused"]),
    },
  };
}

function sourceStatus(keys: Keys): SourceStatus {
  const socket = keys["socket"];
  return {
    // A state that this page does not know still has its text for a person.
    state: string(keys["state"]) as SourceStatus["state"],
    text: string(keys["text"]),
    socket: socket === "PULL" || socket === "SUB" ? socket : null,
    guessed: keys["guessed"] === true,
    shared: keys["shared"] === true,
    age_s: optionalNumber(keys["age_s"]),
    image_age_s: optionalNumber(keys["image_age_s"]),
    rate: number(keys["rate"]),
    image_rate: number(keys["image_rate"]),
    mbit: number(keys["mbit"]),
    messages: number(keys["messages"]),
    lost: number(keys["lost"]),
    jumps: number(keys["jumps"]),
    backwards: number(keys["backwards"]),
    repeated: number(keys["repeated"]),
    step: optionalNumber(keys["step"]),
    pulse_id: optionalString(keys["pulse_id"]),
    commands: number(keys["commands"]),
    refused: counts(keys["refused"]),
    invalid: counts(keys["invalid"]),
    refusal: isObject(keys["refusal"]) ? refusal(keys["refusal"]) : null,
    unusable: list(keys["unusable"]).map(object).map(unusable),
    time_problem: optionalString(keys["time_problem"]),
    replaced: number(keys["replaced"]),
    kind: optionalString(keys["kind"]),
    origin: optionalString(keys["origin"]),
  };
}

function refusal(keys: Keys): Refusal {
  return {
    reason: string(keys["reason"]),
    detail: string(keys["detail"]),
    htype: optionalString(keys["htype"]),
    age_s: number(keys["age_s"]),
    rate: number(keys["rate"]),
  };
}

function unusable(keys: Keys): UnusableChannel {
  return {
    name: string(keys["name"]),
    position: optionalNumber(keys["position"]),
    reason: string(keys["reason"]),
    detail: string(keys["detail"]),
    image: keys["image"] === true,
    count: number(keys["count"]),
    age_s: number(keys["age_s"]),
  };
}

/** A channel is given by its number; a name is as good. */
function channelName(value: unknown, nameOf: (channel: number) => string): string | null {
  return typeof value === "number" ? nameOf(value) : optionalString(value);
}

function counts(value: unknown): Record<string, number> {
  // The keys come from the stream: no prototype, so that a reason named __proto__ is a reason like any other.
  const result = Object.create(null) as Record<string, number>;
  for (const [reason, count] of Object.entries(object(value))) result[reason] = number(count);
  return result;
}

function isObject(value: unknown): value is Keys {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function object(value: unknown): Keys {
  return isObject(value) ? value : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function string(value: unknown): string {
  return value === undefined || value === null ? "" : String(value);
}

function optionalString(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** Counts may come as strings of digits; for display a double is enough. */
function number(value: unknown): number {
  const result = typeof value === "string" ? Number(value) : value;
  return typeof result === "number" && Number.isFinite(result) ? result : 0;
}

function optionalNumber(value: unknown): number | null {
  return value === undefined || value === null ? null : number(value);
}

/** Text of the status fields: what is always visible, and what a field says when it is opened. */

import type { Hello, Shown, Status } from "../../contract";
import { choiceField } from "./choice-text";
import { clockText } from "./clock-text";
import { channelLabel, total } from "./counts";
import {
  formatAge,
  formatDuration,
  formatMilliseconds,
  formatRate,
  localTime,
  nanosecondTime,
  wholeMilliseconds,
} from "../format";

export type FieldId =
  | "pulse"
  | "time"
  | "age"
  | "received"
  | "shown"
  | "lost"
  | "refused"
  | "not-sent"
  | "replaced"
  | "limits"
  | "viewers"
  | "format"
  | "latency"
  | "rtt";

/** "past": it happened since the server started; "now": in the last minute. */
export type Alarm = "none" | "past" | "now";

export interface FieldText {
  value: string;
  /** small words beside the value */
  note: string;
  alarm: Alarm;
  /** what it tells of is less than the source sent */
  reduced: boolean;
  /** lines of the opened field: what, value */
  detail: [string, string][];
}

export interface StatusInputs {
  /** browser's monotonic clock, ms */
  now: number;
  connected: boolean;
  hello: Hello | null;
  status: Status | null;
  shown: Shown | null;
  shownAt: number;
  /** pictures come at the moment */
  playing: boolean;
  paused: boolean;
  lostAlarm: Alarm;
  refusedAlarm: Alarm;
  /** rows of the scalar lane that this page never got */
  rowsLost: number;
}

const NONE = "–";

export function statusFields(inputs: StatusInputs): Record<FieldId, FieldText> {
  return { ...ofPulse(inputs), ...ofSource(inputs), ...ofViewer(inputs) };
}

function field(value: string, note = "", detail: [string, string][] = [], alarm: Alarm = "none"): FieldText {
  return { value, note, alarm, reduced: false, detail };
}

function ofPulse({
  shown,
  shownAt,
  now,
  status,
  playing,
  paused,
}: StatusInputs): Pick<Record<FieldId, FieldText>, "pulse" | "time" | "age" | "latency" | "format"> {
  if (shown === null) {
    const none = field(NONE);
    return { pulse: none, time: none, age: none, latency: none, format: none };
  }
  const { pulse, legs } = shown;
  const age = (shown.ageMs + now - shownAt) / 1000;
  const apart = clockText(pulse.sourceTime, pulse.receiptTime);
  const timeProblem = status?.source.time_problem ?? null;
  const time = pulse.sourceTime === null ? null : localTime(wholeMilliseconds(pulse.sourceTime));
  const received: [string, string][] =
    pulse.receiptTime === null ? [] : [["received, by the server’s clock", nanosecondTime(pulse.receiptTime)]];
  return {
    pulse: field(String(pulse.pulseId), "", [
      ["pulse id of the picture", String(pulse.pulseId)],
      ["message", `${pulse.sequence} since the server’s start ${pulse.epoch}`],
    ]),
    time: field(
      time?.time ?? (pulse.sourceTime === null ? (timeProblem === null ? "none sent" : "unusable") : "beyond dates"),
      time === null ? "" : `${time.date} ${time.zone}`,
      [
        [
          "source time of the picture",
          pulse.sourceTime === null ? (timeProblem ?? "the message has none") : nanosecondTime(pulse.sourceTime),
        ],
        ...(pulse.sourceTime === null
          ? []
          : [["nanoseconds since 1970", String(pulse.sourceTime)] as [string, string]]),
        ...received,
        ...clockDifference(pulse.sourceTime, pulse.receiptTime),
      ],
    ),
    age: field(formatAge(age), apart?.note ?? "", [
      ["since the server received it", formatAge(age)],
      ["when it was drawn", formatMilliseconds(shown.ageMs)],
      ...(apart === null ? [] : [["", apart.sentence] as [string, string]]),
    ]),
    latency: field(formatMilliseconds(shown.ageMs), "", [
      ["from the server’s receipt to the screen", formatMilliseconds(shown.ageMs)],
      ["in the server", formatMilliseconds(legs.serverMs)],
      [
        "on the way (half of the smallest round trip, and longer if large)",
        legs.networkMs === null ? "not measured yet" : formatMilliseconds(legs.networkMs),
      ],
      ["decoded here", formatMilliseconds(legs.decodeMs)],
      ["drawn here", formatMilliseconds(legs.drawMs)],
    ]),
    format: choiceField(shown, status?.you ?? null, paused ? null : playing ? shown.shownRate : 0),
  };
}

/** The clocks of source and server may be years apart; the difference is worth a line, never an age. */
function clockDifference(source: bigint | null, receipt: bigint | null): [string, string][] {
  if (source === null || receipt === null) return [];
  const seconds = Number(receipt - source) / 1e9;
  const text =
    Math.abs(seconds) < 60
      ? `${seconds.toFixed(3)} s`
      : `${seconds < 0 ? "-" : ""}${formatDuration(Math.abs(seconds))}`;
  return [["server’s clock minus source’s (estimate)", text]];
}

type SourceFields = "received" | "lost" | "refused" | "replaced";

function ofSource(inputs: StatusInputs): Pick<Record<FieldId, FieldText>, SourceFields> {
  const { status, connected } = inputs;
  if (status === null) {
    const none = field(NONE);
    return { received: none, lost: none, refused: none, replaced: none };
  }
  const { source } = status;
  const hasImages = status.defaultImage !== null;
  const differ = hasImages && Math.abs(source.rate - source.image_rate) > 0.05 * source.rate;
  const refused = total(source.refused);
  return {
    received: field(
      connected ? formatRate(hasImages ? source.image_rate : source.rate) : NONE,
      connected
        ? differ
          ? `of ${source.rate < 10 ? formatRate(source.rate) : source.rate.toFixed(0)} msg/s`
          : "/s"
        : "",
      [
        ["images a second", formatRate(source.image_rate)],
        ["messages a second", formatRate(source.rate)],
        ["from the source", `${source.mbit.toFixed(1)} Mbit/s`],
        ["messages since the server’s start", String(source.messages)],
        ["last pulse id received", source.pulse_id ?? "none"],
        ["step of the pulse ids", source.step === null ? "not known yet" : String(source.step)],
        ...(source.commands > 0 ? [["command messages", String(source.commands)] as [string, string]] : []),
      ],
    ),
    lost: field(
      String(source.lost),
      "",
      [
        ["pulses lost before they reached this server", String(source.lost)],
        ["jumps of the pulse id", String(source.jumps)],
        ["backwards (source restarted or reordered)", String(source.backwards)],
        ["repeated pulse ids", String(source.repeated)],
      ],
      inputs.lostAlarm,
    ),
    refused: field(
      String(refused),
      "",
      [
        ["messages that could not be used", String(refused)],
        ...Object.entries(source.refused).map(([reason, count]): [string, string] => [reason, String(count)]),
        ...(source.refusal === null
          ? []
          : [
              [
                `last refused, ${formatAge(source.refusal.age_s)} before the status`,
                `${source.refusal.reason}: ${source.refusal.detail}`,
              ] as [string, string],
            ]),
        ...source.unusable.map((channel): [string, string] => [
          `cannot be used: ${channelLabel(channel)}`,
          `${channel.reason}: ${channel.detail}`,
        ]),
        ...Object.entries(source.invalid).map(([reason, count]): [string, string] => [
          `invalid channel value: ${reason}`,
          String(count),
        ]),
      ],
      inputs.refusedAlarm,
    ),
    replaced: field(String(source.replaced), "", [
      ["images replaced by a newer one in the server", String(source.replaced)],
      ["", "Calm: the newest picture wins."],
    ]),
  };
}

type ViewerFields = "shown" | "not-sent" | "limits" | "viewers" | "rtt";

function ofViewer(inputs: StatusInputs): Pick<Record<FieldId, FieldText>, ViewerFields> {
  const { status, hello, shown, connected, playing } = inputs;
  const rate = shown !== null && playing && connected ? shown.shownRate : 0;
  const you = status?.you ?? null;
  const notSent = you?.not_sent ?? null;
  return {
    shown: field(formatRate(rate), "/s", [
      ["pictures shown a second", formatRate(rate)],
      ...(you === null
        ? []
        : [
            ["sent to this viewer", `${formatRate(you.rate)} a second, ${you.mbit.toFixed(1)} Mbit/s`] as [
              string,
              string,
            ],
          ]),
    ]),
    "not-sent": field(notSent === null ? NONE : String(notSent), "", [
      ["images that this viewer was spared since it connected", notSent === null ? NONE : String(notSent)],
      ["rows of scalars that did not reach this page", String(inputs.rowsLost)],
      ["", "Calm: a slower viewer sees fewer pictures, never older ones."],
    ]),
    limits: limits(hello, you),
    viewers: field(status === null ? NONE : String(status.viewers), "", [
      ["viewers connected, this one included", status === null ? NONE : String(status.viewers)],
      ...(status === null
        ? []
        : [["restarts of the receiving process", String(status.ingest.restarts)] as [string, string]]),
      ...(hello === null ? [] : [["version of the server", hello.version] as [string, string]]),
    ]),
    rtt: field(you === null || you.rtt_ms === null ? NONE : formatMilliseconds(you.rtt_ms), "", [
      [
        "smallest round trip to the server",
        you === null || you.rtt_ms === null ? "not measured yet" : formatMilliseconds(you.rtt_ms),
      ],
      ...(you === null ? [] : [["pictures on their way at most", String(you.window)] as [string, string]]),
    ]),
  };
}

function limits(hello: Hello | null, you: Status["you"] | null): FieldText {
  if (hello === null) return field(NONE);
  const { limits: set } = hello;
  const mbit = [set.viewer_mbit, set.loopback ? 0 : set.total_mbit].filter((value) => value > 0);
  const bandwidth = mbit.length === 0 ? "" : `, ${Math.min(...mbit)} Mbit/s`;
  const held = you?.limit ?? null;
  const note = held === null ? "" : held === "rate" ? "rate holds back" : "bandwidth holds back";
  return field(`${set.max_rate} /s${bandwidth}`, note, [
    ["pictures a second to one viewer", String(set.max_rate)],
    ["to one viewer", set.viewer_mbit > 0 ? `${set.viewer_mbit} Mbit/s` : "no limit"],
    [
      "to all viewers together",
      set.total_mbit > 0
        ? `${set.total_mbit} Mbit/s${set.loopback ? ", not counted for this viewer (same machine)" : ""}`
        : "no limit",
    ],
    [
      "holds images back now",
      held === null ? "nothing" : held === "rate" ? "the limit of pictures a second" : "the limit of bandwidth",
    ],
  ]);
}

/** Remembers when a counter grew last. */
export class AlarmMemory {
  private seen: number | null = null;
  private grewAt: number | null = null;

  /** The counter's value as of `now` (ms); returns how loud it has to be. */
  update(count: number, now: number): Alarm {
    if (this.seen !== null && count > this.seen) this.grewAt = now;
    this.seen = count;
    if (count === 0) return "none";
    return this.grewAt !== null && now - this.grewAt < 60_000 ? "now" : "past";
  }
}

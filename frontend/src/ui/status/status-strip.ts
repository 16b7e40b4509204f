/** The always visible numbers: above the picture what it is, below it the counters. */

import type { Hello, Status } from "../../contract";
import { el, setAttribute, setText } from "../dom";
import { icon } from "../icons";
import type { Detail, Popover } from "../popover";
import type { FieldId, FieldText } from "./status-text";

interface Cell {
  button: HTMLButtonElement;
  value: HTMLElement;
  note: HTMLElement;
  latest: FieldText;
}

const LABELS: Record<FieldId, string> = {
  pulse: "Pulse id",
  time: "Time of the picture",
  age: "Age",
  received: "Received",
  shown: "Shown",
  lost: "Lost before us",
  refused: "Refused",
  "not-sent": "Not sent here",
  replaced: "Replaced",
  limits: "Limits",
  viewers: "Viewers",
  format: "Transfer",
  latency: "Latency",
  rtt: "Round trip",
};
const UPPER: FieldId[] = ["pulse", "time", "age", "received", "shown", "lost", "refused"];
const LOWER: FieldId[] = ["not-sent", "replaced", "latency", "rtt", "limits", "viewers"];

export class StatusStrip {
  private readonly cells = new Map<FieldId, Cell>();
  private readonly lamp = el("span", { class: "lamp", "aria-hidden": "true" });
  private readonly address = el("span", { class: "address", "data-testid": "stream-address" }, "–");
  private readonly socket = el("span", { class: "badge", "data-testid": "socket-type" });
  private readonly shared = el(
    "span",
    { class: "badge badge-warning", "data-testid": "shared-warning", hidden: true },
    icon("warning"),
    "takes messages from other receivers",
  );
  private readonly stream = el(
    "button",
    { type: "button", class: "stream", "data-testid": "stream" },
    el("span", { class: "stream-name" }, this.lamp, this.address),
    this.socket,
    this.shared,
  );
  private streamDetail: Detail = [];

  constructor(top: HTMLElement, bottom: HTMLElement, popover: Popover, tools: HTMLElement) {
    const upper = el("div", { class: "strip strip-upper" });
    const lower = el("div", { class: "strip strip-lower" });
    for (const id of UPPER) upper.append(this.cell(id, popover));
    for (const id of LOWER) lower.append(this.cell(id, popover));
    popover.attach(this.stream, () => this.streamDetail);
    const more = el(
      "button",
      { type: "button", class: "more-counters", "aria-expanded": "false", "aria-controls": "counters" },
      icon("down"),
      "More numbers",
    );
    more.addEventListener("click", () => {
      const open = bottom.classList.toggle("open");
      setAttribute(more, "aria-expanded", String(open));
    });
    top.append(el("h1", { class: "for-screen-readers" }, "Stream online viewer"), this.stream, upper, tools);
    // Also seen where the others are folded away: nobody may take a preview for the image.
    bottom.append(el("div", { class: "strip strip-format" }, this.cell("format", popover)), more, lower);
  }

  update(fields: Record<FieldId, FieldText>): void {
    for (const [id, cell] of this.cells) {
      const text = fields[id];
      cell.latest = text;
      setText(cell.value, text.value);
      setText(cell.note, text.note);
      setAttribute(cell.button, "data-reduced", text.reduced);
      setAttribute(cell.button, "data-alarm", text.alarm === "none" ? null : text.alarm);
      setAttribute(
        cell.button,
        "title",
        text.detail.map(([what, value]) => (what === "" ? value : `${what}: ${value}`)).join("\n"),
      );
    }
  }

  /** Address, socket type and lamp. `live`: pictures or values arrive. */
  updateStream(
    hello: Hello | null,
    status: Status | null,
    lamp: "live" | "waiting" | "fault",
    connected: boolean,
  ): void {
    const source = status?.source ?? null;
    setText(this.address, hello?.stream ?? "not connected yet");
    const kind = source?.socket ?? null;
    setText(this.socket, kind === null ? "" : source?.guessed === true ? `${kind}, guessed` : kind);
    this.socket.hidden = kind === null;
    this.shared.hidden = source?.shared !== true;
    setAttribute(this.lamp, "data-state", lamp);
    document.documentElement.classList.toggle("disconnected", !connected);
    this.streamDetail = streamDetail(hello, status);
    setAttribute(this.stream, "title", this.streamDetail.map(([what, value]) => `${what}: ${value}`).join("\n"));
  }

  private cell(id: FieldId, popover: Popover): HTMLElement {
    const value = el("span", { class: "field-value", "data-testid": id });
    const note = el("span", { class: "field-note", "data-testid": `${id}-note` });
    const button = el(
      "button",
      { type: "button", class: `field field-${id}`, "data-field": id },
      el("span", { class: "field-label" }, LABELS[id]),
      el("span", { class: "field-line" }, icon("warning"), value, note),
    );
    const cell: Cell = {
      button,
      value,
      note,
      latest: { value: "", note: "", alarm: "none", reduced: false, detail: [] },
    };
    this.cells.set(id, cell);
    popover.attach(button, () => cell.latest.detail);
    return button;
  }
}

function streamDetail(hello: Hello | null, status: Status | null): Detail {
  if (hello === null || status === null) return [["stream", "not known yet"]];
  const { source } = status;
  return [
    ["stream", hello.stream],
    ...(source.origin === null ? [] : [["stands for", source.origin] as [string, string]]),
    ["state", source.text],
    ["socket of this server", source.socket === null ? "none yet" : source.socket],
    [
      "how it was chosen",
      source.guessed ? "guessed: the peer did not say what it is" : "by what the peer said, or by the option",
    ],
    ...(source.shared
      ? [
          [
            "other receivers",
            "PUSH gives each message to one receiver only: those that this server takes, others do not get",
          ] as [string, string],
        ]
      : []),
  ];
}

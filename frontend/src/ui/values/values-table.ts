/**
 * The table of the other channels. All texts are of one pulse, named above them. They are updated in place, and the
 * browser skips the layout of rows outside the window (content-visibility), so that 300 channels cost little.
 */

import type { LastValue, PulseValues, UnusableChannel } from "../../contract";
import { el, setAttribute, setText } from "../dom";
import type { TableSource } from "../status/live-state";
import { channelLabel } from "../status/counts";
import { HeldValues } from "./held-values";
import { matchesFilter, mergeOrder } from "./table-order";
import { ValueRow, type Entry } from "./value-row";
import { omittedText, scalarText, unusableText } from "./value-text";

const NOTES: Record<TableSource, string> = {
  picture: "on screen",
  sampled: "sampled ten times a second",
  newest: "newest, no picture",
  past: "",
};

const NOTHING_YET = "No values yet.";
/** Rows kept at most, absent ones included: a stream may invent a new name in every message. */
const MOST_ROWS = 2000;
const FORGET_AFTER_MS = 300_000;
/** A channel that no message lists for so long, or for three of its intervals, is not sent any more. */
const GONE_AFTER_MS = 10_000;

interface Known {
  row: ValueRow;
  /** when a message listed it last, with or without a value */
  seenAt: number;
  /** in the section of those that are not sent any more */
  gone: boolean;
}

export class ValuesTable {
  private readonly known = new Map<string, Known>();
  private readonly byElement = new WeakMap<Element, string>();
  private order: string[] = [];
  private filter = "";
  private extra = 0;
  private readonly pulse = el("strong", { class: "values-pulse", "data-testid": "table-pulse" }, "–");
  private readonly note = el("span", { class: "values-note", "data-testid": "table-note" });
  private readonly count = el("span", { class: "values-count", "data-testid": "table-count" });
  private readonly search = el("input", {
    type: "search",
    id: "filter",
    class: "search",
    placeholder: "Filter by name  ( / )",
    "aria-label": "Filter channels by name",
    autocomplete: "off",
    spellcheck: "false",
  });
  private readonly curves = section("curves", "Curves");
  private readonly texts = section("texts", "Values");
  private readonly gone = section("gone", "Not sent any more", false);
  private readonly held = new HeldValues();
  /** what is missing where there is no row */
  private nothing = NOTHING_YET;
  private readonly empty = el("p", { class: "values-empty" }, NOTHING_YET);
  private readonly scroller = el(
    "div",
    { class: "values-rows", "data-testid": "values-table" },
    this.curves.element,
    this.texts.element,
    this.gone.element,
    this.empty,
  );
  private readonly observer: IntersectionObserver;
  private readonly onOpen: (name: string) => void;

  constructor(host: HTMLElement, onOpen: (name: string) => void) {
    this.onOpen = onOpen;
    host.append(
      el(
        "div",
        { class: "values-head" },
        el("h2", { class: "values-title" }, "Pulse ", this.pulse),
        this.note,
        this.search,
        this.count,
      ),
      this.scroller,
    );
    this.observer = new IntersectionObserver(
      (changes) => {
        for (const change of changes) this.rowOf(change.target)?.setVisible(change.isIntersecting);
      },
      { root: this.scroller, rootMargin: "80px" },
    );
    this.search.addEventListener("input", () => {
      this.filter = this.search.value.trim();
      this.applyFilter();
    });
    this.search.addEventListener("keydown", (event) => this.searchKey(event));
    this.scroller.addEventListener("click", (event) => this.open(event.target));
    this.scroller.addEventListener("keydown", (event) => this.rowKey(event));
    this.scroller.addEventListener("focusin", (event) => this.focused(event.target));
  }

  /** Values of pulses between those that the table shows, for the channels that do not come with each. `now` in ms. */
  remember(last: Map<string, LastValue>, epoch: number, now: number): void {
    this.held.startEpoch(epoch);
    for (const [name, { scalar, sequence, pulseId }] of last)
      if (scalar.state === "value")
        this.held.note(name, { kind: "text", text: scalarText(scalar) }, sequence, String(pulseId), now);
  }

  /** `exclude`: the channel that is the picture. `unusable`: channels that cannot be used. `now` in ms. */
  update(
    values: PulseValues,
    source: TableSource,
    exclude: string | null,
    now: number,
    unusable: readonly UnusableChannel[] = [],
  ): void {
    const { sequence, pulseId, epoch } = values.pulse;
    const entries = entriesOf(values, exclude);
    addUnusable(entries, unusable, exclude);
    const pulse = String(pulseId);
    setText(this.pulse, pulse);
    this.nothing =
      exclude === null ? "The messages hold no values." : "The stream sends this image and no other values.";
    this.keepRows([...entries.keys()], now);
    this.held.startEpoch(epoch);
    let moved = false;
    for (const [name, known] of this.known) {
      const entry = entries.get(name);
      if (entry !== undefined) {
        known.seenAt = now;
        const curve = entry.kind === "array" || (known.row.curve && isEmpty(entry));
        moved ||= curve !== known.row.curve;
        known.row.curve = curve;
      }
      const gone = entry === undefined && this.isGone(name, known, source, now);
      moved ||= gone !== known.gone;
      known.gone = gone;
      const none = entry === undefined || (entry.kind === "text" && entry.text.tone === "null");
      if (!none) this.held.note(name, entry, sequence, pulse, now);
      const earlier = none && !gone ? this.held.of(name, sequence, now) : null;
      if (earlier !== null) known.row.hold(earlier);
      else known.row.update(entry ?? { kind: "absent" }, pulse, source !== "newest");
    }
    if (moved) this.place();
    this.counts();
  }

  /** Curves come only with a picture: without one nothing can be said of them. */
  private isGone(name: string, { row, seenAt }: Known, source: TableSource, now: number): boolean {
    return !(row.curve && source === "newest") && now - seenAt > Math.max(GONE_AFTER_MS, this.held.patience(name));
  }

  setSource(source: TableSource): void {
    setAttribute(this.note, "data-source", source);
    setText(this.note, NOTES[source]);
  }

  /** Forget all rows: another stream or another start of the server. */
  clear(): void {
    for (const name of [...this.known.keys()]) this.forget(name);
    setText(this.pulse, "–");
    setText(this.note, "");
    this.nothing = NOTHING_YET;
    this.place();
    this.counts();
  }

  focusFilter(): void {
    this.search.focus();
    this.search.select();
  }

  private keepRows(names: string[], now: number): void {
    const fresh = names.filter((name) => !this.known.has(name));
    const old = [...this.known].filter(([, known]) => now - known.seenAt > FORGET_AFTER_MS).map(([name]) => name);
    old.forEach((name) => this.forget(name));
    const overflow = this.known.size + fresh.length - MOST_ROWS;
    if (overflow > 0) {
      const present = new Set(names);
      [...this.known.keys()]
        .filter((name) => !present.has(name))
        .slice(0, overflow)
        .forEach((name) => this.forget(name));
    }
    const added = fresh.slice(0, Math.max(0, MOST_ROWS - this.known.size));
    this.extra = fresh.length - added.length;
    if (added.length === 0 && old.length === 0) return;
    for (const name of added) {
      const row = new ValueRow(name);
      this.known.set(name, { row, seenAt: now, gone: false });
      this.byElement.set(row.element, name);
      this.observer.observe(row.element);
      row.element.hidden = !matchesFilter(name, this.filter);
    }
    this.order = mergeOrder(
      this.order.filter((name) => this.known.has(name)),
      names.filter((name) => this.known.has(name)),
    );
    this.place();
  }

  private forget(name: string): void {
    const known = this.known.get(name);
    if (known === undefined) return;
    this.observer.unobserve(known.row.element);
    known.row.destroy();
    this.known.delete(name);
    this.held.forget(name);
    this.order = this.order.filter((other) => other !== name);
  }

  /** Put the rows into their sections, in order; untouched where they already are. */
  private place(): void {
    for (const part of [this.curves, this.texts, this.gone]) {
      const { body } = part;
      let next = body.firstElementChild;
      for (const name of this.order) {
        const known = this.known.get(name);
        if (known === undefined || this.partOf(known) !== part) continue;
        const { row } = known;
        if (row.element === next) next = next.nextElementSibling;
        else body.insertBefore(row.element, next);
      }
    }
    const rows = this.rows();
    if (rows.length > 0 && !rows.some((row) => row.tabIndex === 0)) rows[0]?.setAttribute("tabindex", "0");
  }

  private partOf({ row, gone }: Known): Section {
    return gone ? this.gone : row.curve ? this.curves : this.texts;
  }

  private applyFilter(): void {
    for (const [name, { row }] of this.known) row.element.hidden = !matchesFilter(name, this.filter);
    this.counts();
  }

  private counts(): void {
    const visible = (body: HTMLElement): number =>
      [...body.children].filter((row) => !(row as HTMLElement).hidden).length;
    let shown = 0;
    for (const part of [this.curves, this.texts, this.gone]) {
      const rows = visible(part.body);
      shown += rows;
      setText(part.count, String(rows));
      part.element.hidden = rows === 0;
    }
    const more = this.extra === 0 ? "" : `, ${this.extra} more not shown`;
    const gone = visible(this.gone.body);
    const sent = [...this.known.values()].filter((known) => !known.gone).length;
    setText(this.count, `${this.filter === "" ? "" : `${shown - gone} of `}${sent} channels${more}`);
    this.empty.hidden = shown > 0;
    setText(this.empty, this.known.size === 0 ? this.nothing : "No channel has such a name.");
  }

  private rows(): HTMLElement[] {
    return [...this.scroller.querySelectorAll<HTMLElement>(".section-rows:not([hidden]) > .row:not([hidden])")];
  }

  private rowOf(target: EventTarget | null): ValueRow | null {
    const element = target instanceof Element ? target.closest(".row") : null;
    return element === null ? null : (this.known.get(this.byElement.get(element) ?? "")?.row ?? null);
  }

  private open(target: EventTarget | null): void {
    if (target instanceof Element && target.closest(".row-full") !== null) return;
    const row = this.rowOf(target);
    if (row === null || row.toggle()) return;
    this.onOpen(row.element.dataset["channel"] ?? "");
  }

  private focused(target: EventTarget | null): void {
    const row = this.rowOf(target);
    if (row === null) return;
    for (const other of this.scroller.querySelectorAll('.row[tabindex="0"]')) setAttribute(other, "tabindex", -1);
    setAttribute(row.element, "tabindex", 0);
  }

  private rowKey(event: KeyboardEvent): void {
    if (event.key === "Enter" || event.key === " ") {
      if (this.rowOf(event.target) === null) return;
      event.preventDefault();
      this.open(event.target);
      return;
    }
    const rows = this.rows();
    const at = rows.findIndex((row) => row === document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    rows[Math.min(Math.max(to, 0), rows.length - 1)]?.focus();
  }

  private searchKey(event: KeyboardEvent): void {
    if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      this.rows()[0]?.focus();
    } else if (event.key === "Escape" && this.search.value !== "") {
      this.search.value = "";
      this.search.dispatchEvent(new Event("input"));
    }
  }
}

function entriesOf(values: PulseValues, exclude: string | null): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const [name, array] of values.arrays) entries.set(name, { kind: "array", array });
  for (const [name, scalar] of values.scalars) entries.set(name, { kind: "text", text: scalarText(scalar) });
  for (const [name, omitted] of values.omitted) entries.set(name, { kind: "text", text: omittedText(omitted) });
  if (exclude !== null) entries.delete(exclude);
  return entries;
}

/** Channels whose values cannot be used are in the table with the reason, also where no value of them is sent here. */
function addUnusable(entries: Map<string, Entry>, unusable: readonly UnusableChannel[], exclude: string | null): void {
  for (const channel of unusable) {
    const name = channelLabel(channel);
    const known = entries.get(name);
    const bare = known?.kind === "text" && known.text.tone === "invalid";
    if (name !== exclude && (known === undefined || bare))
      entries.set(name, { kind: "text", text: unusableText(channel) });
  }
}

/** A curve without value in this pulse keeps its place among the curves. */
function isEmpty(entry: Entry): boolean {
  return entry.kind === "absent" || (entry.kind === "text" && ["null", "invalid", "omitted"].includes(entry.text.tone));
}

interface Section {
  element: HTMLElement;
  body: HTMLElement;
  count: HTMLElement;
}

function section(id: string, title: string, open = true): Section {
  const body = el("div", { class: "section-rows", role: "treegrid", "aria-label": title, id: `section-${id}` });
  body.hidden = !open;
  const count = el("span", { class: "section-count" });
  const toggle = el(
    "button",
    { type: "button", class: "section-title", "aria-expanded": String(open), "aria-controls": body.id },
    title,
    count,
  );
  toggle.addEventListener("click", () => {
    body.hidden = !body.hidden;
    setAttribute(toggle, "aria-expanded", String(!body.hidden));
  });
  return { element: el("div", { class: "section", hidden: true }, toggle, body), body, count };
}

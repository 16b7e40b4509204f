/** All regions of interest with their numbers, and the buttons that make and delete them. */

import type { Roi, RoiStatistics } from "../../contract";
import type { AnalysisModel } from "../../ui/analysis/analysis-model";
import { el, setAttribute } from "../../ui/dom";
import { actionButton } from "../../ui/analysis/fields";
import { type Box, inTheMiddle, type ShapeKind } from "../../ui/stage/shape-edit";
import { RoiRow, sameKind } from "./roi-row";
import { SHAPE_NAMES, withoutRois, withRoi } from "./roi-set";
import type { Settings, SettingsStore } from "../../ui/settings";

const KINDS: readonly ShapeKind[] = ["rectangle", "ellipse", "line", "polygon"];

export class RoiList {
  private readonly list = el("ul", { class: "rois", "data-testid": "rois" });
  private readonly empty = el(
    "p",
    { class: "panel-note" },
    "Draw one with a tool beside the picture, or add one in the middle of what is seen.",
  );
  private readonly deleteAll = actionButton("Delete all", "roi-delete-all", () => this.clear());
  private readonly undo = actionButton("Undo delete", "roi-undo", () => this.restore());
  readonly element: HTMLElement;

  private readonly model: AnalysisModel;
  private readonly settings: SettingsStore;
  private readonly seen: () => Box | null;
  private rows = new Map<number, RoiRow>();
  private drawn: readonly Roi[] = [];
  /** what was there before the last delete */
  private before: Settings["rois"] | null = null;

  /** `seen`: the part of the image that is looked at; null: there is no picture. */
  constructor(model: AnalysisModel, settings: SettingsStore, seen: () => Box | null) {
    this.model = model;
    this.settings = settings;
    this.seen = seen;
    this.element = el(
      "section",
      { class: "panel-section", "aria-labelledby": "rois-title" },
      el("h2", { class: "panel-title", id: "rois-title" }, "Regions of interest"),
      el(
        "div",
        { class: "panel-buttons", role: "group", "aria-label": "Add a region" },
        el("span", { class: "panel-label" }, "Add"),
        ...KINDS.map((kind) => actionButton(SHAPE_NAMES[kind], `roi-add-${kind}`, () => this.add(kind))),
      ),
      this.empty,
      this.list,
      el("div", { class: "panel-buttons" }, this.deleteAll, this.undo),
    );
    settings.watch(["rois", "roi", "projections", "colours"], (now, before) => this.changed(now, before));
    this.draw(settings.now);
    this.update();
  }

  /** The numbers of the last analysis. */
  update(): void {
    const found = new Map<number, RoiStatistics>();
    for (const one of this.model.analysis?.rois ?? []) found.set(one.id, one);
    for (const [id, row] of this.rows) row.update(found.get(id), this.model.axes);
    for (const button of this.element.querySelectorAll("[data-testid^='roi-add-']"))
      setAttribute(button, "disabled", this.model.image === null);
  }

  private changed(now: Settings, before: Settings): void {
    if (
      now.rois === before.rois &&
      now.roi === before.roi &&
      now.projections === before.projections &&
      now.colours.levels === before.colours.levels
    )
      return;
    if (now.rois.length < before.rois.length) this.before = before.rois;
    else if (now.rois.length > before.rois.length) this.before = null;
    this.draw(now);
    if (now.rois.length !== before.rois.length) this.update();
    if (now.roi !== before.roi && now.roi !== null)
      this.rows.get(now.roi)?.element.scrollIntoView({ block: "nearest" });
  }

  private draw(settings: Settings): void {
    const focused = [...this.rows.values()].find(({ element }) => element.contains(document.activeElement));
    const place = focused === undefined ? -1 : this.drawn.findIndex(({ id }) => id === focused.id);
    const rows = new Map<number, RoiRow>();
    for (const roi of settings.rois) {
      const last = this.drawn.find(({ id }) => id === roi.id);
      const kept = last !== undefined && sameKind(last, roi) ? this.rows.get(roi.id) : undefined;
      rows.set(roi.id, kept ?? new RoiRow(roi, this.settings, () => this.model.image));
    }
    for (const [id, row] of this.rows) if (rows.get(id) !== row) row.element.remove();
    let index = 0;
    for (const { element } of rows.values()) {
      const there = this.list.children[index];
      if (there !== element) this.list.insertBefore(element, there ?? null);
      index += 1;
    }
    this.rows = rows;
    this.drawn = settings.rois;
    for (const row of rows.values()) row.draw(settings);
    this.empty.hidden = rows.size > 0;
    this.deleteAll.hidden = rows.size < 2;
    this.undo.hidden = this.before === null;
    // The keyboard stays in the list when its row is gone.
    if (focused !== undefined && rows.get(focused.id) !== focused) {
      const next = settings.rois[Math.min(place, settings.rois.length - 1)];
      if (next === undefined) this.undo.focus();
      else rows.get(next.id)?.focus();
    }
  }

  private add(kind: ShapeKind): void {
    const { image } = this.model;
    const seen = this.seen();
    if (image === null || seen === null) return;
    const added = withRoi(this.settings.now, inTheMiddle(kind, seen, image));
    this.settings.set(added);
    this.rows.get(added.roi)?.focus();
  }

  private clear(): void {
    this.settings.set(
      withoutRois(
        this.settings.now,
        this.settings.now.rois.map(({ id }) => id),
      ),
    );
    this.undo.focus();
  }

  private restore(): void {
    const { before } = this;
    if (before === null) return;
    this.before = null;
    this.settings.set({ rois: before });
    const first = before[0];
    if (first !== undefined) this.rows.get(first.id)?.focus();
  }
}

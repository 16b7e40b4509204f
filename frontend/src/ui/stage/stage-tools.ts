/** What looks at the picture and measures in it, put together: tools, marks, axes, steps back, and their keys. */

import type { Orientation } from "../../contract";
import { UPRIGHT } from "../../defaults";
import { mirrored, turned } from "../../render/orientation";
import { AxisStrips } from "../../tools/axes/axes";
import { AxisSource, type StreamValues } from "./calibration";
import { Tools } from "./handling";
import { History } from "./history";
import type { Keys } from "../keys";
import { KeyDrag } from "./key-drag";
import { Marks } from "./marks";
import { type Axes, PIXEL_AXES } from "./measure";
import { Minimap } from "./minimap";
import type { Overlay } from "./overlay";
import { RubberBand } from "./rubber-band";
import type { Settings, SettingsStore } from "../settings";
import type { Pixel } from "./probe";
import type { Stage } from "./stage";
import { lookKeys, toolKeys } from "./stage-keys";
import { stripGroups } from "./tool-buttons";
import { ToolStrip } from "./tool-strip";
import type { Focus } from "./view";
import { ViewMenu } from "./view-menu";

/** What steps back and forth go through. */
type Look = Pick<Settings, "focus" | "orientation">;

export interface StageToolsParts {
  stage: Stage;
  overlay: Overlay;
  settings: SettingsStore;
  keys: Keys;
  /** finds the beam and zooms there */
  zoomToBeam(): void;
  /** the axes are others */
  onAxes(axes: Axes): void;
}

export class StageTools {
  readonly tools = new Tools();
  readonly marks = new Marks();
  readonly strip: ToolStrip;
  readonly strips = new AxisStrips(PIXEL_AXES);
  readonly menu: ViewMenu;
  private readonly parts: StageToolsParts;
  private readonly history = new History<Look>();
  private readonly source = new AxisSource();
  private readonly keyDrag: KeyDrag;
  private axesNow: Axes = PIXEL_AXES;
  private shown: { of: readonly [number, number] } | null = null;

  constructor(parts: StageToolsParts) {
    const { stage, overlay, settings, keys } = parts;
    this.parts = parts;
    const band = new RubberBand(stage, overlay, this.tools);
    const map = new Minimap((place) => stage.centreOn(place));
    for (const layer of [map, band]) overlay.add(layer);
    for (const handler of [map, band]) stage.addHandler(handler);
    this.strip = new ToolStrip(stripGroups(this.tools, settings, this));
    this.menu = this.makeMenu();
    this.keyDrag = new KeyDrag(stage, this.tools);
    this.strips.setVisible(settings.now.axes);
    keys.add(...lookKeys(this, stage), ...toolKeys(this, this.tools, settings));
    this.tools.listen(() => {
      this.strip.update();
      this.strip.setSecond(this.tools.isSecond);
      stage.element.dataset["tool"] = this.tools.current;
    });
    stage.listen((placing) => this.strips.setPlacing(placing));
    settings.watch(["axes"], (now) => this.strips.setVisible(now.axes));
    settings.watch(["calibration"], () => this.updateAxes(null));
    settings.listen(() => this.strip.update());
  }

  /** The axes of the picture on screen; the same object while they are the same. */
  get axes(): Axes {
    return this.axesNow;
  }

  /** Another picture is on screen; `values`: those that came with it, null if none did. */
  setPicture(shown: { of: readonly [number, number] } | null, values: StreamValues | null): void {
    this.shown = shown;
    this.updateAxes(values);
  }

  setPixel(pixel: Pixel | null): void {
    this.strips.setPixel(pixel);
  }

  /** The user moved the view. */
  moved(focus: Focus | null, group: string | null): void {
    this.history.record({ focus, orientation: this.parts.settings.now.orientation }, group);
    this.menu.update();
  }

  undo(): void {
    this.look(this.history.undo(this.present));
  }

  redo(): void {
    this.look(this.history.redo(this.present));
  }

  /** View, orientation and tools as by default. What is marked stays. */
  reset(): void {
    if (this.tools.current !== "pan") this.tools.choose("pan");
    const { focus, orientation } = this.present;
    if (focus !== null || orientation !== UPRIGHT) this.history.record({ focus, orientation }, null);
    this.look({ focus: null, orientation: UPRIGHT });
  }

  turn(times: 1 | 3): void {
    let { orientation } = this.present;
    for (let done = 0; done < times; done += 1) orientation = turned(orientation);
    this.orient(orientation);
  }

  mirror(axis: "x" | "y"): void {
    this.orient(mirrored(this.present.orientation, axis));
  }

  zoomToBeam(): void {
    this.parts.zoomToBeam();
  }

  /** Ends what is being done: a drag, then the tool in hand; false: nothing is. */
  escape(): boolean {
    if (this.parts.stage.cancelDrag() || this.keyDrag.cancel()) return true;
    if (this.tools.current === "pan") {
      this.marks.letGo();
      return false;
    }
    this.tools.choose("pan");
    return true;
  }

  /** Move the pixel that is read out, and what is dragged with it. */
  movePixel(rows: number, columns: number): void {
    this.parts.stage.movePixel(rows, columns);
    this.keyDrag.moved();
  }

  /** Begin what the tool in hand does at the pixel that is read out, or end it there; false: nothing of the kind. */
  enter(): boolean {
    return this.keyDrag.enter();
  }

  private get present(): Look {
    const { focus, orientation } = this.parts.settings.now;
    return { focus, orientation };
  }

  private look(look: Look | null): void {
    if (look === null) return;
    this.parts.settings.set(look);
    this.menu.update();
  }

  private orient(orientation: Orientation): void {
    this.history.record(this.present, null);
    const { transpose, mirrorX, mirrorY } = orientation;
    this.parts.settings.set({ orientation: transpose || mirrorX || mirrorY ? orientation : UPRIGHT });
    this.menu.update();
  }

  private updateAxes(values: StreamValues | null): void {
    const axes = this.source.axesFor(this.parts.settings.now, this.shown, values);
    if (axes === this.axesNow) return;
    this.axesNow = axes;
    this.strips.setAxes(axes);
    this.parts.overlay.invalidate();
    this.parts.onAxes(axes);
  }

  private makeMenu(): ViewMenu {
    const { stage } = this.parts;
    return new ViewMenu([
      { name: "fit", icon: "fit", text: "Fit", key: "0", press: () => stage.fit() },
      { name: "fill", icon: "rectangle", text: "Fill the stage", key: "l", press: () => stage.fill() },
      { name: "1", icon: null, text: "1 : 1", key: "1", press: () => stage.scaleTo(1) },
      { name: "2", icon: null, text: "2 : 1", key: "2", press: () => stage.scaleTo(2) },
      { name: "beam", icon: "beam", text: "Zoom to the beam", key: "b", press: () => this.zoomToBeam() },
      {
        name: "undo",
        icon: "undo",
        text: "Undo",
        key: "z",
        press: () => this.undo(),
        enabled: () => this.history.canUndo,
      },
      {
        name: "redo",
        icon: "redo",
        text: "Redo",
        key: "Shift+Z",
        press: () => this.redo(),
        enabled: () => this.history.canRedo,
      },
      { name: "reset", icon: null, text: "Reset the view", key: "r", press: () => this.reset() },
    ]);
  }
}

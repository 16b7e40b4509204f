/** What a tool is on the page. Each is a folder here, and a line in `results`, `switches`, `computing`, `index` and `views`. */

import type { Analysis, Orientation } from "../contract";
import type { IconName } from "../ui/icons";
import type { SettingsStore } from "../ui/settings";
import type { Overlay } from "../ui/stage/overlay";
import type { ToolName } from "./results";

/** What is there before a tool is switched on: its button and its key. The rest is loaded (`views.ts`). */
export interface Tool {
  /** of its setting and its result too */
  readonly name: ToolName;
  readonly icon: IconName;
  /** on the button and in the help */
  readonly label: string;
  readonly key: string;
}

/** What a tool is given of the page. */
export interface ToolParts {
  settings: SettingsStore;
  overlay: Overlay;
}

/** A tool that was switched on once. It draws and tells while its setting is on. */
export interface OpenTool {
  /** in the page *Analysis* of the panel */
  readonly card: HTMLElement;
  /** the essentials, on the picture and in a saved one */
  readonly note: HTMLElement;
  /**
   * Shows a result, or what is known without one.
   *
   * @param on whether the tool is on; @param beside whether the note is wanted, because nobody sees the card
   */
  update(state: ToolState, on: boolean, beside: boolean): void;
  /** another result is to be drawn on the picture */
  draw(state: ToolState, on: boolean): void;
}

export interface ToolState {
  /** the last one that was computed, with the results of the tools; null: none was */
  analysis: Analysis | null;
  orientation: Orientation;
}

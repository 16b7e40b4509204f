/**
 * What a tool is on the page. Each is a folder here: what is there at once stands in the list of `index.ts`, what is
 * loaded after the first picture, or when it is switched on, in that of `views.ts`.
 */

import type { Analysis, News, Orders, PulseValues, Shown } from "../contract";
import type { Message, Senders } from "../contract/kinds";
import type { AnalysisModel } from "../ui/analysis/analysis-model";
import type { IconName } from "../ui/icons";
import type { Keys } from "../ui/keys";
import type { Settings, SettingsStore } from "../ui/settings";
import type { SidePanel } from "../ui/side-panel";
import type { EdgeScales } from "../ui/stage/edge-scale";
import type { ToolName as HandName, Tools as Hands } from "../ui/stage/handling";
import type { Marks } from "../ui/stage/marks";
import type { Axes } from "../ui/stage/measure";
import type { Overlay } from "../ui/stage/overlay";
import type { Stage } from "../ui/stage/stage";
import type { Around } from "./save/save-picture";
import type { SaveSource } from "./save/save";

/** A button beside the picture and its key, which the help lists by the label. */
export type ToolButton = {
  /** for tests: `tool-` and this */
  readonly name: string;
  readonly icon: IconName;
  readonly label: string;
  readonly key: string;
} & (
  | {
      /** what it takes in hand */
      readonly hand: HandName;
      /** the key does more, and the tool's view registers it */
      readonly ownKey?: true;
    }
  | {
      /** it switches something on and off */
      isOn(settings: Settings): boolean;
      toggled(settings: Settings): Partial<Settings>;
    }
);

/** What is there of a tool before the first picture. */
export interface Tool {
  /** among which buttons its own are */
  readonly group: "marks" | "regions" | "shown" | "computed";
  readonly buttons: readonly ToolButton[];
}

/** What a tool is given of the page. */
export interface ToolParts {
  settings: SettingsStore;
  stage: Stage;
  overlay: Overlay;
  hands: Hands;
  marks: Marks;
  keys: Keys;
  panel: SidePanel;
  worker: Senders<Orders>;
  /** what is known of the pictures; brought up to date before a tool is told */
  model: AnalysisModel;
  /** shared by all curves along the edges of the picture */
  scales: EdgeScales;
  /** axes of the image on screen */
  axes(): Axes;
  /** takes the button of something that is done with the picture */
  addBesidePause(element: HTMLElement): void;
  /** lets something look at all that is seen with the picture, the numbers of all tools among it */
  withAround<T>(use: (around: Around) => T): T;
  /** what is on the page when something is saved */
  save(): SaveSource;
}

/** Pages of the panel for what tools say, by the name of their tab. */
export type ToolPage = "analysis" | "correct";

/** A tool whose view is there. What it has no use for it leaves out. */
export interface OpenTool {
  /** what it says in the panel, and the page for it */
  readonly card?: { page: ToolPage; element: HTMLElement };
  /** on the picture, always; above the notes */
  readonly sign?: HTMLElement;
  /** the essentials, on the picture and in a saved one, while nobody sees the card */
  readonly note?: HTMLElement;
  /** on the picture, at a place of its own */
  readonly over?: HTMLElement;
  /** below the picture */
  readonly below?: HTMLElement;
  /** ten times a second, and when something was computed */
  refresh?(): void;
  /** something else was computed, which is drawn with the next animation frame */
  draw?(before: Analysis | null): void;
  /**
   * Texts change now, no faster than they can be read.
   *
   * @param beside nobody sees the card, and the note is wanted
   */
  update?(beside: boolean): void;
  /** a picture was drawn, with the values of its pulse or without */
  shown?(shown: Shown, values: PulseValues | null): void;
  /** there is no picture any more */
  cleared?(): void;
  /** another stream */
  forget?(): void;
  /** an answer of the picture worker, perhaps to this one */
  answer?(message: Message<News, "snapshot" | "pixels">): void;
}

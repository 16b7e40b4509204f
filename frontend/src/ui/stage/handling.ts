/** What a pointer may take hold of on the stage before it moves the picture. */

import type { Placing } from "./placing";
import type { Point } from "./view";

export interface PointerHow {
  shift: boolean;
  /** Ctrl, or Cmd on a Mac */
  control: boolean;
  alt: boolean;
  /** how near is near enough, CSS pixels: more for a finger */
  reach: number;
}

/** Something that is being dragged. */
export interface Grab {
  move(at: Point, placing: Placing, how: PointerHow): void;
  /** `cancelled`: the browser took the pointer away, or Escape was pressed: all is as before */
  end(cancelled: boolean): void;
}

/** Who is asked last comes first; without one, among the aids. */
const RANKS = ["marks", "aids", "regions", "lines"] as const;

export interface Handler {
  readonly rank?: (typeof RANKS)[number];
  /** Takes hold of what is at a point; null: nothing of its own is there. */
  grab(at: Point, placing: Placing, how: PointerHow): Grab | null;
  /** CSS cursor over a point; null: nothing of its own is there. */
  cursor(at: Point, placing: Placing, how: PointerHow): string | null;
  /** The point was clicked or tapped, without a move; true: that was meant for this one. */
  click?(at: Point, placing: Placing, how: PointerHow): boolean;
}

/** Adds one to those that are asked in turn: of the same rank, who comes later is asked first. */
export function addHandler(handlers: Handler[], handler: Handler): void {
  const rank = rankOf(handler);
  const after = handlers.findIndex((other) => rankOf(other) <= rank);
  handlers.splice(after < 0 ? handlers.length : after, 0, handler);
}

function rankOf({ rank }: Handler): number {
  return RANKS.indexOf(rank ?? "aids");
}

/** What a press on the free picture begins. */
export type ToolName =
  | "pan"
  | "zoom"
  | "marker"
  | "ruler"
  | "line"
  | "roi-rectangle"
  | "roi-ellipse"
  | "roi-line"
  | "roi-polygon";

/** The tool that is chosen; not part of the settings, because a view that is sent to somebody has no tool in hand. */
export class Tools {
  private name: ToolName = "pan";
  private second = false;
  private readonly listeners: ((name: ToolName) => void)[] = [];

  get current(): ToolName {
    return this.name;
  }

  /** The marker tool in hand sets the second marker. */
  get isSecond(): boolean {
    return this.second;
  }

  /** Takes a tool in hand, or with the one that is in hand already puts it away. */
  choose(name: ToolName): void {
    this.take(name === this.name ? "pan" : name, false);
  }

  /** As `choose`, but the marker tool is first changed to the second marker. */
  press(name: ToolName): void {
    if (name === "marker" && this.name === "marker" && !this.second) this.take("marker", true);
    else this.choose(name);
  }

  /** Whether things that lie on the picture may be taken hold of: not while another tool is in hand. */
  leaves(...own: ToolName[]): boolean {
    return this.name === "pan" || own.includes(this.name);
  }

  private take(name: ToolName, second: boolean): void {
    this.name = name;
    this.second = second;
    for (const listener of this.listeners) listener(name);
  }

  listen(listener: (name: ToolName) => void): void {
    this.listeners.push(listener);
  }
}

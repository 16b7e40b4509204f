/** Tools that are dragged with a mouse, by keys: Enter begins at the pixel that is read out, and ends at another one. */

import type { Grab, PointerHow, ToolName, Tools } from "./handling";
import type { Placing } from "./placing";
import type { Point } from "./view";

/** What it needs of the stage. */
export interface KeyStage {
  readonly placing: Placing | null;
  readonly pixel: { row: number; column: number } | null;
  movePixel(rows: number, columns: number): void;
  hold(at: Point, how: PointerHow): Grab | null;
}

const DRAGGED: readonly ToolName[] = ["zoom", "ruler", "line", "roi-rectangle", "roi-ellipse", "roi-line"];
/** No handle is near: keys take nothing that lies there already. */
const HOW: PointerHow = { shift: false, control: false, alt: false, reach: 0 };

export class KeyDrag {
  private readonly stage: KeyStage;
  private readonly tools: Tools;
  private grab: Grab | null = null;

  constructor(stage: KeyStage, tools: Tools) {
    this.stage = stage;
    this.tools = tools;
    tools.listen(() => this.cancel());
  }

  /** Begins or ends; false: no tool in hand is dragged. */
  enter(): boolean {
    const { grab } = this;
    if (grab === null) {
      if (!DRAGGED.includes(this.tools.current)) return false;
      if (this.stage.pixel === null) this.stage.movePixel(0, 0);
      const at = this.point();
      this.grab = at === null ? null : this.stage.hold(at, HOW);
      return true;
    }
    this.moved();
    this.grab = null;
    grab.end(false);
    return true;
  }

  /** The pixel that is read out is another one. */
  moved(): void {
    const { placing } = this.stage;
    const at = this.point();
    if (at !== null && placing !== null) this.grab?.move(at, placing, HOW);
  }

  /** Gives up what was begun; false: nothing was. */
  cancel(): boolean {
    const { grab } = this;
    this.grab = null;
    grab?.end(true);
    return grab !== null;
  }

  private point(): Point | null {
    const { placing, pixel } = this.stage;
    return placing === null || pixel === null ? null : placing.toStage({ x: pixel.column, y: pixel.row });
  }
}

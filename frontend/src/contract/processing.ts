/** Changes of the pixels before they are drawn and analysed. */

import type { NoContent } from "./kinds";

/** Changes of the pixels before they are drawn and analysed. */
export interface ProcessingWish {
  /** subtract the background, if there is one */
  background: boolean;
  /** what is below becomes zero, after the subtraction; null: without */
  threshold: number | null;
  average: { mode: "off" | "running" | "accumulate"; frames: number };
}

export interface ProcessingState {
  background: {
    /** `off`: there is one, not subtracted; `dropped`: it did not fit any more, see `reason` */
    state: "none" | "taking" | "on" | "off" | "dropped";
    /** frames that are in it, of so many */
    taken: number;
    frames: number;
    /** when the last of them was received, ms since 1970; its pulse */
    since: number | null;
    pulseId: bigint | null;
    reason: string | null;
  };
  threshold: number | null;
  average: { mode: "off" | "running" | "accumulate"; frames: number /** that are in it now */; taken: number };
  /** why nothing is done although it is wanted, in words for the user: there are no exact pixels of the whole image */
  waiting: string | null;
}

export interface ProcessingOrders {
  process: { wish: ProcessingWish };
  /** take the average of the next so many frames as background; 0: forget it */
  background: { frames: number };
  /** begin the average or accumulation anew */
  "restart-average": NoContent;
}

export interface ProcessingNews {
  processing: { state: ProcessingState };
}

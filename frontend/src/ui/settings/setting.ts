/** What a setting is. Each is declared once, in a module of this folder; the list of all is in `index.ts`. No DOM. */

import type { Orders, Roi } from "../../contract";
import type { Senders } from "../../contract/kinds";

export interface Setting<Value> {
  /** before anybody changed it */
  readonly usual: Value;
  /** its value in an address, whole: what is missing or broken is as usual */
  read(parameters: URLSearchParams): Value;
  /** sets what differs from the usual; `rois`: all regions, which are named by their place among them */
  write(value: Value, parameters: URLSearchParams, rois: readonly Roi[]): void;
  /** tells the picture worker of another value; absent: it need not know, or follows from several (`analysis-wish.ts`) */
  tell?(worker: Senders<Orders>, value: Value): void;
  /** another value means another picture: nobody chooses one to go on looking at the one that is held */
  readonly endsPause?: true;
}

/** One that a parameter alone holds. */
export function simple<Value>(
  name: string,
  usual: Value,
  read: (text: string) => Value | undefined,
  write: (value: Value) => string,
  more: Pick<Setting<Value>, "tell" | "endsPause"> = {},
): Setting<Value> {
  return {
    usual,
    read: (parameters) => {
      const text = parameters.get(name);
      return text === null ? usual : (read(text) ?? usual);
    },
    write: (value, parameters) => {
      if (value !== usual) parameters.set(name, write(value));
    },
    ...more,
  };
}

/** What is off until somebody switches it on: in an address its name with 1. */
export function offSwitch(name: string): Setting<boolean> {
  return simple<boolean>(
    name,
    false,
    (text) => text === "1",
    () => "1",
  );
}

/** So many finite numbers between commas; null if it is anything else. */
export function finiteNumbers(text: string | null, count: number): number[] | null {
  if (text === null) return null;
  const parts = text.split(",");
  if (parts.length !== count || parts.some((part) => part.trim() === "")) return null;
  const values = parts.map(Number);
  return values.every(Number.isFinite) ? values : null;
}

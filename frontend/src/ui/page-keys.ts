/** Keys of the page itself and of the colours; those of the stage and of the analysis are registered there. */

import type { ColourControls } from "../tools/levels/colour-controls";
import type { KeyBinding } from "./keys";

export interface PageActions {
  colours: ColourControls;
  togglePause(): void;
  togglePanel(): void;
  filter(): void;
  help(): void;
}

export function pageKeys({ colours, togglePause, togglePanel, filter, help }: PageActions): KeyBinding[] {
  const page = { group: "Page" } as const;
  const colour = { group: "Colours" } as const;
  return [
    { keys: ["p"], ...page, text: "pause, resume", action: togglePause },
    { keys: [" "], ...page, text: "the same, on the picture", onPicture: true, action: togglePause },
    { keys: ["a"], ...colour, text: "automatic levels", action: () => colours.automatic() },
    { keys: ["x"], ...colour, text: "fix the present levels", action: () => colours.fix() },
    { keys: ["i"], ...colour, text: "turn the colours around", action: () => colours.invert() },
    { keys: ["n"], ...colour, text: "next colour map", action: () => colours.nextMap(1) },
    { keys: ["Shift+N"], ...colour, text: "colour map before", action: () => colours.nextMap(-1) },
    { keys: ["q"], ...colour, text: "next scale: linear, log, ...", action: () => colours.nextScale() },
    { keys: [","], ...colour, text: "less of the values along the colour bar", action: () => colours.zoomLevels(2) },
    { keys: ["."], ...colour, text: "more of them", action: () => colours.zoomLevels(0.5) },
    { keys: ["t"], ...page, text: "show or hide the panel", action: togglePanel },
    { keys: ["/"], ...page, text: "filter the table of values by name", action: filter },
    { keys: ["?"], ...page, text: "this help", action: help },
  ];
}

/** Opens the tools that are on, and hands them what is computed. */

import { el } from "../ui/dom";
import type { KeyBinding, Keys } from "../ui/keys";
import type { ToolStrip } from "../ui/stage/tool-strip";
import { TOOLS } from "./index";
import type { ToolName } from "./results";
import type { OpenTool, Tool, ToolParts, ToolState } from "./tool";
import { VIEWS } from "./views";

/** Loading is tried again after this time: the server may be away for a moment. */
const AGAIN_MS = 2000;
/** So often in a row may it fail before it is said. */
const PATIENCE = 5;

export interface ToolHostParts extends ToolParts {
  keys: Keys;
  strip: ToolStrip;
  /** a tool was opened: it has to be shown what there is */
  opened(): void;
  failing(text: string): void;
}

export class ToolHost {
  /** what the open tools say, in the panel and on the picture */
  readonly cards = el("div", { class: "tool-cards" });
  readonly notes = el("div", { class: "tool-notes" });
  private readonly parts: ToolHostParts;
  private readonly open = new Map<Tool, OpenTool>();
  private readonly loading = new Set<Tool>();

  constructor(parts: ToolHostParts) {
    this.parts = parts;
    const { settings } = parts;
    const toggle = (name: ToolName): void => settings.set({ [name]: !settings.now[name] });
    parts.keys.add(
      ...TOOLS.map(({ name, key, label }): KeyBinding => {
        return { keys: [key], group: "Tools and marks", text: label, action: () => toggle(name) };
      }),
    );
    parts.strip.add(
      TOOLS.map(({ name, ...look }) => {
        return { ...look, name, press: () => toggle(name), pressed: () => settings.now[name] };
      }),
    );
    settings.watch(
      TOOLS.map(({ name }) => name),
      () => {
        parts.strip.update();
        this.load();
        parts.opened();
      },
    );
    this.load();
  }

  /** Tells of the last result; `beside`: nobody sees the cards. */
  update(state: ToolState, beside: boolean): void {
    for (const [{ name }, open] of this.open) open.update(state, this.parts.settings.now[name], beside);
  }

  /** Another result is there. */
  draw(state: ToolState): void {
    for (const [{ name }, open] of this.open) open.draw(state, this.parts.settings.now[name]);
  }

  private load(): void {
    for (const tool of TOOLS) if (this.parts.settings.now[tool.name]) this.loadOne(tool, 1);
  }

  private loadOne(tool: Tool, attempt: number): void {
    if (this.open.has(tool) || (attempt === 1 && this.loading.has(tool))) return;
    this.loading.add(tool);
    VIEWS[tool.name]().then(
      (make) => this.add(tool, make(this.parts)),
      () => {
        if (attempt === PATIENCE) this.parts.failing(`${tool.label} could not be loaded yet.`);
        window.setTimeout(() => this.loadOne(tool, attempt + 1), AGAIN_MS);
      },
    );
  }

  private add(tool: Tool, opened: OpenTool): void {
    this.open.set(tool, opened);
    // In the order of the list, whichever came first.
    const inOrder = TOOLS.flatMap((one) => this.open.get(one) ?? []);
    this.cards.replaceChildren(...inOrder.map(({ card }) => card));
    this.notes.replaceChildren(...inOrder.map(({ note }) => note));
    this.parts.opened();
  }
}

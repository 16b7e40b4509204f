import type { Tool } from "../tool";

export const ruler: Tool = {
  group: "marks",
  buttons: [{ name: "ruler", icon: "ruler", label: "Ruler", key: "u", hand: "ruler" }],
};

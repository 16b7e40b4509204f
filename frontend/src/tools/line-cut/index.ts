import type { Tool } from "../tool";

export const lineCut: Tool = {
  group: "marks",
  buttons: [{ name: "line", icon: "cut", label: "Line cut", key: "k", hand: "line" }],
};

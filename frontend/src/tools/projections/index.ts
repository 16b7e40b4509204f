import type { Tool } from "../tool";

export const projections: Tool = {
  group: "shown",
  buttons: [
    {
      name: "profiles",
      icon: "profiles",
      label: "Profiles",
      key: "d",
      isOn: ({ projections: { on } }) => on,
      toggled: ({ projections: now }) => ({ projections: { ...now, on: !now.on } }),
    },
  ],
};

import type { Tool } from "../tool";

export const markers: Tool = {
  group: "marks",
  buttons: [
    {
      name: "marker",
      icon: "marker",
      label: "Marker; press twice for the second one",
      key: "m",
      hand: "marker",
      ownKey: true,
    },
  ],
};

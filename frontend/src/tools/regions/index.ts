import type { Tool } from "../tool";

export const regions: Tool = {
  group: "regions",
  buttons: [
    { name: "roi-rectangle", icon: "rectangle", label: "Rectangular region", key: "o", hand: "roi-rectangle" },
    { name: "roi-ellipse", icon: "ellipse", label: "Elliptic region", key: "Shift+O", hand: "roi-ellipse" },
    { name: "roi-line", icon: "segment", label: "Line as region", key: "Shift+L", hand: "roi-line" },
    { name: "roi-polygon", icon: "polygon", label: "Polygonal region", key: "Shift+P", hand: "roi-polygon" },
  ],
};

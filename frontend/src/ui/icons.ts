/** The page's own icons: strokes on a grid of 16, drawn in the colour of the text around them. */

const PATHS = {
  pause: "M5.2 3v10M10.8 3v10",
  play: "M4.6 2.8L13 8l-8.4 5.2z",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  fit: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  help: "M5.6 6a2.4 2.4 0 1 1 3.6 2.1c-.8.5-1.2 1-1.2 1.9M8 12.6v.2",
  close: "M4 4l8 8M12 4l-8 8",
  warning: "M8 2.2L14.4 13.4H1.6zM8 6.4v3.4M8 11.5v.2",
  panel: "M2 3h12v10H2zM10 3v10",
  more: "M3.4 8h.2M7.9 8h.2M12.4 8h.2",
  clock: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.6V8l2.4 1.6",
  link: "M3 13L13 3M4.6 8.2l-2 2a2.3 2.3 0 0 0 3.2 3.2l2-2M11.4 7.8l2-2a2.3 2.3 0 0 0-3.2-3.2l-2 2",
  save: "M8 2.5v7.5M4.8 7L8 10.2 11.2 7M2.5 11.5v2h11v-2",
  down: "M4 6l4 4 4-4",
  move: "M8 2v12M2 8h12M6.3 3.7L8 2l1.7 1.7M6.3 12.3L8 14l1.7-1.7M3.7 6.3L2 8l1.7 1.7M12.3 6.3L14 8l-1.7 1.7",
  zoomBox: "M1.5 4.5v-3h3M7.5 1.5h3v2M1.5 7.5v3h2M11.4 11.4l3.1 3.1M8.8 5.2a3.6 3.6 0 1 0 0 7.2 3.6 3.6 0 0 0 0-7.2z",
  marker: "M8 1.5v13M1.5 8h13M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  ruler: "M10.8 1.8l3.4 3.4-9 9-3.4-3.4zM8.6 4l1.6 1.6M6.4 6.2L8 7.8M4.2 8.4l1.6 1.6",
  cut: "M3 13L13 3M1.8 11.4l2.6 2.8M11.6 1.8l2.6 2.8",
  rectangle: "M2.5 4h11v8h-11z",
  ellipse: "M8 3.8c3 0 5.5 1.9 5.5 4.2S11 12.2 8 12.2 2.5 10.3 2.5 8 5 3.8 8 3.8z",
  segment: "M4.1 11.9l7.8-7.8M3 11.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM13 1.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z",
  polygon: "M8 2.2l5.8 4.3-2.2 7H4.4l-2.2-7z",
  profiles: "M2.5 2v11.5H14M5 11c1.8 0 2.2-6.5 4-6.5s2.2 6.5 4 6.5",
  axes: "M3 2v11h11M3 4.5h2M3 8.5h2M6.5 13v-2M10.5 13v-2",
  reticle: "M8 2v12M2 8h12M6.7 4.5h2.6M6.7 11.5h2.6M4.5 6.7v2.6M11.5 6.7v2.6",
  turnRight: "M12.8 6A5.2 5.2 0 1 0 13.2 9M13.2 2.4V6H9.6",
  turnLeft: "M3.2 6A5.2 5.2 0 1 1 2.8 9M2.8 2.4V6h3.6",
  mirrorX: "M8 2v12M5.8 4.5v7H2zM10.2 4.5v7H14z",
  mirrorY: "M2 8h12M4.5 5.8h7V2zM4.5 10.2h7V14z",
  beam:
    "M8 5.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4zM8 1.5v2M8 12.5v2" +
    "M1.5 8h2M12.5 8h2M3.4 3.4l1.4 1.4M11.2 11.2l1.4 1.4M12.6 3.4l-1.4 1.4M4.8 11.2l-1.4 1.4",
  beamFit: "M3 13a7.1 3.4-45 1 1 10-10 7.1 3.4-45 1 1-10 10L13 3M6 6l4 4",
  undo: "M3 6h6.5a3.5 3.5 0 0 1 0 7H6M6 3L3 6l3 3",
  redo: "M13 6H6.5a3.5 3.5 0 0 0 0 7H10M10 3l3 3-3 3",
  image: "M2 3h12v10H2zM2 11l3.6-3.6 3 3L10.4 8.6 14 12M10.4 5.6h.2",
} as const;

export type IconName = keyof typeof PATHS;

/** An SVG element that a screen reader skips; the control around it carries the name. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

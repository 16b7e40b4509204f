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

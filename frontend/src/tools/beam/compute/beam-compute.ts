import type { ToolSample } from "../../computing";
import { fitBeam } from "./fit";
import type { BeamFit } from "./result";

/** The beam of a whole image. */
export function computeBeam({ pixels, sent, columns, rows, axes, saturation }: ToolSample): BeamFit {
  return fitBeam({
    pixels,
    columns,
    region: { x: 0, y: 0, width: columns, height: rows },
    place: { x: 0, y: 0 },
    axes,
    saturation: saturation === null ? null : { pixels: sent, level: saturation },
  });
}

import { numbers, type Place } from "../../ui/settings/place";
import { finiteNumbers, type Setting, simple } from "../../ui/settings/setting";

/** two places whose distance is measured */
const ruler: Setting<[Place, Place] | null> = simple<[Place, Place] | null>(
  "ruler",
  null,
  (text) => {
    const [x0, y0, x1, y1] = finiteNumbers(text, 4) ?? [];
    if (x0 === undefined || y0 === undefined || x1 === undefined || y1 === undefined) return undefined;
    return [
      { x: x0, y: y0 },
      { x: x1, y: y1 },
    ];
  },
  (value) => (value === null ? "" : numbers(...value.flatMap(({ x, y }) => [x, y]))),
);

export const rulerSettings = { ruler };

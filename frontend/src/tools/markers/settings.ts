/** The places of both markers. */

import { numbers, type Place, placeOf } from "../../ui/settings/place";
import type { Setting } from "../../ui/settings/setting";

type Markers = [first: Place | null, second: Place | null];

const NO_MARKERS: Markers = [null, null];

const markers: Setting<Markers> = {
  usual: NO_MARKERS,
  read(parameters) {
    const first = placeOf(parameters.get("marker"));
    const second = placeOf(parameters.get("marker2"));
    return first === null && second === null ? NO_MARKERS : [first, second];
  },
  write([first, second], parameters) {
    if (first !== null) parameters.set("marker", numbers(first.x, first.y));
    if (second !== null) parameters.set("marker2", numbers(second.x, second.y));
  },
};

export const markerSettings = { markers };

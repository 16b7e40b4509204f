import { type Setting, simple } from "../../ui/settings/setting";

const axes: Setting<boolean> = simple(
  "axes",
  true,
  (text) => text !== "0",
  () => "0",
);

export const axesSettings = { axes };

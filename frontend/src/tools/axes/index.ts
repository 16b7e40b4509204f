import { switchTool } from "../switch-tool";

export const axes = switchTool("axes", { group: "shown", icon: "axes", label: "Axes", key: "g" });

import { switchTool } from "../switch-tool";

export const reticle = switchTool("reticle", { group: "shown", icon: "reticle", label: "Reticle", key: "e" });

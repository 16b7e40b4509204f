import { offSwitch } from "../../ui/settings/setting";

export const reticleSettings = { reticle: offSwitch("reticle") };

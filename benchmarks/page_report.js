// Added to the page by page_server.py: posts once a second what the workers say was shown and computed.
"use strict";
{
  let rows = [];
  let analyses = [];
  let last = "";
  let drawnBy = null;
  let choice = null;

  const take = ({ data }) => {
    if (data.type === "analysis") analyses.push([performance.timeOrigin + performance.now(), data.analysis.tookMs]);
    if (data.type !== "shown") return;
    const { shown } = data;
    const identity = `${shown.pulse.epoch} ${shown.pulse.sequence}`;
    // Told again when its values come late.
    if (identity === last || shown.pulse.sourceTime === null) return;
    last = identity;
    drawnBy = shown.renderer;
    choice = `${shown.choice} (${shown.format}, ${shown.shape.toReversed().join("x")})`;
    rows.push([
      Number(shown.pulse.sourceTime / 1000n) / 1000,
      shown.drawnAt,
      shown.legs.serverMs,
      shown.legs.decodeMs,
      shown.legs.drawMs,
      shown.bytes,
    ]);
  };

  window.Worker = class extends Worker {
    constructor(...options) {
      super(...options);
      this.addEventListener("message", take);
    }
  };

  // The numbers of regions are computed while somebody sees them.
  const panel = new URLSearchParams(location.search).get("open");
  const opening = setInterval(() => {
    const tab = panel === null ? null : document.getElementById(`tab-${panel}`);
    tab?.click();
    if (panel === null || tab !== null) clearInterval(opening);
  }, 200);

  const driver = () => {
    const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
    const details = gl?.getExtension("WEBGL_debug_renderer_info") ?? null;
    return gl === null
      ? null
      : String(gl.getParameter(details === null ? gl.RENDERER : details.UNMASKED_RENDERER_WEBGL));
  };
  const webgl = driver();

  setInterval(() => {
    if (rows.length === 0) return;
    const body = JSON.stringify({
      agent: navigator.userAgent,
      webgl,
      drawnBy,
      choice,
      rows,
      analyses,
      size: [innerWidth, innerHeight, devicePixelRatio],
      // By how much the clock of the rows is ahead of the wall clock.
      clockMs: performance.timeOrigin + performance.now() - Date.now(),
    });
    rows = [];
    analyses = [];
    void fetch("benchmark", { method: "POST", body });
  }, 1000);
}

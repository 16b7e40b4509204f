// Put before the page's first script by first_picture_server.py: posts once what the first picture took.
{
  const START_PAGE = `http://127.0.0.1:${location.port}/benchmark/start`;
  const LEAVE_MS = 700;
  const marks = {};
  let told = false;

  const mark = (name) => {
    marks[name] ??= performance.timeOrigin + performance.now();
  };

  const tell = (shown) => {
    const [page] = performance.getEntriesByType("navigation");
    const loads = [page, ...performance.getEntriesByType("resource")].map(
      ({ name, startTime, responseEnd, transferSize, encodedBodySize }) => ({
        name: name.replace(/.*\//, ""),
        startTime,
        responseEnd,
        transferSize,
        encodedBodySize,
      }),
    );
    return fetch("benchmark", {
      method: "POST",
      body: JSON.stringify({
        agent: navigator.userAgent,
        size: [innerWidth, innerHeight, devicePixelRatio],
        navigation: performance.timeOrigin,
        html: performance.timeOrigin + page.responseEnd,
        ...marks,
        loads,
        drawnBy: shown.renderer,
        receipt: Number(shown.pulse.receiptTime / 1000n) / 1000,
        // What is not of the server or of the network happened after it arrived.
        arrived: shown.drawnAt - (shown.ageMs - shown.legs.serverMs - (shown.legs.networkMs ?? 0)),
        decodeMs: shown.legs.decodeMs,
        drawMs: shown.legs.drawMs,
        drawn: shown.drawnAt,
        painted: performance.getEntriesByType("paint").map(({ name, startTime }) => [name, startTime]),
      }),
    });
  };

  window.Worker = class extends Worker {
    constructor(...options) {
      mark("script");
      super(...options);
      this.addEventListener("message", ({ data }) => {
        mark("worker");
        if (data.type !== "shown" || told) return;
        told = true;
        // The next load begins elsewhere, when this one has come to rest.
        setTimeout(() => tell(data.shown).then(() => location.replace(START_PAGE)), LEAVE_MS);
      });
    }

    postMessage(...message) {
      mark("built");
      super.postMessage(...message);
    }
  };
}

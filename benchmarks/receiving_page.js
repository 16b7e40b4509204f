// Takes the turns of receiving_server.py one after the other, each in a worker of its own.
"use strict";
const post = (path, what) => fetch(path, { method: "POST", body: JSON.stringify(what) });

const take = (turn) =>
  new Promise((resolve) => {
    const worker = new Worker("worker.js");
    worker.onmessage = async ({ data }) => {
      if (data === "first") {
        await post("begun", turn);
        setTimeout(() => worker.postMessage("end"), turn.seconds * 1000);
        return;
      }
      worker.terminate();
      await post("found", data);
      resolve();
    };
    worker.postMessage(turn);
  });

(async () => {
  for (;;) {
    const turn = await (await fetch("turn")).json();
    if (turn === null) return;
    await take(turn);
  }
})();

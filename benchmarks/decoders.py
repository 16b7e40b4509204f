"""The page's two decoders of bitshuffle + LZ4 in turns on the same images, in node and in a worker of a Chromium.

The Chromium runs without test driver. Its worker fetches the payloads, decodes them again and again, and posts its
figures. Both times contain everything that the page waits for, the copy into WebAssembly's memory too.
"""

import http.server
import json
import os
import queue
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.missing import Missing, unless_missing
from benchmarks.report import Section, amount, parser, say, spread
from tests.browsers import find_chromium, plain_chromium
from tests.scripts import script

ROOT = Path(__file__).resolve().parent.parent
ANSWER_S = 300.0

WORKER = """
import { measure } from "./decoders.mjs";
const bytes = async (name) => new Uint8Array(await (await fetch(name)).arrayBuffer());
try {
  const { cases, rounds, seconds } = await (await fetch("plan.json")).json();
  for (const image of cases) image.payload = await bytes(image.name + ".bin");
  await fetch("report", { method: "POST", body: JSON.stringify(measure(cases, rounds, seconds)) });
} catch (error) {
  await fetch("report", { method: "POST", body: JSON.stringify({ error: String(error) }) });
}
"""
PAGE = """<!doctype html><title>decoders</title>
<script type="module">new Worker("worker.mjs", { type: "module" });</script>
"""
NODE = """
import { readFileSync } from "node:fs";
import { measure } from "./decoders.mjs";
const { cases, rounds, seconds } = JSON.parse(readFileSync("plan.json", "utf8"));
for (const image of cases) image.payload = new Uint8Array(readFileSync(image.name + ".bin"));
console.log(JSON.stringify(measure(cases, rounds, seconds)));
"""

Times = dict[str, dict[str, list[float]]]


def images() -> dict[str, NDArray[Any]]:
    """Return a wide spot on noise, as doubles and as counts of three cameras."""
    random = np.random.default_rng(8888)

    def spot(rows: int, columns: int) -> NDArray[np.float64]:
        y, x = np.mgrid[:rows, :columns]
        height = np.exp(-0.5 * (((x - columns / 2) / (columns / 12)) ** 2 + ((y - rows / 2) / (rows / 12)) ** 2))
        spot: NDArray[np.float64] = 3000 * height + random.normal(100, 3, (rows, columns))
        return spot

    return {
        "640x480 float64": spot(480, 640),
        "2560x2160 uint16": spot(2160, 2560).round().astype(np.uint16),
        "1280x1024 uint16": spot(1024, 1280).round().astype(np.uint16),
        "640x480 uint8": (spot(480, 640) / 16).round().clip(0, 255).astype(np.uint8),
    }


def prepare(folder: Path, rounds: int, seconds: float) -> dict[str, int]:
    """Write payloads, plan and programs into a folder; return the bytes of each payload. Raise Missing."""
    try:
        import bitshuffle
    except ImportError:
        raise Missing("bitshuffle is missing, which has no wheels for this Python") from None
    npm = script("frontend").find_npm()
    if npm is None:
        raise Missing("there is no node, and none in the environment")
    cases, sizes = [], {}
    for name, image in images().items():
        payload = struct.pack(">QI", image.nbytes, 0) + bitshuffle.compress_lz4(image).tobytes()
        (folder / f"{name}.bin").write_bytes(payload)
        cases.append({"name": name, "elements": image.size, "itemBytes": image.itemsize})
        sizes[name] = len(payload)
    (folder / "plan.json").write_text(json.dumps({"cases": cases, "rounds": rounds, "seconds": seconds}))
    (folder / "worker.mjs").write_text(WORKER)
    (folder / "node.mjs").write_text(NODE)
    (folder / "index.html").write_text(PAGE)
    config = ROOT / "benchmarks" / "decoders.config.ts"
    command = [*npm[0], "exec", "--", "vite", "build", "--config", str(config), "--outDir", str(folder)]
    built = subprocess.run(command, cwd=ROOT / "frontend", env=npm[1], capture_output=True, text=True, check=False)
    if built.returncode:
        raise RuntimeError(built.stderr)
    return sizes


def in_node(folder: Path) -> Times:
    """Return the figures of node."""
    npm = script("frontend").find_npm()
    environment = npm[1] if npm else dict(os.environ)
    done = subprocess.run(
        ["node", "node.mjs"], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=ANSWER_S
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    result: Times = json.loads(done.stdout)
    return result


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, queue.Queue[bytes]]]:
    """Serve a folder on a free port; yield the address, and a queue of what is posted to it."""
    posted: queue.Queue[bytes] = queue.Queue()

    class Handler(http.server.SimpleHTTPRequestHandler):
        extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript"}

        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(folder))

        def do_POST(self) -> None:
            posted.put(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/", posted
        finally:
            server.shutdown()


def in_chromium(folder: Path, chromium: str) -> Times:
    """Return the figures of a worker in Chromium."""
    with serving(folder) as (url, posted), plain_chromium(chromium, url):
        try:
            answer = json.loads(posted.get(timeout=ANSWER_S))
        except queue.Empty:
            raise TimeoutError("the worker posted nothing") from None
    if "error" in answer:
        raise RuntimeError(answer["error"])
    result: Times = answer
    return result


def rows(where: str, times: Times, sizes: dict[str, int]) -> list[list[str]]:
    """Return the rows of the table: medians, and the spread of the ratio over the rounds."""
    result = []
    for name, of in times.items():
        ratios = [wasm / typescript for wasm, typescript in zip(of["wasm"], of["typescript"], strict=True)]
        result.append(
            [
                f"{name}, {where}",
                f"{sizes[name] / 1e6:.2f}",
                f"{statistics.median(of['wasm']):.3f}",
                f"{statistics.median(of['typescript']):.3f}",
                spread(ratios, 2),
                f"{of['wasmFirst'][0]:.1f}, {of['wasmFirst'][-1]:.1f}",
                f"{of['typescriptFirst'][0]:.1f}, {of['typescriptFirst'][-1]:.1f}",
            ]
        )
    return result


HEAD = ("image", "MB", "WebAssembly ms", "TypeScript ms", "ratio", "WebAssembly 1st, 8th ms", "TypeScript 1st, 8th ms")


def main() -> int:
    """Measure in node, then in Chromium."""
    options = parser(__doc__, seconds=0.2, runs=9)
    given = options.parse_args()
    chromium = find_chromium(say)
    rounds = amount(given.runs, given.quick, 5, 9)
    seconds = amount(given.seconds, given.quick, 0.1, 0.2)
    section = Section("decoders", "Decoding bitshuffle + LZ4 in the page", given.json, "decoders")
    section.notes.append(f"{rounds} rounds, in each {seconds:g} s with one decoder, then with the other")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sizes = prepare(folder, rounds, seconds)
        figures: dict[str, Times] = {}
        found: list[list[str]] = []
        places = {"node": lambda: in_node(folder), "Chromium": lambda: in_chromium(folder, chromium)}
        for where, run in places.items():
            say(where)
            times = section.attempt(where, run)
            if times is not None:
                figures[where] = times
                found += rows(where, times, sizes)
                section.put([("", HEAD, found)], [], times=figures, bytes=sizes)
    return section.end()


if __name__ == "__main__":
    sys.exit(unless_missing(main))

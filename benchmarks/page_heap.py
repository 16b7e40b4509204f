"""Memory of the page over time, with all tools open: heaps of its threads, WebGL objects, and the whole browser's.

Asked over the browser's debugging port, once a minute, after a collection of garbage in every thread. Such a port does
not make the browser copy messages, as a test driver's instructions do. The first quarter is warm-up.
"""

import itertools
import json
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from benchmarks.cpu import family
from benchmarks.memory import growth, quarters
from benchmarks.missing import unless_missing
from benchmarks.report import Aim, Section, amount, parser, say, slope
from tests.browsers import find_chromium, plain_chromium
from tests.server import running_server
from tests.simulator import running_simulator
from tests.support import find_free_port, wait_until

STREAM = ("--scene", "camera", "--compression", "bitshuffle_lz4", "--size", "1280x1024", "--rate", "10")
TOOLS = (
    "#format=exact&profiles=1&roi=rect:a:100,100,600,500&roi=ellipse:b:400,300,300,200&roi=rect:c:20,20,100,100"
    "&line=10,10,900,700,3&average=running,8&marker=200,200&marker2=700,500&ruler=100,100,800,600&beam=1"
)
PANELS = ("analysis", "values", "analysis")
"""The pages of the side panel that are opened before each sample."""
OBJECTS = (
    "WebGLTexture",
    "WebGLBuffer",
    "WebGLProgram",
    "ImageBitmap",
    "ArrayBuffer",
    "OffscreenCanvas",
    "MessagePort",
)
"""What is counted, as a snapshot of the heap names it."""
MINUTES, QUICK_MINUTES = 30.0, 1.0
EVERY_SECONDS = 60.0
FEWEST_SAMPLES = 8
GROWTH_PERCENT = 5.0
NAMES = ("heap", "buffers", "browser")
HEAD = ("what", "in the second quarter", "in the last", "growth %", "slope per hour", "largest")


@dataclass
class Sample:
    """Seconds since the beginning; MB of all heaps, of memory of buffers, of the browser; numbers of objects."""

    seconds: float
    heap: float
    buffers: float
    browser: float
    objects: dict[str, int]
    threads: int

    def of(self, name: str) -> float:
        """Return one figure by its name."""
        return float(self.objects[name] if name in self.objects else getattr(self, name))


class DevTools:
    """One page and its workers, by the protocol of Chromium's developer tools."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self._threads: dict[str, None] = {}
        self._snapshot: list[str] = []
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.page = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        self._threads[self.page] = None
        follow = {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": True}
        self.call("Target.setAutoAttach", self.page, **follow)

    @property
    def threads(self) -> list[str]:
        """The page and each worker that lives."""
        return list(self._threads)

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Return the result of a command. Raise RuntimeError if the browser refuses it."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        self._connection.send(json.dumps(message | ({} if session is None else {"sessionId": session})))
        while True:
            told = json.loads(self._connection.recv(timeout=60.0))
            if told.get("method") == "Target.attachedToTarget":
                self._threads[told["params"]["sessionId"]] = None
            elif told.get("method") == "Target.detachedFromTarget":
                self._threads.pop(told["params"]["sessionId"], None)
            elif told.get("method") == "HeapProfiler.addHeapSnapshotChunk":
                self._snapshot.append(told["params"]["chunk"])
            elif told.get("id") == number:
                if "error" in told:
                    raise RuntimeError(f"{method}: {told['error'].get('message')}")
                result: dict[str, Any] = told["result"]
                return result

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression on the page."""
        return self.call("Runtime.evaluate", self.page, expression=expression, returnByValue=True)["result"].get(
            "value"
        )

    def objects(self, session: str) -> Counter[str]:
        """Return how many objects of each of OBJECTS a thread holds, from a snapshot of its heap."""
        self._snapshot.clear()
        self.call("HeapProfiler.takeHeapSnapshot", session)
        snapshot = json.loads("".join(self._snapshot))
        self._snapshot.clear()
        nodes, names = snapshot["nodes"], snapshot["strings"]
        fields = snapshot["snapshot"]["meta"]["node_fields"]
        counted = Counter(names[name] for name in nodes[fields.index("name") :: len(fields)])
        return Counter({kind: counted[kind] for kind in OBJECTS})


def sample(tools: DevTools, browser: int, seconds: float) -> Sample:
    """Collect the garbage of all threads and look at what is left."""
    heap = buffers = 0.0
    for session in tools.threads:
        tools.call("HeapProfiler.collectGarbage", session)
        usage = tools.call("Runtime.getHeapUsage", session)
        heap += (usage["usedSize"] + usage.get("embedderHeapUsedSize", 0)) / 1e6
        buffers += usage.get("backingStorageSize", 0) / 1e6
    objects = sum((tools.objects(session) for session in tools.threads), Counter[str]())
    found = {kind: objects[kind] for kind in OBJECTS}
    return Sample(seconds, heap, buffers, proportional_mb(browser), found, len(tools.threads))


def proportional_mb(pid: int) -> float:
    """Return the memory of a process and its descendants in MB; what several share counts once."""
    total = 0
    for member in family(pid):
        with suppress(OSError):
            lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1000


def measure(chromium: str, minutes: float, every: float, note: Callable[[list[Sample]], None]) -> list[Sample]:
    """Return all samples; ``note`` is called after each."""
    samples: list[Sample] = []
    port = find_free_port()
    with (
        running_simulator(*STREAM, "--mode", "pub") as (_, stream),
        running_server(stream, "--mode", "sub") as server,
        plain_chromium(
            chromium, server.url() + TOOLS, f"--remote-debugging-port={port}", "--window-size=1440,900"
        ) as browser,
    ):
        wait_until(lambda: _address(port) is not None, 30.0, "the browser's debugging port")
        with connect(_address(port) or "", max_size=None, compression=None) as connection:
            tools = DevTools(connection)
            wait_until(lambda: tools.evaluate("document.getElementById('tab-analysis') !== null"), 30.0, "the panels")
            begin = time.monotonic()
            while (now := time.monotonic() - begin) < minutes * 60:
                for panel in PANELS:
                    tools.evaluate(f"document.getElementById('tab-{panel}')?.click()")
                samples.append(sample(tools, browser.pid, now))
                say(f"page_heap, {now:.0f} of {minutes * 60:.0f} s: {asdict(samples[-1])}")
                note(samples)
                time.sleep(max(0.0, every - (time.monotonic() - begin - now)))
    return samples


def _address(port: int) -> str | None:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/json/version", timeout=5) as answer:
        return str(json.load(answer)["webSocketDebuggerUrl"])
    return None


def row(samples: Sequence[Sample], name: str) -> list[str]:
    """Return the row of one figure."""
    before, after = quarters(samples, name)
    warm = [(one.seconds / 3600, one.of(name)) for one in samples if one.seconds >= samples[-1].seconds / 4]
    digits = 0 if name in OBJECTS else 1
    values = (before, after, growth(samples, name), slope(warm)[0], max(one.of(name) for one in samples))
    label = name if name in OBJECTS else f"{name}, MB"
    return [label, *(f"{value:.{1 if at == 2 else digits}f}" for at, value in enumerate(values))]


def main() -> int:
    """Measure what the options say."""
    options = parser(__doc__)
    options.add_argument("--minutes", type=float, metavar="M", help=f"altogether (default: {MINUTES:g})")
    options.add_argument(
        "--every", type=float, metavar="S", help=f"seconds between samples (default: {EVERY_SECONDS:g})"
    )
    given = options.parse_args()
    minutes = amount(given.minutes, given.quick, QUICK_MINUTES, MINUTES)
    every = amount(given.every, given.quick, 5.0, EVERY_SECONDS)
    chromium = find_chromium(say)
    section = Section(
        "page_heap", "Memory of the page with all tools open", given.json, f"page_heap --minutes {minutes:g}"
    )
    section.notes = [
        f"1280x1024 exact at 10 Hz for {minutes:g} minutes with projections, fits, three regions, a line cut, running "
        f"averages, markers, ruler and the beam fit; a sample every {every:g} s, after a collection of garbage."
    ]

    def put(samples: Sequence[Sample]) -> None:
        enough = len(samples) >= FEWEST_SAMPLES
        section.put(
            [("", HEAD, [row(samples, name) for name in (*NAMES, *OBJECTS)] if enough else [])],
            [
                Aim(
                    f"the page's {name} over {minutes:g} minutes: growth after the warm-up",
                    GROWTH_PERCENT,
                    values,
                    " %",
                )
                for name, values in ((name, [growth(samples, name)] if enough else []) for name in NAMES)
            ],
            samples=[asdict(one) for one in samples],
        )

    put(section.attempt("page_heap", partial(measure, chromium, minutes, every, put)) or [])
    return section.end()


if __name__ == "__main__":
    sys.exit(unless_missing(main))

"""All measurements one after the other: ``make bench-full``, or with ``--quick`` a few short ones: ``make bench``.

Each is a program of its own that adds what it finds to one file as soon as it has it. One that fails, or takes far too
long, is noted as failed, and the rest goes on. At the end of a full run the tables of docs/performance.md are made.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from benchmarks import document
from benchmarks.cpu import family
from benchmarks.report import save, say

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
END_SECONDS = 30.0
"""Seconds for an interrupted part to end what it has started."""


@dataclass(frozen=True)
class Part:
    """A program of this folder, whether it belongs to a quick run, and the seconds after which it is given up."""

    name: str
    quick: bool
    limit: float
    options: tuple[str, ...] = ()
    """Its options in a full run."""


PARTS = (
    Part("drain", True, 600),
    Part("passthrough", True, 300),
    Part("fanout", True, 900),
    Part("processes", False, 600),
    Part("viewers", True, 1200),
    Part("peers", False, 1200),
    Part("slow", True, 300),
    Part("words", False, 600),
    Part("scalars", True, 300),
    Part("growth", False, 600),
    Part("latency", True, 1200),
    Part("analysis", False, 900),
    Part("first_picture", False, 600, ("--runs", "3", "--loads", "3")),
    Part("pieces", False, 900),
    Part("receiving", False, 300),
    Part("decoders", False, 300),
    Part("memory", False, 600),
)


def run_part(part: Part, options: Sequence[str], path: Path | None) -> dict[str, Any]:
    """Run one program, pass on its output, and return its result."""
    command = [sys.executable, "-m", f"benchmarks.{part.name}", *options]
    if path is not None:
        _forget(path, part.name)
        command += ["--json", str(path)]
    begin = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        # A shell ignores Ctrl-C in background processes; here it is how a part is ended.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    last: list[str] = []
    reader = threading.Thread(target=_pass_on, args=(process, last), daemon=True)
    reader.start()
    late = False
    try:
        code = process.wait(part.limit)
    except subprocess.TimeoutExpired:
        late, code = True, _stop(process)
    except KeyboardInterrupt:
        _stop(process)
        raise
    reader.join(END_SECONDS)
    reason = ""
    if late:
        reason = f"ended after {part.limit:g} s"
    elif code:
        reason = f"exit code {code}; its last words: {last[0] if last else 'none'}"
    return {"state": "failed" if reason else "done", "reason": reason, "seconds": time.monotonic() - begin}


def _pass_on(process: "subprocess.Popen[str]", last: list[str]) -> None:
    """Write the output of a part, and keep its last line."""
    for line in process.stderr or ():
        sys.stderr.write(line)
        if line.strip():
            last[:] = [line.strip()[:300]]


def _stop(process: "subprocess.Popen[str]") -> int:
    """Interrupt a part, which then ends what it has started; kill everything that is left of it."""
    members = family(process.pid)
    process.send_signal(signal.SIGINT)
    try:
        return process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        for pid in members:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return process.wait()


def _forget(path: Path, name: str) -> None:
    """Remove the section of an earlier run from the file, so that a failure does not leave old figures."""
    if path.exists():
        results = json.loads(path.read_text("utf-8"))
        results.pop(name, None)
        path.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


def main() -> int:
    """Run all parts and return 1 if any failed."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0], allow_abbrev=False)
    options.add_argument("--quick", action="store_true", help="fewer and shorter; no file unless --json is given")
    options.add_argument("--json", type=Path, metavar="FILE", help="default: benchmarks/results/DATE-full.json")
    options.add_argument("--part", action="append", choices=[part.name for part in PARTS], help="may be repeated")
    options.add_argument("--wait", default="0", metavar="SECONDS", help="see the parts")
    given = options.parse_args()
    path = given.json
    if path is None and not given.quick:
        path = RESULTS / f"{date.today().isoformat()}-full.json"
    parts = [part for part in PARTS if (part.name in given.part if given.part else part.quick or not given.quick)]
    passed_on = [*(["--quick"] if given.quick else []), "--wait", given.wait]
    earlier = json.loads(path.read_text("utf-8")).get("run", {}) if path is not None and path.exists() else {}
    run: dict[str, Any] = {"began": datetime.now().isoformat(timespec="seconds"), "parts": earlier.get("parts", {})}
    begin = time.monotonic()
    for part in parts:
        say(f"== {part.name}")
        run["parts"][part.name] = run_part(part, [*passed_on, *([] if given.quick else part.options)], path)
        run["seconds"] = time.monotonic() - begin
        save(path, "run", run)
        say(f"== {part.name}: {run['parts'][part.name]['state']}, {run['parts'][part.name]['seconds']:.0f} s")
    if path is not None and not given.quick:
        document.write(path)
    failed = [part.name for part in parts if run["parts"][part.name]["state"] != "done"]
    took = f"{(time.monotonic() - begin) / 60:.1f} minutes"
    print(f"\n{len(parts) - len(failed)} of {len(parts)} parts done in {took}")
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

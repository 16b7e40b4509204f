"""Run all tests: those of the page, then those of Python and in browsers side by side, then those that measure.

Ends with code 1 if anything failed, after everything was run, and prints how long each step took and how much of the
cores it used. From Python 3.12 on, and with ``--coverage`` on every Python, the lines of ``stream_online_viewer/`` that
no test reaches are printed at the end; the server's processes count too.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MONITORING = sys.version_info >= (3, 12)
"""From 3.12 on Python itself tells which lines are reached, which costs a quarter more processor time; before, it costs
four fifths more, so only who asks pays."""

CORES = len(os.sched_getaffinity(0))


def side_by_side(processes: int) -> list[str]:
    """Return the options for so many processes, each of which gets whole files: their tests share a server and a page.

    In the order of the folders, so that the long files of ``hostile`` and ``integration`` are not the last.
    """
    return ["--numprocesses", str(processes), "--dist", "loadfile", "--no-loadscope-reorder"]


# Most of the time of those without a browser is waiting for other processes; a browser computes more than it waits.
STEPS = {
    "side by side": ["-m", "not browser and not alone", *side_by_side(2 * CORES), "--ignore=tests/browser"],
    "in browsers, side by side": ["-m", "browser and not alone", *side_by_side(CORES + 1)],
    "alone": ["-m", "alone"],
}


def run(name: str, command: list[str], environment: dict[str, str], took: list[str]) -> bool:
    """Run one step and note how long it took. Return whether it passed."""
    begun, used = time.monotonic(), _children_seconds()
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        code = process.wait()
    except KeyboardInterrupt:
        # It reached the step too, which still says what failed until then.
        process.wait()
        raise
    seconds, used = time.monotonic() - begun, _children_seconds() - used
    verdict = "" if code == 0 else f", FAILED with code {code}"
    took.append(f"{name}: {seconds:.0f} s, {used / seconds:.1f} of {CORES} cores{verdict}")
    return code == 0


def _children_seconds() -> float:
    """Return the processor time of all processes that have ended, of those that this one started and of theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Run all tests: of the page, of Python, in browsers.",
        allow_abbrev=False,
        epilog="Other options are passed to pytest, which then runs only what they choose.",
    )
    parser.add_argument(
        "--coverage",
        action=argparse.BooleanOptionalAction,
        help="print the lines that no test reaches (default: for all tests, from Python 3.12 on)",
    )
    options, given = parser.parse_known_args()
    coverage = options.coverage if options.coverage is not None else MONITORING and not given
    python, environment = [sys.executable], dict(os.environ)
    # Without them each of hundreds of servers would compile the package anew, a quarter of a second each.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    steps = {"pytest": given} if given else STEPS
    took: list[str] = []
    passed = run("vitest", [*python, "scripts/frontend.py", "test"], environment, took)

    folder = Path(tempfile.mkdtemp(prefix="coverage-"))
    if coverage:
        environment["COVERAGE_FILE"] = str(folder / "data")
        if MONITORING:
            environment["COVERAGE_CORE"] = "sysmon"
    pytest = [*python, "-m", *(["coverage", "run", "-m"] if coverage else []), "pytest", "--durations=15"]
    try:
        for name, arguments in steps.items():
            passed &= run(name, [*pytest, *arguments], environment, took)
        if coverage:
            subprocess.run([*python, "-m", "coverage", "combine", "--quiet"], cwd=ROOT, env=environment, check=False)
            subprocess.run([*python, "-m", "coverage", "report"], cwd=ROOT, env=environment, check=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not coverage and not given:
        print("make coverage prints the lines that no test reaches; from Python 3.12 on make test does, too")
    print("\n".join(took))
    return int(not passed)


if __name__ == "__main__":
    sys.exit(main())

"""Run all tests: those of the page, then those of Python and in browsers side by side, then those that measure.

Ends with code 1 if anything failed, after everything was run, and prints what took how long. With ``--coverage`` the
lines of ``stream_online_viewer/`` that no test reaches are printed at the end; the server's processes count too.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MONITORING = sys.version_info >= (3, 12)
"""From 3.12 on Python itself tells which lines are reached, which costs less. Measured, processor time of the tests: a
third more, and four fifths more before 3.12; therefore only who asks pays."""

# Whole files, because the tests of one share a server and a page.
SIDE_BY_SIDE = ["--numprocesses", "auto", "--dist", "loadfile"]
STEPS = {
    "side by side": ["-m", "not browser and not alone", *SIDE_BY_SIDE, "--ignore=tests/browser"],
    "in browsers, side by side": ["-m", "browser and not alone", *SIDE_BY_SIDE],
    "alone": ["-m", "alone"],
}


def run(name: str, command: list[str], environment: dict[str, str], took: list[str]) -> bool:
    """Run one step and note how long it took. Return whether it passed."""
    begun = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        code = process.wait()
    except KeyboardInterrupt:
        # It reached the step too, which still says what failed until then.
        process.wait()
        raise
    took.append(f"{name}: {time.monotonic() - begun:.0f} s{'' if code == 0 else f', FAILED with code {code}'}")
    return code == 0


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Run all tests: of the page, of Python, in browsers.",
        allow_abbrev=False,
        epilog="Other options are passed to pytest, which then runs only what they choose.",
    )
    parser.add_argument("--coverage", action="store_true", help="print the lines that no test reaches")
    options, given = parser.parse_known_args()
    python, environment = [sys.executable], dict(os.environ)
    steps = {"pytest": given} if given else STEPS
    took: list[str] = []
    passed = run("vitest", [*python, "scripts/frontend.py", "test"], environment, took)

    folder = Path(tempfile.mkdtemp(prefix="coverage-"))
    if options.coverage:
        environment["COVERAGE_FILE"] = str(folder / "data")
        if MONITORING:
            environment["COVERAGE_CORE"] = "sysmon"
    pytest = [*python, "-m", *(["coverage", "run", "-m"] if options.coverage else []), "pytest"]
    try:
        for name, arguments in steps.items():
            passed &= run(name, [*pytest, *arguments], environment, took)
        if options.coverage:
            subprocess.run([*python, "-m", "coverage", "combine", "--quiet"], cwd=ROOT, env=environment, check=False)
            subprocess.run([*python, "-m", "coverage", "report"], cwd=ROOT, env=environment, check=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(took))
    return int(not passed)


if __name__ == "__main__":
    sys.exit(main())

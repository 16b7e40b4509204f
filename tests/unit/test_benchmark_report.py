"""What the benchmarks make of their figures: verdicts, lines, and the tables of the document."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import pytest

from benchmarks import document, peers
from benchmarks.before_after import verdict, with_programs_of_this
from benchmarks.cpu import Usage
from benchmarks.crowd import Got, Turn
from benchmarks.report import Aim, Section, slope, spread
from tests.support import deadline

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("values", "sense", "verdict"),
    [
        ([1.0, 1.1, 1.15], "at most", "met"),
        ([1.1, 1.1, 1.2], "at most", "undecided"),
        ([1.2, 1.3], "at most", "missed"),
        ([55.0, 60.0], "at least", "met"),
        ([54.9, 60.0], "at least", "undecided"),
        ([40.0], "at least", "missed"),
        ([], "at most", "not measured"),
    ],
)
def test_spread_that_straddles_the_aim_is_undecided(
    values: Any, sense: Literal["at most", "at least"], verdict: str
) -> None:
    """All runs have to agree, whatever the median says."""
    assert Aim("what", 1.15 if sense == "at most" else 55.0, values, sense=sense).verdict == verdict


def test_spread_shows_median_smallest_and_largest() -> None:
    """One value stands alone; none is a dash."""
    assert spread([3.0, 1.0, 2.0]) == "2.0 (1.0-3.0)"
    assert spread([1.25], 2) == "1.25"
    assert spread([None]) == "-"


def test_slope_is_that_of_the_least_squares() -> None:
    """Against a line that is known, with deviations that cancel out."""
    assert slope([(0, 1), (1, 3), (2, 5)]) == (2.0, 1.0)
    assert slope([(0, 0), (0, 2), (10, 10), (10, 12)]) == (1.0, 1.0)


def measured(path: Path) -> None:
    """Write a section as a part does: one case measured, one failed."""
    section = Section("fanout", "Many viewers", path, "fanout --case CASE", notes=["Noted."])
    assert section.attempt("good", lambda: 1) == 1
    assert section.attempt("bad", lambda: int("x|y")) is None
    section.put([("", ("case", "us"), [["good", "12.5"]])], [Aim("a ratio", 1.6, [1.5, 1.7], " x")], more=[1.23456])
    assert section.end() == 1


def test_failed_case_leaves_the_others_in_the_file(tmp_path: Path) -> None:
    """Saved as soon as known, with the reason of the failure and with the machine; other sections stay."""
    path = tmp_path / "results.json"
    path.write_text('{"drain": {"title": "kept"}}')
    measured(path)
    results = json.loads(path.read_text())
    assert results["drain"] == {"title": "kept"}
    assert results["fanout"]["more"] == [1.2346]
    assert results["fanout"]["machine"]["cores"] > 0
    (failed,) = results["fanout"]["failed"]
    assert failed.startswith("bad: invalid literal")


def test_document_tells_aims_tables_and_failures(tmp_path: Path) -> None:
    """Everything of the file arrives between the marks; what people wrote around them stays."""
    path, page = tmp_path / "2026-01-02-full.json", tmp_path / "page.md"
    measured(path)
    results = json.loads(path.read_text())
    parts = {"fanout": {"state": "failed", "reason": "x"}, "slow": {"state": "failed", "reason": "exit code 1"}}
    path.write_text(json.dumps(results | {"run": {"machine": results["fanout"]["machine"], "parts": parts}}))
    page.write_text(f"before\n{document.BEGIN}\nold\n{document.END}\nafter\n")
    document.write(path, page)
    content = page.read_text()
    assert content.startswith("before\n") and content.endswith("\nafter\n") and "old" not in content
    assert re.search(
        r"\| a ratio +\| <= 1.6 x +\| 1.60 \(1.50-1.70\) x +\| undecided +\| `python -m benchmarks.fanout`", content
    )
    assert "`python -m benchmarks.fanout --case CASE`" in content
    assert re.search(r"\| good +\| 12.5 +\|", content)
    assert "Failed: bad: invalid literal" in content
    assert "### slow\n\nFailed: exit code 1." in content
    document.write(path, page)
    assert page.read_text() == content


def test_page_has_a_place_for_the_tables() -> None:
    """And what stands there is what the file of results says that it names."""
    content = document.PAGE.read_text("utf-8").partition(document.BEGIN)[2].partition(document.END)[0].strip()
    assert content
    for name in re.findall(r"benchmarks/results/([\w.-]+-full\.json)", content):
        path = document.RESULTS / name
        assert content == document.text(json.loads(path.read_text("utf-8")), name)


def test_a_change_counts_only_beyond_five_percent_and_the_spread() -> None:
    """Slower by more than both is worse, for rates the other way round; what lies within the spread is not."""
    steady, noisy = [10.0, 10.0, 10.1, 10.0, 9.9], [5.0, 15.0, 10.0, 6.0, 14.0]
    assert verdict("p50 ms", steady, [10.4] * 5)[-1] == "not worse"
    assert verdict("p50 ms", steady, [10.6] * 5)[-1] == "worse"
    assert verdict("p50 ms", noisy, [12.0] * 5)[-1] == "not worse"
    assert verdict("images/s", steady, [10.6] * 5)[-1] == "not worse"
    assert verdict("images/s", steady, [9.0] * 5)[-1] == "worse"


def turn(stamp_p50: float, **us: float) -> Turn:
    """Return a second in which each process used so many microseconds for each of ten images."""
    got = Got(1, 10, 10, 1000, 0, 0, 0, 0, None, None, None, stamp_p50, None, None)
    return Turn(1.0, [got], Usage(1.0, {name: used * 1e-5 for name, used in us.items()}, 0.0, 0.0), 0.0)


def test_peer_that_is_missing_has_a_row_that_says_so() -> None:
    """The others have their figures, ratios to what has run, and a verdict only where both have."""
    ran = {peers.FLASK: [turn(5, server=4000)], "ours, preview": [turn(8, web=1000, ingest=4000)]}
    found = peers.Peers(ran, {peers.FOXGLOVE: "no wheel"})
    rows = {side: rest for _, side, *rest in peers.rows("1 viewer", found)}
    assert rows[peers.FOXGLOVE][0] == "not run: no wheel"
    assert rows["ours, exact"][0] == "not run"
    assert rows[peers.FLASK][:2] == ["4.00", ""]
    assert rows["ours, preview"][:3] == ["5.00", "1.00, 4.00", "1.25"]
    assert {len(row) for row in rows.values()} == {len(peers.HEAD) - 2}
    aims = {aim.what: aim for aim in peers.aims(["1 viewer"], {"1 viewer": found})}
    assert aims["facility's stream, 1 viewer: ours, preview / Flask MJPEG, CPU per delivered image"].values == [1.25]
    assert aims["facility's stream, 1 viewer: ours, preview / Flask MJPEG, p50 from the stamp"].values == [1.6]
    assert [aim.verdict for what, aim in aims.items() if "foxglove" in what] == ["not measured", "not measured"]


def test_same_programs_measure_the_product_of_another_clone(tmp_path: Path) -> None:
    """The programs are those of here, and what they find beside themselves is the other clone's."""
    clone = tmp_path / "clone"
    (clone / "stream_online_viewer").mkdir(parents=True)
    (clone / "stream_online_viewer" / "__init__.py").write_text("")
    tell = "import stream_online_viewer as product, benchmarks.cpu as own, tests.server as t; print(product.__file__)"
    with with_programs_of_this(clone) as folder:
        command = [sys.executable, "-c", f"{tell}; print(own.__file__); print(t.SCRIPT.resolve())"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=deadline(30.0))
        product, own, script = (Path(line) for line in done.stdout.splitlines())
        assert product.resolve() == clone / "stream_online_viewer" / "__init__.py"
        assert own == folder / "benchmarks" / "cpu.py"
        assert script == clone / "stream_online_viewer" / "start_server.py"

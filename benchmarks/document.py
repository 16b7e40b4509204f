"""Makes the tables of docs/performance.md from a file of results: ``python -m benchmarks.document [FILE]``.

The text between two marks is replaced; the rest of the page is written by people.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.report import AIMS_HEAD, Aim, table

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance.md"
RESULTS = ROOT / "benchmarks" / "results"
BEGIN = "<!-- made by benchmarks/document.py: begin -->"
END = "<!-- made by benchmarks/document.py: end -->"


def newest() -> Path:
    """Return the newest results of a full run. Raise FileNotFoundError."""
    found = sorted(RESULTS.glob("*-full.json"))
    if not found:
        raise FileNotFoundError(f"no *-full.json in {RESULTS}; run: make bench-full")
    return found[-1]


def text(results: Mapping[str, Any], name: str) -> str:
    """Return the tables as Markdown; ``name`` is that of the file of results."""
    run = results.get("run", {})
    sections = {key: content for key, content in results.items() if "title" in content}
    lines = [f"From [{name}](../benchmarks/results/{name}), made by `make bench-full`.", ""]
    lines += _machine(run or next(iter(sections.values()), {}))
    lines += ["", "### Aims", _aims(sections), ""]
    for key, part in run.get("parts", {}).items():
        section = sections.get(key)
        lines += [f"### {key}", ""] if section is None else [*_section(section), ""]
        # Failed cases are named in the section itself.
        if part["state"] != "done" and (section is None or not section["failed"]):
            lines += [f"Failed: {part['reason']}.", ""]
    return "\n".join(lines).rstrip()


def _machine(content: Mapping[str, Any]) -> Iterator[str]:
    machine = content.get("machine")
    if machine is None:
        return
    kind = "virtual machine" if machine["virtual_machine"] else "machine"
    libraries = ", ".join(f"{name} {version}" for name, version in machine["libraries"].items())
    yield (
        f"{machine['date']}, {kind} with {machine['cores']} cores of {machine['processor']}, "
        f"{machine['memory_gb']} GiB, kernel {machine['kernel']}, Python {machine['python']}, "
        f"libzmq {machine['libzmq']}, {machine['compiler'] or 'no C compiler'}; {libraries}."
    )
    if "seconds" in content:
        yield f"It took {content['seconds'] / 60:.0f} minutes."


def _aims(sections: Mapping[str, Any]) -> str:
    head = [*AIMS_HEAD, "repeat with"]
    rows = [
        [*Aim(**aim).row(), f"`python -m benchmarks.{key}`"]
        for key, section in sections.items()
        for aim in section.get("aims", ())
    ]
    return table(head, _safe(rows)) if rows else "None was measured."


def _section(section: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {section['title']}"
    yield f"`python -m benchmarks.{section['command']}`"
    yield ""
    yield from section["notes"]
    for content in section["tables"]:
        yield ""
        if content["title"]:
            yield f"{content['title']}\n"
        yield table(content["head"], _safe(content["rows"]))
    for failure in section["failed"]:
        yield ""
        yield f"Failed: {failure}"


def _safe(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return table cells without characters that would end a cell."""
    return [[cell.replace("|", "/").replace("\n", " ") for cell in row] for row in rows]


def write(path: Path, page: Path = PAGE) -> None:
    """Write the tables into the page. Raise ValueError if it has no marks for them."""
    before, begin, rest = page.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} lacks the lines {BEGIN} and {END}")
    made = text(json.loads(path.read_text("utf-8")), path.name)
    page.write_text(f"{before}{BEGIN}\n{made}\n{END}{after}", "utf-8")


def main() -> int:
    """Make them."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("file", nargs="?", type=Path, help="default: the newest of benchmarks/results/*-full.json")
    write(options.parse_args().file or newest())
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The documents say what the programs do."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from stream_online_viewer.protocol.client import MAX_EVERY, MAX_NAME
from stream_online_viewer.settings import OPTIONS, Settings
from stream_online_viewer.web import allowance, edge
from tests.support import deadline

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


def readme() -> str:
    return (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.field)
def test_readme_lists_each_option_with_its_variable_and_default(option: Any) -> None:
    """One row of the table holds the flag, the environment variable and the default."""
    (row,) = [line for line in readme().splitlines() if line.startswith("|") and f"`{option.environment}`" in line]
    assert f"`{option.flag}" in row.lower()
    default = getattr(Settings(), option.field)
    if default is not None and default != ():
        assert f"`{default:g}`" in row if isinstance(default, float) else f"`{default}`" in row


def test_readme_lists_no_option_that_does_not_exist() -> None:
    """Every `SOV_...` in the README is one of the table."""
    assert set(re.findall(r"SOV_[A-Z_]+\b", readme())) <= {option.environment for option in OPTIONS}


@pytest.mark.parametrize("program", ["start_server.py", "start_stream.py", "start_ingest.py"])
def test_readme_knows_every_flag_that_help_prints(program: str) -> None:
    """`--help` of both programs, run as the facility runs them, names no flag that the README lacks."""
    command = [sys.executable, f"stream_online_viewer/{program}", "--help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=deadline(60), check=True).stdout
    flags = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", shown)) - {"--help"}
    assert flags
    assert {flag for flag in flags if not re.search(rf"{flag}(?![\w-])", readme())} == set()


@pytest.mark.parametrize("script", sorted(ROOT.glob("scripts/*.py")), ids=lambda path: path.name)
def test_every_script_tells_what_it_does(script: Any) -> None:
    """``--help`` prints a description, and nothing is done: no environment made, no file written, no index asked."""
    done = subprocess.run(
        [sys.executable, str(script), "--help"], cwd=ROOT, capture_output=True, text=True, timeout=deadline(60)
    )
    assert done.returncode == 0, done.stderr
    usage, _, rest = done.stdout.partition("\n\n")
    assert usage.startswith(f"usage: {script.name}")
    assert not rest.startswith(("options:", "positional arguments:"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_documents_lead_somewhere(document: Any) -> None:
    """Every relative link and picture is a file of the repository."""
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8")):
        if not urlsplit(target).scheme and not target.startswith("#"):
            assert (document.parent / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize("command", ["make demo", "make test", "make run", "make archive", "make lint"])
def test_documents_name_only_targets_of_the_makefile(command: str) -> None:
    """The README shows the command, and the Makefile has it."""
    assert command in readme() + (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert re.search(rf"^{command.split()[1]}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


LIMITS = {
    "text_bytes_per_second": f"{allowance.TEXT_BYTES_PER_SECOND // 1000} kB of WebSocket frames a second",
    "text_burst_bytes": f"after a silence {allowance.TEXT_BURST_BYTES // 1000} kB at once",
    "frame_bytes": f"counts its payload and {allowance.FRAME_BYTES} bytes",
    "messages_per_second": f"{allowance.MESSAGES_PER_SECOND} texts a second are read",
    "changes_per_second": f"{round(1 / allowance.CHANGE_SECONDS)} times a second",
    "names": f"lists {MAX_EVERY} names (`names`) of {MAX_NAME} characters",
    "": f"then {allowance.ARRIVALS_PER_SECOND} a second",
}


@pytest.mark.parametrize("name", LIMITS)
def test_the_protocol_tells_how_much_a_viewer_may_say(name: str) -> None:
    """Each limit that stands in `hello` has its number in the document, as it is in the code."""
    document = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    section = " ".join(document.partition("### How much a viewer may say")[2].partition("\n## ")[0].split())
    assert LIMITS[name] in section
    assert not name or f"`{name}`" in section


def test_the_documents_tell_the_limits_of_a_request() -> None:
    """Bytes, headers and seconds of a head, in the document for authors of clients and for who runs the server."""
    protocol = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    head = f"{edge.HEAD_BYTES // 1024} KB"
    assert f"{head} and {edge.HEAD_LINES} headers (431)" in protocol
    assert f"within {edge.HEAD_SECONDS:g} s of the connection (408)" in protocol
    assert head in readme()

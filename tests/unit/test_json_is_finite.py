"""JSON never holds NaN or infinities: there is one encoder, it refuses them, and nothing goes around it."""

import ast
from pathlib import Path
from typing import Any

import pytest

from stream_online_viewer.link.framing import pack_control
from stream_online_viewer.link.report import ConnectionReport, IngestReport
from stream_online_viewer.protocol.frame import Block, FrameHead, encode_frame
from stream_online_viewer.protocol.jsontext import to_json

PACKAGE = Path(__file__).resolve().parents[2] / "stream_online_viewer"
SIMULATOR = PACKAGE / "simulation"
"""It speaks as the facility's senders do, which has its own rules."""
SERVER = [path for path in sorted(PACKAGE.rglob("*.py")) if SIMULATOR not in path.parents]
OTHER_WAYS = {"dumps", "dump", "jsonify", "JSONEncoder"}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_no_such_number_passes(value: Any) -> None:
    """Neither in the head of a frame, nor over the link, nor deep in a status."""
    for make in (
        lambda: to_json({"a": [{"b": value}]}),
        lambda: pack_control(IngestReport(ConnectionReport("waiting", ""), rate=value)),
        lambda: encode_frame(FrameHead(1, 1, 1, None, 1), [Block({"role": "image", "levels": [0, value]}, b"")]),
    ):
        with pytest.raises(ValueError, match="not JSON compliant"):
            make()


def test_there_is_no_other_way() -> None:
    """No module of the server makes JSON by other means."""
    found = []
    for path in SERVER:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Attribute | ast.Name):
                continue
            name = node.attr if isinstance(node, ast.Attribute) else node.id
            if name in OTHER_WAYS and path.name != "jsontext.py":
                found.append(f"{path.name}:{node.lineno}")
    assert found == []

"""Addresses ``pva://PV``. Pure."""

import re
from importlib.util import find_spec

from stream_online_viewer.sources.base import AddressError, SourceOptions, shown_address

_PV = re.compile(r"[A-Za-z0-9_{(\[<$][A-Za-z0-9_.:;<>\[\]{}()$@+/=-]{0,255}")
LIBRARY = "p4p"


def parse_pv(text: str) -> str:
    """Return the name of the PV. Raise :class:`AddressError`."""
    name = text.removeprefix("pva://")
    if not _PV.fullmatch(name):
        raise AddressError(f"{shown_address(text)}: {name[:80]!r} is no PV; it looks like pva://PREFIX:Pva1:Image")
    return name


def needs_library(options: SourceOptions) -> None:
    """Raise :class:`AddressError` unless the library is installed. It is looked for and not imported."""
    if find_spec(LIBRARY) is None:
        raise AddressError(
            f"pva:// needs the package {LIBRARY}: pip install 'stream-online-viewer[epics]'. On arm64 it has wheels for"
            " Python 3.14 and newer only"
        )

"""The files of the built page: kept in memory, with their compressed versions, and served under names of their content.

All files are read when the server starts. So everything served belongs together even while an update replaces the
files, and a page of another build gets 404 for its assets, never a different file.
"""

import gzip
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from stream_online_viewer.errors import SettingsError

STATIC = Path(__file__).resolve().parents[1] / "static"
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        # 'wasm-unsafe-eval' allows the worker to compile its decoder; it does not allow any script.
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""Content codings, and the suffixes of the files that the build compressed with them, smallest first."""
IDENTITY = "identity"
_HEADER = re.compile('<header id="top"[^>]*>')
_PLACEHOLDER = '<meta name="build" content="dev"'
# Not the machine's table, which may lack wasm: browsers compile that while loading only if its type is right.
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True)
class Document:
    """The content of one address: its type, its bytes in each content coding (always ``identity``), and its name."""

    content_type: str
    bodies: Mapping[str, bytes]
    tag: str

    def coding(self, quality: Callable[[str], float]) -> str:
        """Return the content coding that a client prefers; ``quality`` returns the client's weight of each, 0 to 1.

        Of equal ones the smallest is returned; the plain bytes if the client accepts none of ours.
        """
        best = max((name for name in ENCODINGS if name in self.bodies), key=quality, default=IDENTITY)
        wanted = quality(best) if best != IDENTITY else 0.0
        return best if wanted > 0 and wanted >= quality(IDENTITY) else IDENTITY

    def etag(self, coding: str) -> str:
        """Return the entity tag of the bytes in this coding, which changes with them."""
        return self.tag if coding == IDENTITY else f"{self.tag}-{coding}"


class Page:
    """The page, its build and its assets. Raises :class:`SettingsError` if it was not built."""

    def __init__(self, static: Path = STATIC) -> None:
        try:
            text = (static / "index.html").read_text(encoding="utf-8")
        except FileNotFoundError:
            raise SettingsError("the front end was not built; run: make install") from None
        # The names of assets contain a hash of their content, so the page's text identifies the whole build.
        self.build = hashlib.sha256(text.encode()).hexdigest()[:12]
        self.html = text.replace(_PLACEHOLDER, f'<meta name="build" content="{escape(self.build)}"')
        folder = static / "assets"
        files = [file for file in folder.rglob("*") if file.is_file() and file.suffix not in ENCODINGS.values()]
        self.assets = {file.relative_to(folder).as_posix(): _asset(file) for file in files}

    def address(self, name: str, ending: str) -> str | None:
        """Return the address of the asset that the build made of a file of this name, None if there is none."""
        found = (asset for asset in self.assets if re.fullmatch(rf"{name}-[\w-]+\.{ending}", asset))
        return next((f"assets/{asset}" for asset in found), None)

    def document(self, style: str = "", header: str = "") -> Document:
        """Return the document of the page itself.

        ``style`` is the address of another style sheet, and ``header`` HTML that its header begins with.
        """
        html = self.html
        if style:
            html = html.replace("</head>", f'<link rel="stylesheet" href="{escape(style)}"></head>', 1)
        plain = _HEADER.sub(lambda found: found[0] + header, html, count=1).encode()
        bodies = {IDENTITY: plain, "gzip": gzip.compress(plain, mtime=0)}
        return Document("text/html; charset=utf-8", bodies, _digest(plain))


def _asset(file: Path) -> Document:
    bodies = {IDENTITY: file.read_bytes()}
    for coding, ending in ENCODINGS.items():
        compressed = file.with_name(file.name + ending)
        if compressed.is_file():
            bodies[coding] = compressed.read_bytes()
    return Document(_TYPES.get(file.suffix, "application/octet-stream"), bodies, _digest(bodies[IDENTITY]))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]

"""The built front end: kept in memory with what was compressed of it, named by its content, and how it is served.

All files are read when the server starts. So what is served belongs together, also while an update replaces the files
below, and a page of another build that asks for an asset gets 404 and never another file.
"""

import gzip
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from stream_online_viewer.errors import SettingsError

STATIC = Path(__file__).resolve().parents[1] / "static"
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        # 'wasm-unsafe-eval' lets the worker compile its decoder; it allows no script.
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
"""Content codings and the endings of the files that the build made with them, smallest first."""
IDENTITY = "identity"
_PLACEHOLDER = '<meta name="build" content="dev"'
# Not the machine's table: that may lack wasm, which browsers compile while it comes only if it has its own type.
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
    """What one address serves: its type, its bytes in each content coding (always in ``identity``), and its name."""

    content_type: str
    bodies: Mapping[str, bytes]
    tag: str

    def coding(self, quality: Callable[[str], float]) -> str:
        """Return the coding that a client wants most; ``quality`` is what it said of each, 0 to 1, and 0 if nothing.

        Of equals the smallest. A client that takes none of ours gets the plain bytes.
        """
        best = max((name for name in ENCODINGS if name in self.bodies), key=quality, default=IDENTITY)
        wanted = quality(best) if best != IDENTITY else 0.0
        return best if wanted > 0 and wanted >= quality(IDENTITY) else IDENTITY

    def etag(self, coding: str) -> str:
        """Return the entity tag of the bytes in this coding; other bytes have another one."""
        return self.tag if coding == IDENTITY else f"{self.tag}-{coding}"


class Page:
    """The page, the build that it belongs to, and its assets. Raises :class:`SettingsError` if it was not built."""

    def __init__(self, static: Path = STATIC) -> None:
        try:
            text = (static / "index.html").read_text(encoding="utf-8")
        except FileNotFoundError:
            raise SettingsError("the front end was not built; run: make install") from None
        # The names of the assets hold a hash of their content, so the page names all that belongs to it.
        self.build = hashlib.sha256(text.encode()).hexdigest()[:12]
        self.html = text.replace(_PLACEHOLDER, f'<meta name="build" content="{escape(self.build)}"')
        folder = static / "assets"
        files = [file for file in folder.rglob("*") if file.is_file() and file.suffix not in ENCODINGS.values()]
        self.assets = {file.relative_to(folder).as_posix(): _asset(file) for file in files}

    def document(self) -> Document:
        """Return the page itself."""
        plain = self.html.encode()
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

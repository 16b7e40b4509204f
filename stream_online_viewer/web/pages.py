"""The built front end: found, named by its content, and served with headers that allow nothing else."""

import hashlib
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
_PLACEHOLDER = '<meta name="build" content="dev"'


class Page:
    """The page and the build that it belongs to."""

    def __init__(self, static: Path = STATIC) -> None:
        index = static / "index.html"
        if not index.is_file():
            raise SettingsError("the front end was not built; run: make install")
        text = index.read_text(encoding="utf-8")
        self.static = static
        # The names of the assets hold a hash of their content, so the page names all that belongs to it.
        self.build = hashlib.sha256(text.encode()).hexdigest()[:12]
        self.html = text.replace(_PLACEHOLDER, f'<meta name="build" content="{escape(self.build)}"')

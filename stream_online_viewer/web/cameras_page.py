"""The page that lists the cameras of a catalogue. Pure.

Everything that comes from the file, the server and the search is escaped.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from stream_online_viewer.web.cameras import CamerasNow
from stream_online_viewer.web.catalogue import Camera
from stream_online_viewer.web.pages import CONTENT_SECURITY_POLICY

MAX_SEARCH = 100
POLICY = CONTENT_SECURITY_POLICY.replace("form-action 'none'", "form-action 'self'")
"""That of all pages; a search is sent to this server."""
STYLE = """
:root { color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif }
body { margin: 1.5rem auto; max-width: 60rem; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin: 1.5rem 0 0.3rem }
ul { list-style: none; margin: 0; padding: 0 } li { padding: 0.2rem 0 }
.alias, .address { opacity: 0.7 } code { user-select: all; overflow-wrap: anywhere }
.runs { border: 1px solid; border-radius: 0.8em; padding: 0 0.5em; font-size: 0.85em }
.runs { color: light-dark(#0a6b2d, #5fd38a) }
.problem { border-left: 4px solid light-dark(#b3261e, #ff8a80); padding-left: 0.7rem }
summary { cursor: pointer }
input, button { font: inherit; padding: 0.3rem 0.5rem } input { width: 20rem; max-width: 100% }
html:not(.scripted) .copy { display: none } details p { margin: 0.3rem 0 0.6rem 1rem }
"""
LINK = '<a class="cameras" href="cameras">Cameras</a>'
"""From the page of the viewer to this one, at the beginning of its header."""
LINK_STYLE = """
#top > .cameras { grid-area: stream; justify-self: end; padding: 5px 6px; font-size: 13px; z-index: 1 }
#top:has(> .cameras) .stream { margin-right: 5.5em }
"""


def clean_search(text: str) -> str:
    """Return the search in a request, as far as it is used."""
    return " ".join(text[:MAX_SEARCH].split())


@dataclass(frozen=True, slots=True)
class PageFiles:
    """The addresses of the page's script and of its icon, None without one."""

    script: str | None = None
    icon: str | None = None


WITHOUT_FILES = PageFiles()


def page_of(
    cameras: Sequence[Camera], search: str, now: CamerasNow | None = None, files: PageFiles = WITHOUT_FILES
) -> str:
    """Return the page with the cameras that match a search.

    ``now`` is what is known of the camera server, None without one.
    """
    search = clean_search(search)
    refresh = '<noscript><meta http-equiv="refresh" content="10"></noscript>' if now is not None else ""
    parts = [f'<script type="module" src="{escape(files.script)}"></script>'] if files.script is not None else []
    if files.icon is not None:
        parts.append(f'<link rel="icon" type="image/svg+xml" href="{escape(files.icon)}">')
    live = "" if now is None else " data-live"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Cameras</title>'
        f'<meta name="viewport" content="width=device-width">{refresh}<link rel="stylesheet" href="cameras.css">'
        f'{"".join(parts)}</head><body><h1>Cameras</h1><form role="search"><label>Search '
        f'<input type="search" name="search" value="{escape(search)}" maxlength="{MAX_SEARCH}"></label></form>'
        f'<p id="trouble" class="problem" role="status" hidden></p><main id="list"{live}>'
        f"{list_of(cameras, search, now)}</main></body></html>"
    )


def list_of(cameras: Sequence[Camera], search: str, now: CamerasNow | None = None) -> str:
    """Return the part of the page that is exchanged while it is open: how the server is, and the cameras by groups."""
    words = search.lower().split()
    found = [camera for camera in cameras if camera.matches(words)]
    groups: dict[str, list[Camera]] = {}
    for camera in found:
        for group in camera.groups or ("",):
            groups.setdefault(group, []).append(camera)
    parts = [*([] if now is None else _state(now)), f"<p>{len(found)} of {len(cameras)}</p>"]
    for group in sorted(groups, key=lambda name: (name == "", name)):
        parts.append(f"<h2>{escape(group or 'Others' if len(groups) > 1 or group else 'All')}</h2><ul>")
        parts += (_item(camera, group) for camera in sorted(groups[group], key=lambda camera: camera.name))
        parts.append("</ul>")
    return "".join(parts)


def _state(now: CamerasNow) -> list[str]:
    """Return what is to be said of the camera server: nothing if all is well."""
    parts = []
    if now.problem:
        last = "It has not answered yet."
        if now.good is not None:
            at = datetime.fromtimestamp(now.good, UTC)
            last = f'The last good answer came at <time datetime="{at:%Y-%m-%dT%H:%M:%SZ}">{at:%H:%M:%S} UTC</time>.'
            if now.cameras:
                last += " What is listed here is of that time."
        parts.append(f'<p class="problem">{escape(now.problem)} {last}</p>')
    elif now.good is None:
        parts.append("<p data-asked>The camera server is being asked.</p>")
    if now.note:
        parts.append(f"<p>{escape(now.note)}</p>")
    if now.left_out:
        parts.append(f"<p>{now.left_out} more cameras are not listed: too many, or without a usable name.</p>")
    return parts


def _item(camera: Camera, group: str) -> str:
    name = escape(camera.name)
    alias = f' <span class="alias">{escape(camera.alias)}</span>' if camera.alias else ""
    runs = f' <span class="runs">runs: {escape(", ".join(camera.runs))}</span>' if camera.runs else ""
    if camera.link is not None:
        address = f' <span class="address">{escape(camera.address)}</span>'
        return f'<li><a href="{escape(camera.link)}">{name}</a>{alias}{address}{runs}</li>'
    command = shlex.join(("stream-online-viewer", *camera.options, camera.address, "--port", "0"))
    how = (
        f"No viewer of it is known. This starts one: <code>{escape(command)}</code> "
        '<button type="button" class="copy">Copy</button>'
    )
    key = escape(f"{group}/{camera.name}")
    return f'<li><details data-key="{key}"><summary>{name}{alias}{runs}</summary><p>{how}</p></details></li>'

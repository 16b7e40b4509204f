"""The cameras of a deployment, from its file, and the page that lists them. Pure but for reading the file once.

The file is TOML, with one table for each camera::

    [[camera]]
    name = "SARES20-CAMS142-M5"
    address = "cam_server://SARES20-CAMS142-M5"
    alias = "profile monitor"          # optional
    group = "SARES20"                  # optional, or a list
    link = "https://viewer.example/cam1/"    # optional: where its viewer is
"""

import re
import shlex
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from stream_online_viewer.errors import SettingsError, ViewerError
from stream_online_viewer.sources.table import check_address
from stream_online_viewer.web.pages import CONTENT_SECURITY_POLICY

MAX_FILE_BYTES = 4 * 1024 * 1024
MAX_CAMERAS = 10_000
MAX_CHARACTERS = 256
MAX_SEARCH = 100
KEYS = {"name", "address", "alias", "group", "link"}
POLICY = CONTENT_SECURITY_POLICY.replace("form-action 'none'", "form-action 'self'")
"""That of all pages; a search is sent to this server."""
STYLE = """
:root { color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif }
body { margin: 1.5rem auto; max-width: 60rem; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin: 1.5rem 0 0.3rem }
ul { list-style: none; margin: 0; padding: 0 } li { padding: 0.2rem 0 }
.alias, .address { opacity: 0.7 } code { user-select: all }
summary { cursor: pointer }
input { font: inherit; padding: 0.3rem 0.5rem; width: 20rem; max-width: 100% }
"""


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera of the file."""

    name: str
    address: str
    alias: str = ""
    groups: tuple[str, ...] = ()
    link: str | None = None

    def matches(self, words: Sequence[str]) -> bool:
        """Return whether each of the words, in lower case, is somewhere in its names and groups."""
        text = " ".join((self.name, self.alias, self.address, *self.groups)).lower()
        return all(word in text for word in words)


def read_catalogue(path: str) -> tuple[Camera, ...]:
    """Return the cameras of a file. Raise :class:`SettingsError`, whose text names the file and what is wrong."""
    try:
        raw = Path(path).read_bytes()
        if len(raw) > MAX_FILE_BYTES:
            raise ValueError(f"it has more than {MAX_FILE_BYTES} bytes")
        content = tomllib.loads(raw.decode("utf-8"))
        return _cameras(content)
    except OSError as error:
        raise SettingsError(f"the catalogue {path!r} cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError, ViewerError) as error:
        raise SettingsError(f"the catalogue {path!r} cannot be used: {' '.join(str(error).split())}") from None


def _cameras(content: Mapping[str, Any]) -> tuple[Camera, ...]:
    entries = content.get("camera")
    if set(content) != {"camera"} or type(entries) is not list or not entries:
        raise ValueError("it must consist of tables [[camera]]")
    if len(entries) > MAX_CAMERAS:
        raise ValueError(f"it has more than {MAX_CAMERAS} cameras")
    cameras = tuple(_camera(entry, number) for number, entry in enumerate(entries, 1))
    names = [camera.name for camera in cameras]
    twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if twice is not None:
        raise ValueError(f"the name {twice!r} is there twice")
    return cameras


def _camera(entry: Any, number: int) -> Camera:
    where = f"camera {number}"
    if type(entry) is not dict or not set(entry) <= KEYS:
        odd = sorted(set(entry) - KEYS) if type(entry) is dict else []
        raise ValueError(f"{where} has {', '.join(odd) or 'no keys'}; there are {', '.join(sorted(KEYS))}")
    groups = entry.get("group", [])
    listed = groups if type(groups) is list else [groups]
    name, address = _text(entry.get("name"), "name", where), _text(entry.get("address"), "address", where)
    alias = _text(entry["alias"], "alias", where) if "alias" in entry else ""
    check_address(address)
    link = entry.get("link")
    if link is not None and not (type(link) is str and _is_link(link)):
        raise ValueError(f"{where}: link is neither an address https://... or http://... nor a path")
    return Camera(name, address, alias, tuple(_text(group, "group", where) for group in listed), link)


def _text(value: Any, what: str, where: str) -> str:
    if type(value) is not str or not 1 <= len(value) <= MAX_CHARACTERS:
        raise ValueError(f"{where}: {what} is no text of 1 to {MAX_CHARACTERS} characters")
    return value


def _is_link(link: str) -> bool:
    """Return whether this is a web address or a path; nothing else that a browser would follow."""
    if len(link) > 2048 or not re.fullmatch(r"[!-~]+", link) or "\\" in link:
        return False
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return (parts.scheme in ("http", "https") and bool(parts.netloc)) or not (parts.scheme or parts.netloc)


def page_of(cameras: Sequence[Camera], search: str) -> str:
    """Return the page with the cameras that match a search, by their groups. Everything from the file is escaped."""
    search = " ".join(search[:MAX_SEARCH].split())
    words = search.lower().split()
    found = [camera for camera in cameras if camera.matches(words)]
    groups: dict[str, list[Camera]] = {}
    for camera in found:
        for group in camera.groups or ("",):
            groups.setdefault(group, []).append(camera)
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Cameras</title>'
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="cameras.css"></head><body>'
        '<h1>Cameras</h1><form role="search"><label>Search '
        f'<input type="search" name="search" value="{escape(search)}" maxlength="{MAX_SEARCH}"></label></form>'
        f"<p>{len(found)} of {len(cameras)}</p>"
    ]
    for group in sorted(groups, key=lambda name: (name == "", name)):
        parts.append(f"<h2>{escape(group or 'Others' if len(groups) > 1 or group else 'All')}</h2><ul>")
        parts += (_item(camera) for camera in sorted(groups[group], key=lambda camera: camera.name))
        parts.append("</ul>")
    return "".join((*parts, "</body></html>"))


def _item(camera: Camera) -> str:
    name = escape(camera.name)
    alias = f' <span class="alias">{escape(camera.alias)}</span>' if camera.alias else ""
    if camera.link is not None:
        address = f' <span class="address">{escape(camera.address)}</span>'
        return f'<li><a href="{escape(camera.link)}">{name}</a>{alias}{address}</li>'
    command = f"stream-online-viewer {shlex.quote(camera.address)} --port 0"
    how = f"No viewer of it is known. This starts one: <code>{escape(command)}</code>"
    return f"<li><details><summary>{name}{alias}</summary>{how}</details></li>"

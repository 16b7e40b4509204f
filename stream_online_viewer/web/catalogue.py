"""The cameras of a deployment: those of its file, and those that a camera server knows. Pure but for reading the file.

The file is TOML, with one table for each camera::

    server = "http://camera-server:8888"   # optional: lists its cameras too
    [[camera]]
    name = "SARES20-CAMS142-M5"
    address = "cam_server://SARES20-CAMS142-M5"
    alias = "profile monitor"          # optional
    group = "SARES20"                  # optional, or a list
    link = "https://viewer.example/cam1/"    # optional: where its viewer is
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from stream_online_viewer.errors import SettingsError, ViewerError
from stream_online_viewer.link.cameras import ListedCamera
from stream_online_viewer.sources.table import camera_addresses, check_address, check_camera_server, is_camera_server

MAX_FILE_BYTES = 4 * 1024 * 1024
MAX_CAMERAS = 10_000
MAX_CHARACTERS = 256
KEYS = {"name", "address", "alias", "group", "link"}


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera. ``runs`` are the names of what runs of it, None if that is not known.

    ``options`` are those that a viewer of it needs besides its address.
    """

    name: str
    address: str
    alias: str = ""
    groups: tuple[str, ...] = ()
    link: str | None = None
    runs: tuple[str, ...] | None = None
    options: tuple[str, ...] = ()

    def matches(self, words: Sequence[str]) -> bool:
        """Return whether each of the words, in lower case, is somewhere in its names and groups."""
        text = " ".join((self.name, self.alias, self.address, *self.groups)).lower()
        return all(word in text for word in words)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What is configured: cameras, and the URL of the server that knows others, None for none.

    ``prefix`` comes before the name in the address of a camera of the server, ``options`` are those that a viewer of it
    needs besides.
    """

    cameras: tuple[Camera, ...] = ()
    server: str | None = None
    prefix: str = ""
    options: tuple[str, ...] = ()

    def with_listed(self, listed: Sequence[ListedCamera]) -> tuple[Camera, ...]:
        """Return the cameras of the file and of the server's list; what both know is one camera, with the file's link.

        A camera of the file is one of the server if it has its name, or is opened by it.
        """
        of_server = {camera.name: camera for camera in listed}
        found = [self._joined(camera, of_server) for camera in self.cameras]
        for camera in of_server.values():
            alias = ", ".join(camera.aliases)
            address = self.prefix + camera.name
            found.append(Camera(camera.name, address, alias, camera.groups, None, _runs(camera), self.options))
        return tuple(found)

    def _joined(self, camera: Camera, of_server: dict[str, ListedCamera]) -> Camera:
        scheme, _, rest = camera.address.partition("://")
        name = camera.name
        if name not in of_server and scheme == "cam_server":
            name = rest.rpartition("/")[2]
        listed = of_server.pop(name, None)
        if listed is None:
            return camera
        aliases = dict.fromkeys((*([camera.alias] if camera.alias else []), *listed.aliases))
        groups = tuple(dict.fromkeys((*camera.groups, *listed.groups)))
        return replace(camera, alias=", ".join(aliases), groups=groups, runs=_runs(listed))


def _runs(camera: ListedCamera) -> tuple[str, ...]:
    return (*(("camera",) if camera.runs else ()), *camera.pipelines)


def read_catalogue(text: str, pipeline_server: str | None = None) -> Catalogue:
    """Return what ``--catalogue`` tells: cameras of a file, or the URL of a camera server, or a file with that URL.

    ``pipeline_server`` is the URL of that option. Raise :class:`SettingsError`, whose text names the file and what is
    wrong.
    """
    if is_camera_server(text):
        try:
            return Catalogue((), text, *camera_addresses(text, pipeline_server))
        except ViewerError as error:
            raise SettingsError(f"the catalogue {text[:200]!r} cannot be used: {error}") from None
    try:
        raw = Path(text).read_bytes()
        if len(raw) > MAX_FILE_BYTES:
            raise ValueError(f"it has more than {MAX_FILE_BYTES} bytes")
        content = tomllib.loads(raw.decode("utf-8"))
        server = _server(content)
        cameras = () if server is not None and "camera" not in content else _cameras(content)
        return Catalogue(cameras, server, *(("", ()) if server is None else camera_addresses(server, pipeline_server)))
    except OSError as error:
        raise SettingsError(f"the catalogue {text!r} cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError, ViewerError) as error:
        raise SettingsError(f"the catalogue {text!r} cannot be used: {' '.join(str(error).split())}") from None


def _server(content: Mapping[str, Any]) -> str | None:
    server = content.get("server")
    if server is None:
        return None
    if type(server) is not str or not is_camera_server(server):
        raise ValueError("server is no URL of a camera server; it looks like http://host:8888")
    check_camera_server(server)
    return server


def _cameras(content: Mapping[str, Any]) -> tuple[Camera, ...]:
    entries = content.get("camera")
    if not set(content) <= {"camera", "server"} or type(entries) is not list or not entries:
        raise ValueError("it must consist of tables [[camera]], and perhaps server before them")
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

"""Reads the lists of a cam_server: names, aliases, groups, and what runs. Pure.

Nothing that the server says is believed: what has not the expected type is left out, and texts, lists and the whole
are bounded, because the list is kept by several processes and sent to browsers.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from stream_online_viewer.sources.base import AddressError
from stream_online_viewer.sources.cameras import KnownCamera
from stream_online_viewer.sources.named.cam_server_address import check_camera

MOST_CAMERAS = 4096
MOST_BYTES = 400_000
"""Of all texts together, in UTF-8, and a few for each: so that the list fits into one message of a bus."""
MOST_EACH = 8
"""Aliases, groups and pipelines of one camera."""
MOST_CHARACTERS = 128
_BYTES_EACH = 8
_BYTES_OF_CAMERA = 64


def list_cameras(
    names: Iterable[Any],
    aliases: Mapping[Any, Any],
    groups: Mapping[Any, Any],
    cameras_running: Mapping[Any, Any],
    pipelines_running: Mapping[Any, Any],
) -> tuple[tuple[KnownCamera, ...], int]:
    """Return the cameras in their order, and how many are left out.

    ``names`` are those of all cameras, ``aliases`` cameras by alias, ``groups`` lists of cameras by group. What runs is
    given by name or id, with a description of each.
    """
    known = dict.fromkeys(name for name in names if _is_text(name))
    of_alias = _by_camera(known, ((alias, [camera]) for alias, camera in aliases.items()))
    of_group = _by_camera(known, groups.items())
    of_pipeline = _by_camera(
        known, ((name, [entry.get("camera_name")]) for name, entry in pipelines_running.items() if _is_active(entry))
    )
    found: list[KnownCamera] = []
    left_out = nbytes = 0
    for name in known:
        more = [tuple(by.get(name, ())) for by in (of_alias, of_group, of_pipeline)]
        nbytes += _BYTES_OF_CAMERA + sum(len(text.encode()) + _BYTES_EACH for text in (name, *sum(more, ())))
        if len(found) >= MOST_CAMERAS or nbytes > MOST_BYTES or not _can_be_opened(name):
            left_out += 1
            continue
        found.append(KnownCamera(name, more[0], more[1], _is_active(cameras_running.get(name)), more[2]))
    return tuple(found), left_out


def _by_camera(known: Mapping[str, Any], entries: Iterable[tuple[Any, Any]]) -> dict[str, list[str]]:
    """Return the texts of which each known camera is listed, as many as are kept."""
    found: dict[str, list[str]] = {}
    for text, cameras in entries:
        if not _is_text(text) or type(cameras) is not list:
            continue
        for camera in cameras:
            if type(camera) is str and camera in known:
                listed = found.setdefault(camera, [])
                if len(listed) < MOST_EACH and text not in listed:
                    listed.append(text)
    return found


def _is_text(value: Any) -> bool:
    """Return whether this is a text that can be shown: not empty, not long, without control characters, Unicode."""
    return type(value) is str and 1 <= len(value) <= MOST_CHARACTERS and value.isprintable()


def _is_active(entry: Any) -> bool:
    return type(entry) is dict and entry.get("is_stream_active") is not False


def _can_be_opened(name: str) -> bool:
    try:
        # With a server before it, so that a name with a slash is not taken for another server.
        check_camera(f"cam_server://server/{name}")
    except AddressError:
        return False
    return True

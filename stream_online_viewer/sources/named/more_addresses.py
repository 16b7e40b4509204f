"""Addresses ``dispatcher://CHANNEL,CHANNEL...[?backend=NAME]`` and ``stddaq://host[:port]/NAME``. Pure."""

import re
from dataclasses import replace

from stream_online_viewer.sources.base import AddressError, SourceOptions, shown_address
from stream_online_viewer.sources.named.address import HttpServer, parse_name, parse_server

DISPATCHER = "https://dispatcher-api.psi.ch/sf-databuffer"
"""The facility's; the last element of its path is the backend."""
MOST_CHANNELS = 256
REDIS_PORT = 6379
_CHANNEL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:+-]{0,127}")
_BACKEND = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")


def parse_channels(text: str) -> tuple[list[str], str | None]:
    """Return the channels and the backend in an address of a dispatcher. Raise :class:`AddressError`."""
    listed, asked, query = text.removeprefix("dispatcher://").partition("?")
    channels = listed.split(",")
    form = "it looks like dispatcher://CHANNEL,CHANNEL?backend=NAME"
    for channel in channels:
        if not _CHANNEL.fullmatch(channel):
            raise AddressError(f"{shown_address(text)}: {channel[:80]!r} is no channel; {form}")
    if len(channels) > MOST_CHANNELS or len(set(channels)) < len(channels):
        raise AddressError(f"{shown_address(text)}: at most {MOST_CHANNELS} channels, each once; {form}")
    backend = query.removeprefix("backend=")
    if asked and not (query.startswith("backend=") and _BACKEND.fullmatch(backend)):
        raise AddressError(f"{shown_address(text)}: {query[:80]!r} is no backend; {form}")
    return channels, backend or None


def dispatcher_of(options: SourceOptions) -> tuple[list[str], HttpServer]:
    """Return the channels and the dispatcher with its backend. Raise :class:`AddressError`."""
    channels, backend = parse_channels(options.address)
    try:
        server = parse_server(options.dispatcher or DISPATCHER, 443)
    except ValueError as error:
        raise AddressError(str(error)) from None
    if backend is not None:
        server = replace(server, path=f"{server.path.rpartition('/')[0]}/{backend}")
    return channels, server


def parse_device(text: str) -> tuple[str, HttpServer]:
    """Return the name of a device and its Redis server. Raise :class:`AddressError`."""
    name = parse_name("stddaq", REDIS_PORT, text)
    if name.server is None:
        raise AddressError(f"{shown_address(text)} names no server; it looks like stddaq://host:{REDIS_PORT}/NAME")
    return name.name, name.server

"""Addresses ``cam_server://[host[:port]/]NAME`` and ``pipeline://[host[:port]/]ID``. Pure."""

from stream_online_viewer.sources.base import AddressError, SourceOptions
from stream_online_viewer.sources.named.address import HttpServer, Name, parse_name, parse_server

CAMERA_PORT, PIPELINE_PORT = 8888, 8889


def check_camera(text: str) -> None:
    """Raise :class:`AddressError` unless this is an address of a camera."""
    parse_name("cam_server", CAMERA_PORT, text)


def check_pipeline(text: str) -> None:
    """Raise :class:`AddressError` unless this is an address of a pipeline."""
    parse_name("pipeline", PIPELINE_PORT, text)


def needs_camera_server(options: SourceOptions) -> None:
    """Raise :class:`AddressError` if neither the address of a camera nor the options name a camera server."""
    camera_servers(options.address, options.camera_server, options.pipeline_server)


def needs_pipeline_server(options: SourceOptions) -> None:
    """Raise :class:`AddressError` if neither the address of a pipeline nor the options name a pipeline server."""
    pipeline_server(options.address, options.pipeline_server)


def camera_servers(text: str, cameras: str | None, pipelines: str | None) -> tuple[Name, HttpServer, HttpServer]:
    """Return the name in an address of a camera, its camera server and its pipeline server.

    ``cameras`` and ``pipelines`` are the URLs of the options, None if they are not set. The server in the address comes
    before that of the option; without an option the pipeline server is on the same host, at its usual port. Raise
    :class:`AddressError`.
    """
    name = parse_name("cam_server", CAMERA_PORT, text)
    server = name.server
    if server is None:
        if cameras is None:
            form = f"cam_server://host:{CAMERA_PORT}/{name.name}"
            raise AddressError(f"which camera server knows {name.name}? Say it with --camera-server or as {form}")
        server = _parsed(cameras, CAMERA_PORT)
    if pipelines is None:
        return name, server, HttpServer(server.host, PIPELINE_PORT, server.secure)
    return name, server, _parsed(pipelines, PIPELINE_PORT)


def pipeline_server(text: str, pipelines: str | None) -> tuple[Name, HttpServer]:
    """Return the name in an address of a pipeline, and its server: that in the address, else that of the option.

    Raise :class:`AddressError`.
    """
    name = parse_name("pipeline", PIPELINE_PORT, text)
    if name.server is not None:
        return name, name.server
    if pipelines is None:
        form = f"pipeline://host:{PIPELINE_PORT}/{name.name}"
        raise AddressError(f"which pipeline server knows {name.name}? Say it with --pipeline-server or as {form}")
    return name, _parsed(pipelines, PIPELINE_PORT)


def catalogue_servers(text: str, pipelines: str | None) -> tuple[HttpServer, HttpServer]:
    """Return the camera server of a URL ``cam_server://host[:port]`` or ``http[s]://...``, and its pipeline server.

    ``pipelines`` is the URL of the option, None if it is not set. Raise :class:`AddressError`.
    """
    server = _parsed(text.removeprefix("cam_server://"), CAMERA_PORT)
    if pipelines is None:
        return server, HttpServer(server.host, PIPELINE_PORT, server.secure)
    return server, _parsed(pipelines, PIPELINE_PORT)


def _parsed(text: str, port: int) -> HttpServer:
    try:
        return parse_server(text, port)
    except ValueError as error:
        raise AddressError(str(error)) from None

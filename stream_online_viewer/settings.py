"""The options of the server in one table, from which command line, environment and documents are made."""

import argparse
import ipaddress
import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from stream_online_viewer import __version__
from stream_online_viewer.errors import SettingsError, ViewerError

DEFAULT_STREAM = "tcp://localhost:8888"
_SOURCE_OPTIONS = (
    "camera_server",
    "pipeline_server",
    "dispatcher",
    "source_hosts",
    "release_idle",
    "pulse_id_attribute",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The values of the options.

    Rates are in images a second, bandwidths in Mbit/s, sizes in MB, times in seconds; 0 means no limit.
    """

    stream: str = DEFAULT_STREAM
    host: str = "127.0.0.1"
    port: int = 8080
    image_channel: str | None = None
    max_rate: float = 60.0
    viewer_mbit: float = 0.0
    total_mbit: float = 800.0
    mode: str = "auto"
    max_message_mb: int = 256
    max_pulse_mb: int | None = None
    max_viewers: int = 1000
    max_connections: int = 0
    max_connections_each: int = 0
    allow_host: tuple[str, ...] = ()
    proxy: tuple[str, ...] = ()
    web_processes: int = 1
    bus: str | None = None
    name: str | None = None
    bus_ca: str | None = None
    camera_server: str | None = None
    pipeline_server: str | None = None
    dispatcher: str | None = None
    source_hosts: tuple[str, ...] = ()
    release_idle: float = 0.0
    pulse_id_attribute: str | None = None
    catalogue: str | None = None
    log_level: str = "info"

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Settings":
        """Return the values in a JSON object, as ``asdict`` and JSON make it of another instance."""
        values: dict[str, Any] = {k: tuple(value) if isinstance(value, list) else value for k, value in content.items()}
        return cls(**values)

    @property
    def pulse_mb(self) -> int:
        """The largest message that is accepted, all its parts together, in MB."""
        return 2 * self.max_message_mb if self.max_pulse_mb is None else self.max_pulse_mb

    def source_options(self) -> dict[str, Any]:
        """Return the options of sources that are opened by name, as fields of :class:`.sources.base.SourceOptions`."""
        return {name: getattr(self, name) for name in _SOURCE_OPTIONS}


@dataclass(frozen=True, slots=True)
class Option:
    """One row of the table: the name of an option, and how its value is read, checked and explained."""

    field: str
    flag: str
    read: Callable[[str], Any]
    help: str
    metavar: str
    repeated: bool = False
    """It may be given several times. Each time, and the environment variable, may hold several values with commas."""
    other_variable: str | None = None
    """A variable of the facility that is used if neither the command line nor our own variable sets the option."""

    @property
    def environment(self) -> str:
        """The environment variable for the option, used if the command line does not set it."""
        return "SOV_" + self.field.upper()


def _stream(text: str) -> str:
    from stream_online_viewer.sources.table import check_address

    try:
        check_address(text)
    except ViewerError as error:
        raise ValueError(str(error)) from None
    return text


def _bus(text: str) -> str:
    from stream_online_viewer.protocol.bus_address import BusAddressError, parse_bus

    try:
        parse_bus(text)
    except BusAddressError as error:
        raise ValueError(str(error)) from None
    return text


def _bus_name(text: str) -> str:
    from stream_online_viewer.protocol.bus_address import BusAddressError, parse_name

    try:
        parse_name(text)
    except BusAddressError as error:
        raise ValueError(str(error)) from None
    return text


def _file(text: str) -> str:
    if not os.path.isfile(text):
        raise ValueError(f"there is no file {text[:200]!r}")
    return text


def _number(low: float, high: float, whole: bool = False) -> Callable[[str], Any]:
    kind = "whole number" if whole else "number"

    def read(text: str) -> Any:
        try:
            value = int(text) if whole else float(text)
        except ValueError:
            raise ValueError(f"{text!r} is not a {kind}") from None
        if not math.isfinite(value) or not low <= value <= high:
            raise ValueError(f"{text} is not a {kind} between {low:g} and {high:g}")
        return value

    return read


def _choice(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"{text!r} is none of {', '.join(allowed)}")
        return text

    return read


def _name(text: str) -> str | None:
    if len(text) > 256:
        raise ValueError("a channel name has at most 256 characters")
    return text or None


def _host(text: str) -> str:
    if re.fullmatch(r"\[[0-9A-Fa-f:.]+(%[A-Za-z0-9_.-]+)?\]", text):
        # An IPv6 address in brackets, as in a URL.
        text = text[1:-1]
    if not re.fullmatch(r"[A-Za-z0-9_.:%-]+", text):
        raise ValueError(f"{text!r} is neither a host name nor an address")
    return text


def _each(read: Callable[[str], str]) -> Callable[[str], tuple[str, ...]]:
    return lambda text: tuple(read(part.strip()) for part in text.split(",") if part.strip())


def _allowed_host(text: str) -> str:
    """Return a host name in lower case, as in a ``Host`` header, with ``*`` or ``*.`` before it if it is a pattern."""
    if text == "*":
        return text
    domain = text.removeprefix("*.")
    try:
        return str(ipaddress.ip_address(domain.removeprefix("[").removesuffix("]")))
    except ValueError:
        pass
    try:
        name = domain.encode("idna").decode().lower().rstrip(".")
    except UnicodeError:
        name = ""
    if not re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", name) or len(name) > 253:
        raise ValueError(f"{text!r} is no host name; it looks like viewer.example.org, *.example.org or *")
    return f"*.{name}" if domain != text else name


def _server(text: str) -> str:
    from stream_online_viewer.sources.table import check_server

    check_server(text)
    return text


def _proxy(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text.removeprefix("[").removesuffix("]"), strict=False))
    except ValueError:
        raise ValueError(f"{text!r} is no address; it looks like 192.0.2.7, 2001:db8::7 or 192.0.2.0/24") from None


OPTIONS: tuple[Option, ...] = (
    Option("stream", "stream", _stream, "address of the stream", "tcp://HOST:PORT|cam_server://NAME|..."),
    Option("host", "--host", _host, "address to serve on; 0.0.0.0 for all IPv4 interfaces, :: for IPv6 too", "ADDRESS"),
    Option("port", "--port", _number(0, 65535, whole=True), "port to serve on; 0 for a free one", "PORT"),
    Option(
        "image_channel", "--image-channel", _name, "channel that is shown first (found by itself if not given)", "NAME"
    ),
    Option("max_rate", "--max-rate", _number(0.01, 10000), "images a second to one viewer, at most", "HZ"),
    Option("viewer_mbit", "--viewer-mbit", _number(0, 1e6), "Mbit/s to one viewer, at most; 0: no limit", "MBIT"),
    Option(
        "total_mbit",
        "--total-mbit",
        _number(0, 1e6),
        "Mbit/s to all viewers, shared fairly; 0: no limit; viewers on the loopback interface do not count",
        "MBIT",
    ),
    Option(
        "mode", "--mode", _choice("auto", "pull", "sub"), "ZeroMQ socket type; auto asks the source", "auto|pull|sub"
    ),
    Option(
        "max_message_mb",
        "--max-message-mb",
        _number(1, 2000, whole=True),
        "largest part of a message that is accepted, MB",
        "MB",
    ),
    Option(
        "max_pulse_mb",
        "--max-pulse-mb",
        _number(1, 100000, whole=True),
        "largest message that is accepted, all its parts together, MB (default: twice --max-message-mb)",
        "MB",
    ),
    Option("max_viewers", "--max-viewers", _number(1, 100000, whole=True), "viewers at the same time, at most", "N"),
    Option(
        "max_connections",
        "--max-connections",
        _number(0, 1000000, whole=True),
        "connections at the same time, at most; 0: as many as the limit of open files has room for",
        "N",
    ),
    Option(
        "max_connections_each",
        "--max-connections-each",
        _number(0, 1000000, whole=True),
        "connections of one address, at most; 0: no limit of its own",
        "N",
    ),
    Option(
        "allow_host",
        "--allow-host",
        _each(_allowed_host),
        "name under which browsers may ask for the page, besides addresses, local names and names in the machine's"
        " search domains; *.DOMAIN for all names in it, * for any; may be given several times",
        "NAME",
        repeated=True,
    ),
    Option(
        "proxy",
        "--proxy",
        _each(_proxy),
        "address or network of a proxy before this server: it has no limit for each address, and what it writes into"
        " X-Forwarded-For is believed; may be given several times",
        "ADDRESS",
        repeated=True,
    ),
    Option(
        "web_processes",
        "--web-processes",
        _number(1, 64, whole=True),
        "processes that serve the viewers; with more than one, each may use a core of its own",
        "N",
    ),
    Option(
        "bus",
        "--bus",
        _bus,
        "NATS server over which one ingest feeds web servers on many hosts, nats:// or tls://; several with commas",
        "nats://[USER:PASSWORD@]HOST[:PORT]",
    ),
    Option("name", "--name", _bus_name, "name of the stream on the bus", "SITE/STREAM"),
    Option("bus_ca", "--bus-ca", _file, "certificates of who may sign that of a tls:// bus", "FILE"),
    Option(
        "camera_server",
        "--camera-server",
        _server,
        "server that knows the cameras of cam_server://NAME; else CAMERA_DEFAULT_URL",
        "URL",
        other_variable="CAMERA_DEFAULT_URL",
    ),
    Option(
        "pipeline_server",
        "--pipeline-server",
        _server,
        "server that knows the pipelines of pipeline://NAME and of cameras; else PIPELINE_DEFAULT_URL",
        "URL",
        other_variable="PIPELINE_DEFAULT_URL",
    ),
    Option(
        "dispatcher",
        "--dispatcher",
        _server,
        "dispatcher of dispatcher://CHANNELS, with its backend (default: the facility's)",
        "URL",
    ),
    Option(
        "source_hosts",
        "--source-hosts",
        _each(_allowed_host),
        "hosts whose streams are accepted from a server that is asked by name, *.DOMAIN for all names in it; without it"
        " any; may be given several times",
        "NAME",
        repeated=True,
    ),
    Option(
        "release_idle",
        "--release-idle",
        _number(0, 86400),
        "seconds without a viewer after which a stream that was opened by name, or a PV, is let go; 0: never",
        "SECONDS",
    ),
    Option(
        "pulse_id_attribute",
        "--pulse-id-attribute",
        _name,
        "attribute of the images of pva://PV that holds the pulse id (default: their frame counter)",
        "NAME",
    ),
    Option(
        "catalogue",
        "--catalogue",
        lambda text: text or None,
        "what is listed at /cameras: a TOML file with the cameras of the deployment, or a camera server",
        "FILE|URL",
    ),
    Option(
        "log_level",
        "--log-level",
        _choice("debug", "info", "warning", "error"),
        "how much is logged to standard error",
        "debug|info|warning|error",
    ),
)


INGEST_FIELDS = (
    "stream", "bus", "name", "bus_ca", "host", "port", "image_channel", "mode", "max_message_mb", "max_pulse_mb",
    *_SOURCE_OPTIONS, "catalogue", "log_level",
)  # fmt: skip
"""The options of the ingest half; it serves its status only."""
_RECEIVING = ("image_channel", "mode", "max_message_mb", "max_pulse_mb")
"""The options that a web server on a bus has no use for."""
INGEST_PORT = 8081


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise SettingsError(message)


def build_parser(ingest: bool = False) -> argparse.ArgumentParser:
    """Return the parser of the command line; wrong options raise :class:`SettingsError`.

    ``ingest``: that of the ingest half, see :data:`INGEST_FIELDS`.
    """
    parser = _Parser(
        prog="stream-online-viewer-ingest" if ingest else "stream-online-viewer",
        description="Receive one live bsread stream for web servers on many hosts, and publish it on a bus."
        if ingest
        else "Show one live bsread stream of camera images in web browsers.",
        epilog="Each option is also read from the environment: SOV_STREAM, SOV_PORT, SOV_MAX_RATE and so on.",
        allow_abbrev=False,
    )
    defaults = Settings()
    for option in options_of(ingest):
        default = getattr(defaults, option.field)
        if ingest:
            default = {"stream": None, "port": INGEST_PORT}.get(option.field, default)
        shown = ""
        if default is not None and default != ():
            shown = f" (default: {f'{default:g}' if isinstance(default, float) else default})"
        arguments: dict[str, Any] = {"help": option.help + shown, "metavar": option.metavar, "default": None}
        if option.repeated:
            arguments["action"] = "append"
        if option.flag.startswith("--"):
            parser.add_argument(option.flag, dest=option.field, **arguments)
        else:
            parser.add_argument(option.flag, nargs="?", **arguments)
    parser.add_argument("--version", action="version", version=f"stream online viewer {__version__}")
    return parser


def options_of(ingest: bool) -> tuple[Option, ...]:
    """Return the options of the server, or of the ingest half."""
    return tuple(option for option in OPTIONS if not ingest or option.field in INGEST_FIELDS)


def read_settings(
    arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ, ingest: bool = False
) -> Settings:
    """Return the options from the command line, else from the environment, else the defaults.

    ``ingest``: those of the ingest half. Raise :class:`SettingsError`, whose text names the option, the value and what
    is allowed.
    """
    given = vars(build_parser(ingest).parse_args(arguments))
    values: dict[str, Any] = {}
    for option in options_of(ingest):
        argument = given[option.field]
        for text, name in (
            (",".join(argument) if isinstance(argument, list) else argument, option.flag),
            (environment.get(option.environment), option.environment),
            (environment.get(option.other_variable or ""), option.other_variable),
        ):
            if text is not None:
                try:
                    values[option.field] = option.read(text)
                except ValueError as error:
                    raise SettingsError(f"{name}: {error}") from None
                break
    _check_halves(values, given, ingest)
    return _checked(Settings(**values))


def _check_halves(values: dict[str, Any], given: Mapping[str, Any], ingest: bool) -> None:
    """Check what belongs together, and give the ingest half its own port. ``given`` is the command line."""
    if ingest:
        for field, flag in (("stream", "STREAM"), ("bus", "--bus"), ("name", "--name")):
            if field not in values:
                raise SettingsError(f"{flag} is missing; the ingest needs STREAM, --bus and --name")
        values.setdefault("port", INGEST_PORT)
        return
    if ("bus" in values) != ("name" in values):
        raise SettingsError("--bus and --name belong together")
    if "bus" in values and "stream" in values:
        raise SettingsError("STREAM: with --bus the stream is received by start_ingest.py, which knows its address")
    if "bus" in values and values.get("web_processes", 1) > 1:
        raise SettingsError("--web-processes: with --bus, start several servers instead")
    # Variables may be those of a file for both halves.
    for option in OPTIONS:
        if "bus" in values and option.field in _RECEIVING and given[option.field] is not None:
            raise SettingsError(f"{option.flag}: with --bus this is an option of start_ingest.py")


def _checked(settings: Settings) -> Settings:
    """Return the settings; raise :class:`SettingsError` if the stream needs an option that is missing."""
    from stream_online_viewer.sources.base import SourceOptions
    from stream_online_viewer.sources.table import check_options

    try:
        check_options(SourceOptions(settings.stream, **settings.source_options()))
    except ViewerError as error:
        raise SettingsError(str(error)) from None
    return settings

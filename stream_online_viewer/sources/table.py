"""The table of sources: which source an address opens, and which formats of messages a ZeroMQ socket can receive.

A new source or format is a folder and a line here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stream_online_viewer.sources.base import AddressError, Source, SourceOptions, shown_address
from stream_online_viewer.sources.cameras import KnownCameras
from stream_online_viewer.sources.errand import Errand
from stream_online_viewer.sources.named.address import parse_server
from stream_online_viewer.sources.named.cam_server_address import (
    catalogue_servers,
    check_camera,
    check_pipeline,
    needs_camera_server,
    needs_pipeline_server,
)
from stream_online_viewer.sources.named.more_addresses import dispatcher_of, parse_channels, parse_device
from stream_online_viewer.sources.pva.address import needs_library, parse_pv
from stream_online_viewer.sources.zeromq.address import parse_address

if TYPE_CHECKING:
    from stream_online_viewer.sources.named.found import Lookup

_SHOWN_HERE = 24
"""Characters of a wrong address that are shown, because the forms of all addresses stand beside it."""


Opener = Callable[[SourceOptions], Source]


@dataclass(frozen=True, slots=True)
class Scheme:
    """One kind of address.

    ``form`` shows the user what such an address looks like. ``check`` raises :class:`AddressError` for a wrong one,
    without any network access. ``load`` imports what receives, and returns what makes the source.
    """

    form: str
    check: Callable[[str], object]
    load: Callable[[], Opener]
    check_options: Callable[[SourceOptions], object] | None = None
    """Raises :class:`AddressError` if options that such an address needs are missing, without any network access."""


# What these import is needed only in the process that receives.


def _zeromq() -> Opener:
    from stream_online_viewer.sources.array10.format import Array10
    from stream_online_viewer.sources.bsread.format import Bsread
    from stream_online_viewer.sources.zeromq.source import ZeroMQSource

    return lambda options: ZeroMQSource(options, [Bsread(options.max_message_bytes), Array10()])


def _named(lookup: "Callable[[SourceOptions], Lookup]") -> Opener:
    from stream_online_viewer.sources.named.source import NamedSource

    open_stream = _zeromq()
    return lambda options: NamedSource(options, lookup(options), open_stream)


def _camera() -> Opener:
    from stream_online_viewer.sources.named.cam_server import camera_lookup

    return _named(camera_lookup)


def _pipeline() -> Opener:
    from stream_online_viewer.sources.named.cam_server import pipeline_lookup

    return _named(pipeline_lookup)


def _dispatcher() -> Opener:
    from stream_online_viewer.sources.named.dispatcher import dispatcher_lookup

    return _named(dispatcher_lookup)


def _stddaq() -> Opener:
    from stream_online_viewer.sources.named.stddaq import stddaq_lookup

    return _named(stddaq_lookup)


def _pva() -> Opener:
    from stream_online_viewer.sources.pva.source import PvaSource

    return PvaSource


SCHEMES: dict[str, Scheme] = {
    "tcp": Scheme("tcp://host:port", parse_address, _zeromq),
    "cam_server": Scheme("cam_server://NAME", check_camera, _camera, needs_camera_server),
    "pipeline": Scheme("pipeline://NAME", check_pipeline, _pipeline, needs_pipeline_server),
    "pva": Scheme("pva://PV", parse_pv, _pva, needs_library),
    "dispatcher": Scheme("dispatcher://CHANNELS", parse_channels, _dispatcher, dispatcher_of),
    "stddaq": Scheme("stddaq://host/NAME", parse_device, _stddaq),
}
"""Keys are what stands before ``://`` in an address."""


def check_address(text: str) -> None:
    """Raise :class:`AddressError` unless a source can be opened with this address."""
    _scheme(text).check(text)


def check_options(options: SourceOptions) -> None:
    """Raise :class:`AddressError` unless a source can be opened with these options."""
    scheme = _scheme(options.address)
    scheme.check(options.address)
    if scheme.check_options is not None:
        scheme.check_options(options)


def check_server(text: str) -> None:
    """Raise ValueError unless this is the URL of a server that knows streams by name."""
    parse_server(text, 1)


def is_camera_server(text: str) -> bool:
    """Return whether this is meant as the URL of a server that knows cameras, not as the name of a file."""
    return text.partition("://")[0] in ("cam_server", "http", "https") and "://" in text


def check_camera_server(text: str) -> None:
    """Raise :class:`AddressError` unless this is the URL of a server that knows cameras."""
    catalogue_servers(text, None)


def camera_addresses(text: str, pipeline_server: str | None) -> tuple[str, tuple[str, ...]]:
    """Return what comes before a name in the address of a camera that a server knows, and the options that it needs.

    ``text`` is the URL of the server. Raise :class:`AddressError`.
    """
    cameras, _ = catalogue_servers(text, pipeline_server)
    options = () if pipeline_server is None else ("--pipeline-server", pipeline_server)
    if cameras.secure or cameras.path:
        return "cam_server://", ("--camera-server", text, *options)
    return f"cam_server://{cameras}/", options


def open_cameras(text: str, pipeline_server: str | None) -> Errand[KnownCameras]:
    """Return what asks a server, by its URL, for all cameras that it knows. Raise :class:`AddressError`."""
    from stream_online_viewer.sources.named.camera_list import CameraList

    return Errand("camera list", CameraList(*catalogue_servers(text, pipeline_server)))


def open_source(options: SourceOptions) -> Source:
    """Return the source of an address, which starts to look for its stream. Raise :class:`AddressError`."""
    return _scheme(options.address).load()(options)


def load_source(address: str) -> None:
    """Import what :func:`open_source` needs for an address, so that it is quick. Raise :class:`AddressError`."""
    _scheme(address).load()


def _scheme(text: str) -> Scheme:
    scheme = SCHEMES.get(text.partition("://")[0])
    if scheme is None:
        forms = " or ".join(scheme.form for scheme in SCHEMES.values())
        raise AddressError(f"{shown_address(text, _SHOWN_HERE)} is no stream address; it looks like {forms}")
    return scheme

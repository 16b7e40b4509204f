"""The table of sources: which kind of address is opened by what, and which formats a ZeroMQ socket may bring.

A new source, or a new format, is a folder and a line here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from stream_online_viewer.sources.base import AddressError, Source, SourceOptions, shown_address
from stream_online_viewer.sources.zeromq.address import parse_address


@dataclass(frozen=True, slots=True)
class Scheme:
    """One kind of address.

    ``form`` is what such an address looks like, for the user; ``check`` raises :class:`AddressError` for one that is
    wrong, without looking for anything; ``open`` makes the source.
    """

    form: str
    check: Callable[[str], object]
    open: Callable[[SourceOptions], Source]


def _zeromq(options: SourceOptions) -> Source:
    # Only the process that receives needs these.
    from stream_online_viewer.sources.array10.format import Array10
    from stream_online_viewer.sources.bsread.format import Bsread
    from stream_online_viewer.sources.zeromq.source import ZeroMQSource

    return ZeroMQSource(options, [Bsread(options.max_message_bytes), Array10()])


SCHEMES: dict[str, Scheme] = {
    "tcp": Scheme("tcp://host:port", parse_address, _zeromq),
}
"""What stands before ``://`` in an address."""


def check_address(text: str) -> None:
    """Raise :class:`AddressError` unless this is an address that a source can be opened with."""
    _scheme(text).check(text)


def open_source(options: SourceOptions) -> Source:
    """Return the source of an address, which looks for its stream from now on. Raises :class:`AddressError`."""
    return _scheme(options.address).open(options)


def _scheme(text: str) -> Scheme:
    scheme = SCHEMES.get(text.partition("://")[0])
    if scheme is None:
        forms = " or ".join(scheme.form for scheme in SCHEMES.values())
        raise AddressError(f"{shown_address(text)} is no stream address; it looks like {forms}")
    return scheme

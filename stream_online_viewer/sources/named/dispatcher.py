"""Requests a stream of chosen channels from the dispatcher, which joins them by their pulse."""

from collections.abc import Callable, Sequence

from stream_online_viewer.sources.base import SourceOptions
from stream_online_viewer.sources.named.address import HttpServer
from stream_online_viewer.sources.named.found import Found, stream_address
from stream_online_viewer.sources.named.more_addresses import dispatcher_of
from stream_online_viewer.sources.named.rest import ask

ANSWER_SECONDS = 10.0
"""The dispatcher looks at each channel before it answers."""
_SHOWN_CHANNELS = 3


class DispatcherLookup:
    """Requests a stream; each request makes a new one, which ends by itself when nobody is connected to it."""

    def __init__(self, channels: Sequence[str], server: HttpServer, hosts: Sequence[str]) -> None:
        self._channels, self._server, self._hosts = channels, server, hosts
        self.where = f"the dispatcher {server}"

    def find(self, tell: Callable[[str], None]) -> Found:
        """Return the stream; raise :class:`.found.LookupFailed`."""
        answer = ask(self._server, "/stream", ANSWER_SECONDS, post=self._request())
        shown = ", ".join(self._channels[:_SHOWN_CHANNELS])
        more = len(self._channels) - _SHOWN_CHANNELS
        origin = f"a stream of {shown}{f' and {more} more' if more > 0 else ''}, made by the dispatcher"
        where = f"The dispatcher {self._server}"
        return Found(stream_address(answer.get("stream"), self._hosts, where), origin, started=True)

    def _request(self) -> bytes:
        """Return the request as JSON text. Names hold no character that JSON would write in another way."""
        channels = ",".join(f'{{"name":"{channel}"}}' for channel in self._channels)
        rest = '"streamType":"pub_sub","verify":true,"channelValidation":{"inconsistency":"adjust-individual"}'
        return f'{{"channels":[{channels}],{rest}}}'.encode()


def dispatcher_lookup(options: SourceOptions) -> DispatcherLookup:
    """Return the lookup of ``dispatcher://CHANNEL,CHANNEL...``. Raise :class:`.base.AddressError`."""
    channels, server = dispatcher_of(options)
    return DispatcherLookup(channels, server, options.source_hosts)

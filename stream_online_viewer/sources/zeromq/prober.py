"""Runs the probe in a thread, because name servers and unreachable hosts take long."""

import time

from stream_online_viewer.sources.errand import Errand
from stream_online_viewer.sources.zeromq.address import Address
from stream_online_viewer.sources.zeromq.probe import Probe, probe

ASK_HTTP_AGAIN = 10.0
"""Seconds between two requests to an HTTP server, each of which leaves a line in a foreign log."""


class Prober(Errand[Probe]):
    """Probes one address on request."""

    def __init__(self, address: Address, timeout: float = 1.0) -> None:
        self._address = address
        self._timeout = timeout
        self._http: tuple[float, Probe] | None = None
        super().__init__("source probe", self._probe)

    def _probe(self) -> Probe:
        """Probe the address.

        An HTTP server is asked only now and then; meanwhile, no greeting means that it is still there.
        """
        now = time.monotonic()
        known = self._http[1] if self._http is not None and now - self._http[0] < ASK_HTTP_AGAIN else None
        found = probe(self._address.host, self._address.port, self._timeout, ask_http=known is None)
        if known is not None and found.outcome in ("http", "no_answer", "not_zeromq"):
            return known
        self._http = (now, found) if found.outcome == "http" and known is None else self._http
        if found.outcome not in ("http", "no_answer", "not_zeromq"):
            self._http = None
        return found

"""A stream that is opened by name: looked up, received, looked up again when it is gone, let go when nobody watches."""

import select
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from stream_online_viewer.model.problems import Refused
from stream_online_viewer.model.pulse import Arrival, Notice
from stream_online_viewer.sources.base import Source, SourceOptions, SourceState, State
from stream_online_viewer.sources.idle import Idle
from stream_online_viewer.sources.named.calibration import Calibrated
from stream_online_viewer.sources.named.found import Found, Lookup, LookupFailed
from stream_online_viewer.sources.named.seeker import Seeker

AWAY_SECONDS = 2.0
"""Seconds without a connection to the stream after which its name is looked up again."""
SILENT_SECONDS = 10.0
"""Seconds without a message after which its name is looked up again."""
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds from one lookup to the next while nothing comes; doubled each time."""


class NamedSource(Source):
    """Receives the stream that a lookup finds, with the source that ``open_stream`` makes of its address.

    With ``options.release_idle`` the stream is closed when nobody has watched for so many seconds, so that what sends
    it can stop, and it is looked up again for the next viewer.
    """

    def __init__(self, options: SourceOptions, lookup: Lookup, open_stream: Callable[[SourceOptions], Source]) -> None:
        self._options = options
        self._lookup = lookup
        self._open_stream = open_stream
        self._seeker = Seeker(lookup)
        self._descriptors = select.epoll()
        self._descriptors.register(self._seeker.fileno(), select.EPOLLIN)
        self._stream: Source | None = None
        self._stream_descriptor = -1
        self._found: Found | None = None
        self._calibrated: Calibrated | None = None
        self._problem: LookupFailed | None = None
        self._counts: Counter[str] = Counter()
        self._idle = Idle(options.release_idle, time.monotonic())
        self._released = False
        # The last moment at which the stream was as it should be: connected, or with a message.
        self._connected = self._message = time.monotonic()
        self._pause = SHORTEST_PAUSE
        self._next_lookup = 0.0
        self._asked = 0.0
        self._was_connected = False
        self._lost: str | None = None
        self._bytes_before = 0
        self._since: tuple[State, float] = ("resolving", time.monotonic())
        self._look_up(time.monotonic())

    @property
    def lookups(self) -> Mapping[str, int]:  # type: ignore[override]
        """How often the name was looked up, by the result."""
        return self._counts

    @property
    def received_bytes(self) -> int:  # type: ignore[override]
        """Bytes received so far, of all addresses."""
        return self._bytes_before + (0 if self._stream is None else self._stream.received_bytes)

    @property
    def state(self) -> SourceState:
        """The present state: that of the stream, else of the lookup."""
        if self._stream is not None and self._found is not None:
            state = self._stream.state
            text, note = state.text, f"It is {self._found.origin}. {state.note}".strip()
            if state.state == "waiting":
                text = f"{text} {note}"
            elif state.state == "resolving":
                text = f"{'Starting' if self._found.started else 'Opening'} {self._found.origin}: {text}"
            elif self._problem is not None:
                text = f"{text} {self._problem}"
            return replace(state, text=text, note=note, origin=self._found.origin)
        name = self._options.address
        if self._released:
            return self._away("released", f"Nobody watches, so {name} was let go; the next viewer opens it again.")
        if self._problem is not None:
            return self._away(self._problem.state, str(self._problem))
        if self._lost is not None:
            return self._away("lost", f"{self._lost} {name} is looked up again.")
        return self._away("resolving", self._seeker.doing or f"Looking up {name}: {self._lookup.where} is asked.")

    def _away(self, state: State, text: str) -> SourceState:
        if self._since[0] != state:
            self._since = (state, time.monotonic())
        origin = None if self._found is None else self._found.origin
        return SourceState(state, text, None, False, False, self._since[1], origin=origin)

    def fileno(self) -> int:
        """Return a descriptor that becomes readable when :meth:`poll` may return something or a lookup has ended."""
        return self._descriptors.fileno()

    def poll(self) -> bool:
        """Return at once whether a message waits."""
        return self._stream is not None and self._stream.poll()

    def receive(self) -> Arrival | Notice | None:
        """Return what arrived next, None if nothing has. Raise :class:`Refused`."""
        if self._stream is None:
            return None
        arrived = self._stream.receive()
        if arrived is None:
            return None
        self._message = time.monotonic()
        if self._calibrated is not None and not isinstance(arrived, Notice):
            return self._calibrated.arrival(arrived)
        return arrived

    def watch(self, watched: bool) -> None:
        """Note whether somebody watches. A source that was let go is opened again for the first viewer."""
        self._idle.watch(watched, time.monotonic())
        if watched and self._released:
            self._released = False
            self._problem = self._lost = None
            self._pause = SHORTEST_PAUSE
            self._look_up(time.monotonic())

    def tick(self) -> Refused | None:
        """Follow stream and lookup; return the refusal of the stream, if any."""
        now = time.monotonic()
        result = self._seeker.result()
        if result is not None and not self._released:
            self._take(result, now)
        # What is being started is waited for, so that it does not run on with nobody who ends it.
        if not self._released and not self._seeker.busy and self._idle.due(now):
            self._close_stream()
            self._released, self._problem = True, None
            return None
        refusal = None if self._stream is None else self._stream.tick()
        self._follow(now)
        if not self._released and now >= self._next_lookup and self._is_gone(now):
            self._look_up(now)
        return refusal

    def close(self) -> None:
        """Close the stream; return when nothing more is taken from it. A lookup under way is not waited for."""
        self._close_stream()
        self._seeker.close()
        self._descriptors.close()

    def _follow(self, now: float) -> None:
        """Note whether the stream is connected. One that was, and is not any more, is closed and looked up again.

        Servers give the ports of streams that have ended to others, so what answers there next may be another camera.
        """
        if self._stream is None:
            return
        state = self._stream.state
        if state.state == "waiting":
            self._connected, self._was_connected = now, True
        elif self._was_connected:
            self._lost = state.text
            self._close_stream()
            self._next_lookup = self._asked + SHORTEST_PAUSE

    def _look_up(self, now: float) -> None:
        self._asked = now
        self._seeker.start()

    def _is_gone(self, now: float) -> bool:
        if self._stream is None:
            return True
        if now - self._connected >= AWAY_SECONDS:
            return True
        return now - self._message >= SILENT_SECONDS

    def _take(self, result: Found | LookupFailed, now: float) -> None:
        """Take the result of a lookup, and decide when the next one may be."""
        if now - self._message < SILENT_SECONDS:
            self._pause = SHORTEST_PAUSE
        self._next_lookup = now + self._pause
        self._pause = min(LONGEST_PAUSE, 2 * self._pause)
        if isinstance(result, LookupFailed):
            self._counts[result.result] += 1
            self._problem = result
            if self._stream is None and self._found is not None and result.result in ("slow", "unreachable"):
                # Whoever could have given its port to another stream is not there.
                self._open(self._found, now)
            return
        self._counts["started" if result.started else "found"] += 1
        self._problem = self._lost = None
        if self._found is None or self._stream is None or result.address != self._found.address:
            self._close_stream()
            self._open(result, now)
        self._found = result

    def _open(self, found: Found, now: float) -> None:
        self._stream = self._open_stream(replace(self._options, address=found.address, reconnect=False))
        self._stream_descriptor = self._stream.fileno()
        self._descriptors.register(self._stream_descriptor, select.EPOLLIN)
        self._calibrated = None if found.calibration is None else Calibrated(found.calibration)
        self._connected = self._message = now
        self._was_connected = False

    def _close_stream(self) -> None:
        if self._stream is not None:
            with suppress(OSError):
                self._descriptors.unregister(self._stream_descriptor)
            self._bytes_before += self._stream.received_bytes
            self._stream.close()
        self._stream = self._calibrated = None

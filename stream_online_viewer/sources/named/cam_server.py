"""Looks up cameras and pipelines in the two servers of cam_server.

Only GET requests are sent. One of them starts what it asks for: that of the stream of a camera, or of a saved pipeline.
So what runs is taken from ``info``, which starts nothing, and a request that starts is sent once: if its answer does
not come in time, ``info`` tells whether it has helped.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stream_online_viewer.model.problems import shorten
from stream_online_viewer.sources.base import SourceOptions
from stream_online_viewer.sources.named.address import HttpServer, Name
from stream_online_viewer.sources.named.calibration import read_calibration
from stream_online_viewer.sources.named.cam_server_address import camera_servers, pipeline_server
from stream_online_viewer.sources.named.found import Found, LookupFailed, stream_address
from stream_online_viewer.sources.named.rest import ANSWER_SECONDS, ask

CAMERAS, PIPELINES = "/api/v1/cam", "/api/v1/pipeline"
START_SECONDS = 10.0
"""Time for the answer to a request that starts something."""
STARTED_SECONDS = 60.0
"""After a request that starts something and has no answer, the time in which it is not sent again."""
SHARED = "_sp"
"""What a camera's shared pipeline adds to its name."""
_MOST_TOLD = 200

Ask = Callable[..., dict[str, Any]]
Tell = Callable[[str], None]


class CamServerSide:
    """One of the two servers of cam_server, and what was started there."""

    def __init__(self, at: HttpServer, base: str, hosts: Sequence[str], asked: Ask) -> None:
        self.at = at
        self.label = f"The {'camera' if base == CAMERAS else 'pipeline'} server {at}"
        self._base, self._hosts, self._ask = base, hosts, asked
        self._started: dict[str, float] = {}

    def get(self, path: str, seconds: float = ANSWER_SECONDS) -> dict[str, Any]:
        """Return the answer to a request, whose state is "ok"; raise :class:`LookupFailed`."""
        try:
            answer = self._ask(self.at, self._base + path, seconds)
        except LookupFailed as problem:
            text = f"{self.label} cannot be asked. {problem}"
            raise LookupFailed(problem.result, problem.state, text) from None
        state, said = answer.get("state"), answer.get("status")
        if state == "ok":
            return answer
        if state == "error" and type(said) is str:
            text = " ".join(said.split())[:_MOST_TOLD]
            raise LookupFailed("error", "unresolvable", f"{self.label} says: {text}")
        raise LookupFailed("unusable", "unresolvable", f"{self.label} answered with the state {shorten(state)}.")

    def member(self, path: str, key: str, kind: type) -> Any:
        """Return a member of the answer to a request, of the expected type."""
        value = self.get(path).get(key)
        if type(value) is not kind:
            text = f"{self.label} answered without {key!r} to {self._base}{path}."
            raise LookupFailed("unusable", "unresolvable", text)
        return value

    def running(self) -> Mapping[str, Any]:
        """Return what runs: its names with their descriptions."""
        instances = self.member("/info", "info", dict).get("active_instances")
        if type(instances) is not dict:
            raise LookupFailed("unusable", "unresolvable", f"{self.label} does not say what runs there.")
        return instances

    def address_of(self, name: str, running: Mapping[str, Any]) -> str | None:
        """Return the address of a stream that runs, None if it does not."""
        entry = running.get(name)
        if type(entry) is not dict or entry.get("is_stream_active") is False:
            return None
        self._started.pop(name, None)
        return stream_address(entry.get("stream_address"), self._hosts, self.label)

    def start(self, name: str, path: str, what: str, tell: Tell) -> str:
        """Start something and return the address of its stream; only if that was not tried a moment ago."""
        started = self._started.get(name)
        if started is not None and time.monotonic() - started < STARTED_SECONDS:
            text = f"{self.label} was asked to start {what}, which does not run yet."
            raise LookupFailed("slow", "resolving", text)
        tell(f"Starting {what}: {self.label[0].lower()}{self.label[1:]} was asked for it.")
        self._started[name] = time.monotonic()
        try:
            answer = self.get(path, START_SECONDS)
        except LookupFailed as problem:
            if problem.result == "error":
                del self._started[name]
            raise
        del self._started[name]
        return stream_address(answer.get("stream"), self._hosts, self.label)


class PipelineLookup:
    """Looks up an instance of a pipeline: one that runs, else the saved pipeline of this name, which is started."""

    def __init__(self, name: Name, server: HttpServer, hosts: Sequence[str], asked: Ask = ask) -> None:
        self._name = name
        self._server = CamServerSide(server, PIPELINES, hosts, asked)
        self.where = f"the pipeline server {server}"

    def find(self, tell: Tell) -> Found:
        """Return the stream; raise :class:`LookupFailed`."""
        name, server = self._name.name, self._server
        running = server.running()
        found = _pipeline(server, self._name, running, lambda: server.member("", "pipelines", list), tell)
        if found is None:
            text = f"{server.label} knows no pipeline {name}, neither running nor saved."
            raise LookupFailed("unknown", "unresolvable", text)
        return found


class CameraLookup:
    """Looks up a camera: its shared pipeline if there is one, else the camera itself.

    A name that is an alias stands for its camera. Where no pipeline server listens, the camera itself is used.
    """

    def __init__(
        self, name: Name, cameras: HttpServer, pipelines: HttpServer, hosts: Sequence[str], asked: Ask = ask
    ) -> None:
        self._name = name
        self._cameras = CamServerSide(cameras, CAMERAS, hosts, asked)
        self._pipelines = CamServerSide(pipelines, PIPELINES, hosts, asked)
        self.where = f"the camera server {cameras}"

    def find(self, tell: Tell) -> Found:
        """Return the stream; raise :class:`LookupFailed`."""
        alias = self._cameras.member("/aliases", "aliases", dict).get(self._name.name)
        camera = self._name if type(alias) is not str else Name(alias, None)
        known = self._cameras.member("", "cameras", list)
        if camera.name not in known:
            what = camera.name if camera is self._name else f"{camera.name}, for which {self._name.name} stands"
            raise LookupFailed("unknown", "unresolvable", f"{self._cameras.label} knows no camera {what}.")
        stands_for = "" if camera is self._name else f"; {self._name.name} is an alias of {camera.name}"
        try:
            found = self._shared_pipeline(Name(camera.name + SHARED, None), tell)
        except LookupFailed as problem:
            if problem.state != "refused":
                raise
            stands_for = f", because no pipeline server listens at {self._pipelines.at}{stands_for}"
            found = None
        if found is None:
            found = self._camera(camera, tell)
        return Found(found.address, found.origin + stands_for, found.started, found.calibration)

    def _shared_pipeline(self, name: Name, tell: Tell) -> Found | None:
        server = self._pipelines
        return _pipeline(server, name, server.running(), lambda: server.member("", "pipelines", list), tell)

    def _camera(self, camera: Name, tell: Tell) -> Found:
        server = self._cameras
        calibration = read_calibration(server.member(f"/{camera.quoted}/config", "config", dict))
        address = server.address_of(camera.name, server.running())
        started = address is None
        if address is None:
            address = server.start(camera.name, f"/{camera.quoted}", f"the camera {camera.name}", tell)
        return Found(address, f"the camera {camera.name} itself, without a pipeline", started, calibration)


def _pipeline(
    server: CamServerSide, name: Name, running: Mapping[str, Any], saved: Callable[[], list[Any]], tell: Tell
) -> Found | None:
    """Return an instance that runs, else start the saved pipeline of this name; None if there is neither."""
    entry = running.get(name.name)
    address = server.address_of(name.name, running)
    if address is not None:
        # Normal users share instances, which nobody may change; others belong to somebody.
        shared = type(entry) is dict and entry.get("read_only") is True or name.name.endswith(SHARED)
        return Found(address, f"the pipeline {name.name}, {'shared' if shared else 'of somebody'}")
    if name.name not in saved():
        return None
    address = server.start(name.name, f"/instance/{name.quoted}", f"the pipeline {name.name}", tell)
    return Found(address, f"the pipeline {name.name}, shared", started=True)


def camera_lookup(options: SourceOptions) -> CameraLookup:
    """Return the lookup of ``cam_server://[host[:port]/]NAME``. Raise :class:`.base.AddressError`."""
    name, cameras, pipelines = camera_servers(options.address, options.camera_server, options.pipeline_server)
    return CameraLookup(name, cameras, pipelines, options.source_hosts)


def pipeline_lookup(options: SourceOptions) -> PipelineLookup:
    """Return the lookup of ``pipeline://[host[:port]/]ID``. Raise :class:`.base.AddressError`."""
    name, server = pipeline_server(options.address, options.pipeline_server)
    return PipelineLookup(name, server, options.source_hosts)

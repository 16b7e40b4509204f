"""The cameras of a cam_server: what is asked of it, what its answers may be, and who is told when."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_online_viewer.errors import SettingsError
from stream_online_viewer.ingest.cameras import NOT_CONFIGURED, Cameras
from stream_online_viewer.link.cameras import CameraAnswer, CameraQuestion, ListedCamera
from stream_online_viewer.sources.base import AddressError
from stream_online_viewer.sources.cameras import KnownCamera
from stream_online_viewer.sources.named import camera_list, rest
from stream_online_viewer.sources.named.address import HttpServer
from stream_online_viewer.sources.named.camera_list import CameraList
from stream_online_viewer.sources.named.listing import MOST_BYTES, MOST_CAMERAS, MOST_EACH, list_cameras
from stream_online_viewer.sources.table import camera_addresses, check_address
from stream_online_viewer.web.cameras import ASK_SECONDS, NO_ANSWER, NO_PROCESS, SILENT_SECONDS, CameraKeeper
from stream_online_viewer.web.cameras_page import list_of
from stream_online_viewer.web.catalogue import Camera, read_catalogue
from tests.cam_servers import FaultyCamServer, cam_servers, wait_a_little
from tests.link_peer import Noted
from tests.memory_link import MemoryIngestEnd
from tests.support import find_free_port, wait_until
from tests.unit.fake_time import FakeTime

INFO, PIPELINE_INFO = "/api/v1/cam/info", "/api/v1/pipeline/info"
ALL = ["/api/v1/cam/info", "/api/v1/cam", "/api/v1/cam/aliases", "/api/v1/cam/groups", "/api/v1/pipeline/info"]


@pytest.fixture
def servers() -> Iterator[FaultyCamServer]:
    with cam_servers(no_client_seconds=0) as running:
        yield running


def asking(servers: FaultyCamServer) -> CameraList:
    cameras, pipelines = (HttpServer("127.0.0.1", port) for port in servers.ports)
    return CameraList(cameras, pipelines)


class TestAsking:
    """What is asked of the two servers."""

    def test_only_what_starts_nothing_is_asked(self, servers: FaultyCamServer) -> None:
        """Names, aliases, groups and what runs; the second time only what runs."""
        ask = asking(servers)
        assert ask().cameras == (KnownCamera("CAM", ("the-camera",), ("ALL",)),)
        assert servers.asked == ALL
        assert ask().problem == "" and servers.asked[len(ALL) :] == [INFO, PIPELINE_INFO]
        assert servers.started == []

    def test_what_runs_is_marked(self, servers: FaultyCamServer) -> None:
        """The camera, the pipelines with its images; not those that are not active any more."""
        servers.answer("cam", "/api/v1/cam/CAM")
        servers.answer("pipeline", "/api/v1/pipeline/instance/CAM_sp")
        (found,) = asking(servers)().cameras
        assert (found.runs, found.pipelines) == (True, ("CAM_sp",))
        ended = {"CAM": {"is_stream_active": False}}
        servers.faults[INFO] = lambda: {"state": "ok", "info": {"active_instances": ended}}
        assert not asking(servers)().cameras[0].runs

    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            ({"state": "error", "status": "no\ndatabase"}, "says: no database"),
            (b"<html>", "answered with HTML instead of JSON"),
            (None, "HTTP status 404"),
            ({"state": "ok", "info": []}, "answered without 'info'"),
            ({"state": "ok", "info": {}}, "does not say what runs there"),
            (b"x" * 70_000, "answered with more than 0.06 MB"),
        ],
    )
    def test_a_wrong_answer_is_a_sentence(
        self, servers: FaultyCamServer, monkeypatch: pytest.MonkeyPatch, answer: Any, words: str
    ) -> None:
        """With the server; nothing is raised."""
        monkeypatch.setattr(camera_list, "MAX_ANSWER_BYTES", 60_000)
        servers.faults[INFO] = lambda: answer
        found = asking(servers)()
        assert words in found.problem and f"127.0.0.1:{servers.ports[0]}" in found.problem
        assert found.cameras == ()

    def test_a_slow_server_is_given_up(self, servers: FaultyCamServer, monkeypatch: pytest.MonkeyPatch) -> None:
        """After the time for one answer."""
        servers.faults[INFO] = wait_a_little(0.6, lambda: {"state": "ok", "info": {"active_instances": {}}})
        monkeypatch.setattr(camera_list, "ask", lambda at, path, seconds, size: rest.ask(at, path, 0.2, size))
        found = asking(servers)()
        assert "did not answer within 0.2 s" in found.problem

    def test_lists_of_newer_servers_may_be_missing(self, servers: FaultyCamServer) -> None:
        """And a pipeline server that fails is said; where none listens there are no pipelines."""
        servers.faults["/api/v1/cam/groups"] = lambda: None
        servers.faults[PIPELINE_INFO] = lambda: b"no"
        found = asking(servers)()
        assert found.problem == "" and found.cameras[0].groups == ()
        assert "HTTP status 404 to /api/v1/cam/groups" in found.note
        assert "It is not known which pipelines run." in found.note
        none = CameraList(HttpServer("127.0.0.1", servers.ports[0]), HttpServer("127.0.0.1", find_free_port()))()
        assert len(none.cameras) == 1 and "pipelines" not in none.note


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(["CAM", "B"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMED = st.dictionaries(st.text(max_size=8) | st.just("CAM"), ODD | st.just(["CAM"]) | st.just("CAM"), max_size=4)


class TestReading:
    """What the answers may be."""

    @settings(max_examples=300, deadline=None)
    @given(st.lists(ODD, max_size=6), NAMED, NAMED, NAMED, NAMED)
    def test_any_answer_is_read(
        self, names: list[Any], aliases: Any, groups: Any, running: Any, pipelines: Any
    ) -> None:
        """Into cameras that can be opened, whose texts can be shown; none is there twice, none is lost uncounted."""
        cameras, left_out = list_cameras(names, aliases, groups, running, pipelines)
        assert len({camera.name for camera in cameras}) == len(cameras)
        for camera in cameras:
            check_address(f"cam_server://host:1/{camera.name}")
            assert camera.name in names
            for text in (*camera.aliases, *camera.groups, *camera.pipelines):
                assert text.isprintable() and 1 <= len(text) <= 128
        shown = {name for name in names if type(name) is str and 1 <= len(name) <= 128 and name.isprintable()}
        assert len(cameras) + left_out == len(shown)

    def test_the_whole_is_bounded(self) -> None:
        """In cameras, in texts of each, in bytes; what is left out is counted."""
        names = [f"C{number}" for number in range(MOST_CAMERAS + 7)]
        cameras, left_out = list_cameras(names, {}, {}, {}, {})
        assert (len(cameras), left_out) == (MOST_CAMERAS, 7)
        groups = {f"G{number}": ["C1"] for number in range(50)}
        ((camera), _), _ = list_cameras(["C1", "C2"], {}, groups, {}, {})
        assert len(camera.groups) == MOST_EACH
        long = [f"{number:0120d}" for number in range(MOST_CAMERAS)]
        cameras, left_out = list_cameras(long, {}, {"g" * 100: long}, {}, {})
        size = sum(len(camera.name) + 100 for camera in cameras)
        assert 0.5 * MOST_BYTES < size <= MOST_BYTES and len(cameras) + left_out == len(long)

    def test_names_that_no_address_can_hold_are_left_out(self) -> None:
        """And counted."""
        cameras, left_out = list_cameras(["A B", "../A", "A/B", "A"], {}, {}, {}, {})
        assert ([camera.name for camera in cameras], left_out) == (["A"], 3)


class TestAnswering:
    """The ingest process, whose main loop never waits for the server."""

    @staticmethod
    def answers(link: MemoryIngestEnd) -> list[CameraAnswer]:
        noted = Noted()
        link.deliver(noted)
        return noted.cameras

    def waited(self, cameras: Cameras, *links: MemoryIngestEnd) -> list[CameraAnswer]:
        """Return the next answer that each link gets."""
        got: list[CameraAnswer] = []
        for link in links:

            def look(link: MemoryIngestEnd = link) -> bool:
                cameras.look()
                got.extend(self.answers(link))
                return bool(got)

            wait_until(look, 10, "an answer")
        return got

    def test_all_who_ask_share_one_question_to_the_server(self, servers: FaultyCamServer) -> None:
        """The list comes once; who has it gets none; the server is left alone for a while."""
        cameras, pipelines = (f"http://127.0.0.1:{port}" for port in servers.ports)
        desk, first, second = Cameras(cameras, pipelines), MemoryIngestEnd(), MemoryIngestEnd()
        desk.ask(first, "")
        desk.ask(second, "")
        assert self.answers(first) == []
        (answer,) = self.waited(desk, first)
        assert answer.cameras == (ListedCamera("CAM", ("the-camera",), ("ALL",)),)
        assert answer.problem == "" and answer.age_s is not None and answer.version != ""
        assert self.answers(second)[0].cameras == answer.cameras
        asked = list(servers.asked)
        desk.ask(first, answer.version)
        (again,) = self.answers(first)
        assert (again.version, again.cameras) == (answer.version, None)
        assert servers.asked == asked == ALL
        desk.close()

    def test_a_failure_keeps_the_last_list_and_its_age(
        self, servers: FaultyCamServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And why; another list has another version."""
        monkeypatch.setattr("stream_online_viewer.ingest.cameras.PAUSE_SECONDS", 0.0)
        monkeypatch.setattr("stream_online_viewer.ingest.cameras.SLOW_PAUSES", 0)
        desk, link = Cameras(f"cam_server://127.0.0.1:{servers.ports[0]}", None), MemoryIngestEnd()
        desk.ask(link, "")
        (good,) = self.waited(desk, link)
        servers.answer("cam", "/api/v1/cam/CAM")
        desk.ask(link, good.version)
        (other,) = self.waited(desk, link)
        assert other.version != good.version and other.cameras is not None and other.cameras[0].runs
        servers.faults[INFO] = lambda: b"no"
        desk.ask(link, "")
        (failed,) = self.waited(desk, link)
        assert (failed.cameras, failed.version) == (other.cameras, other.version)
        assert "instead of JSON" in failed.problem and failed.age_s is not None and failed.age_s > 0
        desk.close()

    def test_without_a_server_that_is_the_answer(self) -> None:
        """Nobody can name one over the link."""
        desk, link = Cameras(None, None), MemoryIngestEnd()
        assert desk.fileno() is None
        desk.ask(link, "")
        (answer,) = self.answers(link)
        assert (answer.problem, answer.cameras, answer.age_s) == (NOT_CONFIGURED, None, None)
        desk.close()


class TestKeeping:
    """The web process."""

    def test_questions_are_asked_only_while_somebody_looks(self) -> None:
        """At most every two seconds, with the version that is known."""
        time, sent = FakeTime(), list[CameraQuestion]()

        def send(question: CameraQuestion) -> bool:
            sent.append(question)
            return True

        keeper = CameraKeeper(time.clock, lambda: 5000.0, send)
        assert keeper.look().good is None and keeper.look().problem == ""
        assert sent == [CameraQuestion("")]
        keeper.take(CameraAnswer("", 2.0, "v", (ListedCamera("A"),)))
        now = keeper.look()
        assert (now.cameras, now.good, len(sent)) == ((ListedCamera("A"),), 4998.0, 1)
        time.pass_by(ASK_SECONDS)
        keeper.look()
        assert sent[1:] == [CameraQuestion("v")]
        keeper.take(CameraAnswer("It is gone.", 4.0, "v"))
        now = keeper.look()
        assert (now.problem, now.cameras, now.good) == ("It is gone.", (ListedCamera("A"),), 4996.0)
        time.pass_by(100)
        assert len(sent) == 2

    def test_a_list_of_another_process_is_not_kept(self) -> None:
        """Whose answer has none, because it was asked with another version."""
        keeper = CameraKeeper(FakeTime().clock, lambda: 5000.0, lambda question: True)
        keeper.take(CameraAnswer("", 2.0, "v", (ListedCamera("A"),)))
        keeper.take(CameraAnswer("", 2.0, "w"))
        assert keeper.look().cameras == () and keeper.look().version == ""

    def test_silence_is_said(self) -> None:
        """Of a process that does not run, and of one that does not answer."""
        time, runs = FakeTime(), [False]
        keeper = CameraKeeper(time.clock, lambda: 5000.0, lambda question: runs[0])
        assert keeper.look().problem == NO_PROCESS
        runs[0] = True
        keeper.forget_question()
        keeper.look()
        time.pass_by(SILENT_SECONDS + ASK_SECONDS)
        assert keeper.look().problem == NO_ANSWER


class TestCatalogue:
    """What is configured, and what becomes one camera."""

    def test_a_server_alone(self) -> None:
        """As a URL in place of a file; the command for a camera names it."""
        found = read_catalogue("cam_server://host:8888", "http://host:9999")
        (camera,) = found.with_listed([ListedCamera("A", ("a", "b"), ("g",), True, ("A_sp",))])
        options = ("--pipeline-server", "http://host:9999")
        assert camera == Camera("A", "cam_server://host:8888/A", "a, b", ("g",), None, ("camera", "A_sp"), options)
        assert camera_addresses("https://host/path", None) == (
            "cam_server://", ("--camera-server", "https://host/path"),
        )  # fmt: skip
        assert camera_addresses("http://[::1]", None) == ("cam_server://[::1]:8888/", ())
        for text in ("cam_server://", "http://a b", "http://host:99999"):
            with pytest.raises(SettingsError, match="cannot be used"):
                read_catalogue(text)
            with pytest.raises(AddressError):
                camera_addresses(text, None)

    def test_a_file_with_a_server(self, tmp_path: Any) -> None:
        """What both know is one camera with the file's link, found by its name or its address."""
        file = tmp_path / "cameras.toml"
        file.write_text(
            'server = "http://host"\n[[camera]]\nname = "A"\naddress = "tcp://a:1"\nlink = "/a/"\ngroup = "mine"\n'
            '[[camera]]\nname = "nice"\naddress = "cam_server://B"\n[[camera]]\nname = "own"\naddress = "tcp://b:1"\n'
        )
        found = read_catalogue(str(file))
        assert found.server == "http://host"
        listed = [ListedCamera("A", ("x",), ("g",), True), ListedCamera("B"), ListedCamera("C")]
        cameras = found.with_listed(listed)
        assert [(camera.name, camera.runs) for camera in cameras] == [
            ("A", ("camera",)), ("nice", ()), ("own", None), ("C", ()),
        ]  # fmt: skip
        assert (cameras[0].link, cameras[0].groups, cameras[0].alias) == ("/a/", ("mine", "g"), "x")
        file.write_text('server = "http://host"\n')
        assert read_catalogue(str(file)).cameras == ()
        for wrong in ("server = 1", 'server = "host"', 'server = "http://a b"', 'server = "http://h"\nmore = 1'):
            file.write_text(f'{wrong}\n[[camera]]\nname = "a"\naddress = "tcp://a:1"')
            with pytest.raises(SettingsError, match="cannot be used"):
                read_catalogue(str(file))

    def test_the_command_can_be_pasted_into_a_shell(self) -> None:
        """All parts are quoted as one word each, and the page escapes them once more."""
        camera = Camera("A", "cam_server://h:1/A;rm", options=("--pipeline-server", "http://h/$(x)'"))
        text = list_of([camera], "")
        assert "<code>stream-online-viewer --pipeline-server &#x27;http://h/$(x)&#x27;&quot;&#x27;" in text
        assert "&#x27;cam_server://h:1/A;rm&#x27; --port 0</code>" in text

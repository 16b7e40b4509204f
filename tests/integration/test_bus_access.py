"""Who may what on a bus with the configuration that is shipped: encryption, passwords, subjects."""

import asyncio
import os
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client

from tests.bus import nats_server, running_ingest, running_web
from tests.integration.test_fan_out import live
from tests.server import ROOT, ServerProcess
from tests.simulator import running_simulator
from tests.support import deadline, find_free_port, wait_until

DEPLOY = ROOT / "deploy" / "nats"
NAME = "psi/cam1"
PASSWORDS = {"INGEST": "in1", "WEB": "web2", "LEAF": "leaf3", "SYS": "sys4"}


def certificate(folder: Path, name: str, days: int = 2) -> tuple[Path, Path]:
    """Return a new certificate for this machine, signed by itself, and its key."""
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run(
        [*command, *names, "-days", str(days), "-keyout", str(key), "-out", str(cert)], capture_output=True, check=True
    )
    return cert, key


AUTHORITY = """
[ca]
default_ca = test
[test]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = names
x509_extensions = extensions
[names]
commonName = supplied
[extensions]
subjectAltName = DNS:localhost,IP:127.0.0.1
basicConstraints = CA:TRUE
"""


def expired_certificate(folder: Path) -> tuple[Path, Path]:
    """Return a certificate like that of :func:`certificate` that was valid on the first day of 2020, and its key."""
    cert, key, request = folder / "expired.pem", folder / "expired.key", folder / "request.pem"
    (folder / "index.txt").touch()
    (folder / "authority.conf").write_text(AUTHORITY.format(folder=folder))
    ask = ["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    subprocess.run([*ask, "-keyout", str(key), "-out", str(request)], capture_output=True, check=True)
    sign = ["openssl", "ca", "-batch", "-selfsign", "-notext", "-config", str(folder / "authority.conf")]
    files = ["-keyfile", str(key), "-in", str(request), "-out", str(cert)]
    days = ["-startdate", "20200101000000Z", "-enddate", "20200102000000Z"]
    subprocess.run([*sign, *files, *days], capture_output=True, check=True)
    return cert, key


def environment(folder: Path, expired: bool = False) -> dict[str, str]:
    """Return the environment that the configuration needs."""
    cert, key = expired_certificate(folder) if expired else certificate(folder, "server")
    return {
        **os.environ,
        "SOV_NATS_NAME": "hub",
        "SOV_NATS_CERT": str(cert),
        "SOV_NATS_KEY": str(key),
        "SOV_NATS_STORE": str(folder / "store"),
        "SOV_HUB_URL": '"tls://leaf:leaf3@127.0.0.1:7422"',
        "SOV_HUB_CA": str(cert),
        **{f"SOV_{user}_PASSWORD": password for user, password in PASSWORDS.items()},
    }


class Secured:
    """A NATS server with a shipped configuration, on free ports."""

    def __init__(
        self, folder: Path, variables: dict[str, str], name: str = "nats-sov.conf", leaf_port: int | None = None
    ) -> None:
        """``leaf_port`` is where it listens for leaf nodes, if it does."""
        self.port = find_free_port()
        self.leaf_port = leaf_port
        self.cert = variables["SOV_NATS_CERT"]
        text = (DEPLOY / name).read_text()
        changes = {'"0.0.0.0:4222"': f'"127.0.0.1:{self.port}"', 'http: "127.0.0.1:8222"': ""}
        if leaf_port is not None:
            changes['"0.0.0.0:7422"'] = f'"127.0.0.1:{leaf_port}"'
        for old, new in changes.items():
            assert text.count(old) == 1
            text = text.replace(old, new)
        (folder / name).write_text(text)
        self.log = folder / f"{name}.log"
        self.log.touch()
        self.process = subprocess.Popen(
            [nats_server(), "--config", str(folder / name), "--log", str(self.log)], env=variables
        )

    def url(self, user: str, password: str) -> str:
        return f"tls://{user}:{password}@127.0.0.1:{self.port}"

    @property
    def ingest(self) -> str:
        return self.url("ingest_psi_cam1", PASSWORDS["INGEST"])

    @property
    def web(self) -> str:
        return self.url("web", PASSWORDS["WEB"])

    async def connect(self, user: str, errors: list[str]) -> Client:
        """Connect somebody else's client."""

        async def note(error: Exception) -> None:
            errors.append(str(error))

        context = ssl.create_default_context(cafile=self.cert)
        return await nats.connect(
            self.url(user, PASSWORDS["WEB" if user == "web" else "INGEST"]),
            tls=context,
            tls_handshake_first=True,
            error_cb=note,
        )

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait()


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """One for all tests."""
    folder = tmp_path_factory.mktemp("bus")
    bus = Secured(folder, environment(folder), leaf_port=find_free_port())
    yield bus
    bus.close()


@pytest.fixture(scope="module")
def halves(bus: Secured) -> Iterator[tuple[ServerProcess, ServerProcess]]:
    """An ingest and a web server, each with its own user, over TLS."""
    with ExitStack() as stack:
        _, port = stack.enter_context(running_simulator("--rate", "20", "--size", "64x48"))
        ingest = stack.enter_context(running_ingest(port, bus.ingest, "--bus-ca", bus.cert, name=NAME))
        web = stack.enter_context(running_web(bus.web, "--bus-ca", bus.cert, name=NAME))
        yield ingest, web


@pytest.mark.parametrize("name", ["nats-sov.conf", "nats-leaf.conf"])
def test_the_shipped_configuration_is_valid(name: str, tmp_path: Path) -> None:
    """By the server's own check."""
    command = [nats_server(), "-t", "--config", str(DEPLOY / name)]
    done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_users_with_these_rights_have_all_that_they_need(
    bus: Secured, halves: tuple[ServerProcess, ServerProcess]
) -> None:
    """Pictures and scalars come, and no program was denied anything; the password is not shown."""
    ingest, web = halves
    with live(web) as viewer:
        for _ in range(5):
            viewer.next_frame()
        while not viewer.rows:
            viewer.receive(deadline(5))
    for process in halves:
        assert "the bus says" not in process.output()
        said = process.output() + str(process.status())
        assert not any(password in said for password in (PASSWORDS["INGEST"] + "@", PASSWORDS["WEB"] + "@"))


@pytest.mark.parametrize("password", [PASSWORDS["LEAF"], "wrong"])
def test_the_leaf_node_of_a_further_site(
    bus: Secured, halves: tuple[ServerProcess, ServerProcess], tmp_path: Path, password: str
) -> None:
    """With the other shipped configuration: a web server there shows pictures; without the password nothing comes."""
    hub = {"SOV_HUB_URL": f'"tls://leaf:{password}@127.0.0.1:{bus.leaf_port}"', "SOV_HUB_CA": bus.cert}
    site = Secured(tmp_path, environment(tmp_path) | hub | {"SOV_NATS_NAME": "site"}, "nats-leaf.conf")
    try:
        with running_web(site.web, "--bus-ca", site.cert, ready=False, name=NAME) as web:
            if password == "wrong":
                wait_until(lambda: "Authorization Violation" in site.log.read_text(), 20, "the hub refuses it")
                assert web.get("readyz")[0] in (0, 503)
                return
            web.wait_until_serving()
            with live(web) as viewer:
                viewer.next_frame()
                while not viewer.rows:
                    viewer.receive(deadline(5))
            assert web.status()["bus"]["lost"] == 0 and "the bus says" not in web.output()
    finally:
        site.close()


def test_a_web_user_cannot_forge_a_frame_nor_read_the_lease(
    bus: Secured, halves: tuple[ServerProcess, ServerProcess]
) -> None:
    """Somebody else's client with its password is denied what it has no use for, and no viewer notices."""
    _, web = halves
    tried = ("frame.x", "rows", "meta", f"web.{web.status()['bus']['id']}", "ingest")

    async def attack() -> list[str]:
        errors: list[str] = []
        client = await bus.connect("web", errors)
        for subject in tried:
            await client.publish(f"sov.psi.cam1.{subject}", b"forged")
        await client.publish("$KV.sov_lead.psi.cam1", b"me")
        await client.publish("$JS.API.STREAM.DELETE.KV_sov_lead", b"")
        for subject in (">", "$KV.>", "$SYS.>", "_INBOX.>", "sov.psi.cam1.want", "sov.other.cam1.frame.*"):
            await client.subscribe(subject)
        await client.flush()
        while len(errors) < len(tried) + 8:
            await asyncio.sleep(0.01)
        await client.close()
        return errors

    with live(web) as viewer:
        viewer.next_frame()
        refused = web.status()["bus"]["refused"]
        errors = asyncio.run(asyncio.wait_for(attack(), deadline(10)))
        assert len(errors) == len(tried) + 8
        assert all("permissions violation" in error for error in errors)
        for _ in range(5):
            viewer.next_frame()
        assert web.status()["bus"]["refused"] == refused


def test_an_ingest_user_cannot_publish_another_stream(bus: Secured) -> None:
    """Its program says why nothing happens."""

    async def attack() -> list[str]:
        errors: list[str] = []
        client = await bus.connect("ingest_psi_cam1", errors)
        for subject in ("sov.psi.cam2.meta", "sov.psi.cam2.frame.x", "$KV.sov_lead.psi.cam2"):
            await client.publish(subject, b"forged")
        await client.subscribe("sov.psi.cam2.want")
        await client.flush()
        while len(errors) < 4:
            await asyncio.sleep(0.01)
        await client.close()
        return errors

    errors = asyncio.run(asyncio.wait_for(attack(), deadline(10)))
    assert all("permissions violation" in error for error in errors)
    options = ("--bus-ca", bus.cert)
    with running_ingest(1, bus.ingest, *options, ready=False, name="psi/cam2") as foreign:
        wait_until(lambda: "Permissions Violation" in foreign.output(), 20, "it says what it may not")
        assert foreign.get("readyz")[0] in (0, 503)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("password", "Authorization Violation"),
        ("authority", "certificate is not accepted"),
        ("plain", "no greeting of a NATS server|has closed the connection|ended"),
    ],
    ids=lambda value: str(value).split()[0],
)
def test_who_cannot_come_in_says_why(bus: Secured, tmp_path: Path, change: str, words: str) -> None:
    """A wrong password, another authority, no encryption: one line in the log, and the page and readyz say it."""
    cert = bus.cert if change != "authority" else str(certificate(tmp_path, "other")[0])
    url = bus.url("web", "wrong" if change == "password" else PASSWORDS["WEB"])
    if change == "plain":
        url = url.replace("tls://", "nats://")
    with running_web(url, "--bus-ca", cert, ready=False, name=NAME) as web:
        wait_until(lambda: any(word in web.output() for word in words.split("|")), 20, f"it says why: {web.output()}")
        wait_until(lambda: " at http://" in web.output(), 20, "its address")
        web.port = int(web.output().partition(" at http://127.0.0.1:")[2].partition("/")[0])
        with live(web) as viewer:
            wait_until(
                lambda: any(word in viewer.next_status()["source"]["text"] for word in words.split("|")), 10, "the page"
            )
        assert web.get("readyz")[0] == 503 and web.get("healthz")[0] == 200
        lines = [line for line in web.output().splitlines() if "cannot be used" in line]
        assert 1 <= len(lines) <= 2
        assert "wrong@" not in web.output()


def test_a_bus_whose_certificate_has_expired_is_not_used(tmp_path: Path) -> None:
    """By neither half, although it is the very certificate that they are to trust; each says so in its log."""
    expired = Secured(tmp_path, environment(tmp_path, expired=True), leaf_port=find_free_port())
    try:
        with (
            running_web(expired.web, "--bus-ca", expired.cert, ready=False, name=NAME) as web,
            running_ingest(1, expired.ingest, "--bus-ca", expired.cert, ready=False, name=NAME) as ingest,
        ):
            for said in (web.output, ingest.output):
                wait_until(lambda said=said: "certificate has expired" in said(), 20, said())  # type: ignore[misc]
                assert "is connected" not in said()
    finally:
        expired.close()

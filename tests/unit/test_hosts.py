"""Under which names the server may be asked."""

from pathlib import Path

import pytest

from stream_online_viewer.errors import SettingsError
from stream_online_viewer.settings import read_settings
from stream_online_viewer.web.hosts import HostError, Hosts, machine_names, parse_host, same_origin

HOSTS = Hosts(["viewer.example", "*.beam.example"], {"srv7", "srv7.psi.example"}, {"psi.example", "local"})


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1", "127.0.0.1:8080", "127.1:80", "192.0.2.7", "[::1]", "[::1]:8080", "[fe80::1%eth0]:8080",
        "[fe80::1%25eth0]", "[::ffff:192.0.2.7]:1", "localhost", "LOCALHOST:8080", "localhost.", "a.localhost",
        "viewer", "srv7", "SRV7.psi.example", "srv9.psi.example", "a.b.psi.example:80", "srv7.local",
        "viewer.example", "Viewer.Example.:443", "cam1.beam.example",
    ],
)  # fmt: skip
def test_served(text: str) -> None:
    """Addresses, local names, the machine's own and its domains, and what an option names."""
    assert HOSTS.serves(parse_host(text))


@pytest.mark.parametrize(
    "text",
    ["evil.example", "evil.example:8080", "psi.example.evil.example", "evilpsi.example", "a.viewer.example",
     "beam.example", "127.0.0.1.evil.example", "1.2.3.4.nip.example", "xn--bcher-kva.example",
     "localhost.evil.example"],
)  # fmt: skip
def test_not_served(text: str) -> None:
    """Any name that somebody else can have."""
    assert not HOSTS.serves(parse_host(text))
    assert Hosts(["*"]).serves(parse_host(text))


@pytest.mark.parametrize(
    "text",
    ["", ":80", "a b", "a,b", "::1", "fe80::1:80", "[::1", "[127.0.0.1]", "[::g]", "user@host", "host/path",
     "host:port",
     "host:123456", "ho\x00st", "höst", "a..b", ".a", "a..", "host:1:2", "[::1]x", "-", "x" * 300, "evil%2eexample"],
)  # fmt: skip
def test_no_host(text: str) -> None:
    """What no browser sends cannot be read, and is not guessed at."""
    with pytest.raises(HostError):
        parse_host(text)


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("http://viewer:8080", "viewer:8080", True),
        ("https://viewer.example", "viewer.example", True),
        ("https://viewer.example", "viewer.example:443", True),
        ("http://[::1]:8080", "[::1]:8080", True),
        ("http://[0:0::1]:8080", "[::1]:8080", True),
        ("http://VIEWER", "viewer.", True),
        ("http://viewer:8081", "viewer:8080", False),
        ("https://viewer:8080", "viewer", False),
        ("http://evil.example", "viewer", False),
        ("null", "viewer", False),
        ("", "viewer", False),
        ("file://", "viewer", False),
        ("http://", "viewer", False),
        ("http://[::1", "viewer", False),
        ("http://a@viewer", "viewer", False),
        ("http://viewer/path", "viewer", False),
        ("ftp://viewer", "viewer", False),
    ],
)
def test_origins(origin: str, host: str, same: bool) -> None:
    """A page of this server has its name and its port; everything else, and what cannot be read, is another page."""
    assert same_origin(origin, parse_host(host)) is same


def files(folder: Path, resolv_conf: str, hosts: str = "") -> tuple[Path, Path]:
    """Return two files with these contents."""
    for name, content in (("resolv.conf", resolv_conf), ("hosts", hosts)):
        (folder / name).write_text(content)
    return folder / "resolv.conf", folder / "hosts"


def test_names_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name alone and in each search domain, and what /etc/hosts says of it; the last of two lines counts."""
    monkeypatch.delenv("LOCALDOMAIN", raising=False)
    search = "# search no.example\nsearch old.example\nnameserver 192.0.2.1\nsearch psi.example. Beam.Example # all\n"
    paths = files(tmp_path, search, "127.0.1.1 srv7.lab.example SRV7 # me\n192.0.2.9 other.example other\n")
    names, domains = machine_names(*paths, hostname="srv7")
    assert names == {"srv7", "srv7.local", "srv7.psi.example", "srv7.beam.example", "srv7.lab.example"}
    assert domains == {"psi.example", "beam.example"}


def test_the_domain_of_a_full_name_is_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose name has a domain needs no resolv.conf for it; neither file need be there."""
    monkeypatch.delenv("LOCALDOMAIN", raising=False)
    names, domains = machine_names(tmp_path / "none", tmp_path / "none", hostname="srv7.psi.example")
    assert names == {"srv7", "srv7.psi.example", "srv7.local"}
    assert domains == {"psi.example"}


def test_a_public_domain_of_one_label_is_not_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`search com` opens the server's own name in it, and not all names of the world; private domains are served."""
    monkeypatch.delenv("LOCALDOMAIN", raising=False)
    names, domains = machine_names(*files(tmp_path, "search com lan .\n"), hostname="srv7")
    assert {"srv7.com", "srv7.lan"} <= names
    assert domains == {"lan"}


def test_options() -> None:
    """Several times, or with commas, also in the environment; the command line goes before it."""
    settings = read_settings(["--allow-host", "A.example,b.example", "--allow-host", "*.C.example"], {})
    assert settings.allow_host == ("a.example", "b.example", "*.c.example")
    environment = {"SOV_ALLOW_HOST": "bücher.example, *", "SOV_PROXY": "127.0.0.1,2001:db8::/32"}
    settings = read_settings([], environment)
    assert settings.allow_host == ("xn--bcher-kva.example", "*")
    assert settings.proxy == ("127.0.0.1/32", "2001:db8::/32")
    assert read_settings(["--proxy", "192.0.2.7"], environment).proxy == ("192.0.2.7/32",)


@pytest.mark.parametrize("wrong", ["http://viewer.example", "viewer.example:80", "a b", "*.", "a.*.b", "**"])
def test_wrong_names_are_refused(wrong: str) -> None:
    """The option takes a name, without scheme and port."""
    with pytest.raises(SettingsError, match="--allow-host: .* is no host name"):
        read_settings(["--allow-host", wrong], {})

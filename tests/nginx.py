"""A real nginx: found on the PATH, or on Debian as root brought in with apt-get; run on a free port of this machine."""

import contextlib
import os
import platform
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.browsers import INSTALL_S, is_root
from tests.support import wait_until

MAIN = """
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


class NoNginx(Exception):
    """nginx was not found and could not be installed. The text says what to do."""


def find_nginx() -> str:
    """Return the path of nginx; raise NoNginx."""
    path = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if path is None and is_root():
        with contextlib.suppress(OSError):
            if platform.freedesktop_os_release().get("ID") == "debian":
                for command in (["update"], ["install", "-y", "--no-install-recommends", "nginx-light", "openssl"]):
                    subprocess.run(
                        ["apt-get", "-q", *command],
                        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                        stdin=subprocess.DEVNULL,
                        capture_output=True,
                        timeout=INSTALL_S,
                        check=False,
                    )
                path = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    if path is None:
        raise NoNginx("no nginx: apt-get install nginx")
    return path


@contextlib.contextmanager
def running_nginx(folder: Path, site: Path, replace: Mapping[str, str], port: int, name: str) -> Iterator[Path]:
    """Run nginx with a site's file in which each of ``replace`` was replaced; yield the certificate for ``name``.

    The texts to be replaced must be in the file. ``{folder}`` in a new text is the empty folder, which contains the
    certificate as cert.pem and key.pem.
    """
    nginx = find_nginx()
    certificate = folder / "cert.pem"
    make_certificate = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        f"/CN={name}",
    ]
    subprocess.run(
        [*make_certificate, "-addext", f"subjectAltName=DNS:{name}", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder,
        capture_output=True,
        timeout=60,
        check=True,
    )
    text = site.read_text("utf-8")
    for old, new in replace.items():
        assert old in text, old
        text = text.replace(old, new.replace("{folder}", str(folder)))
    (folder / "site.conf").write_text(text)
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder))
    command = [nginx, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    with (folder / "output").open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:

            def listens() -> bool:
                assert process.poll() is None, (folder / "output").read_text() + (folder / "error.log").read_text()
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
                    return True
                return False

            wait_until(listens, 15, "nginx listens")
            yield certificate
        finally:
            process.terminate()
            process.wait(20)

"""Run the viewer on several web servers, as on many hosts, until Ctrl-C or until one of the programs ends.

A NATS server, a simulated camera, two ingests of which one stands by, and three web servers, all on this machine, and
nginx before them if there is one, which gives them one address.
"""

import argparse
import contextlib
import shlex
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from demo import ROOT, Stop, check, free_port, on_signal, stop

START_S = 120.0
"""Many programs start at the same time, which takes long on a busy machine."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
NAME = "demo/camera"
PAGE_PORT, STREAM_PORT, BUS_PORT, INGEST_PORT = 8080, 8888, 4222, 8091

LIMITS = """
listen: "127.0.0.1:{port}"
max_payload: 16MB
max_pending: 32MB
write_deadline: "1s"
no_fast_producer_stall: true
jetstream {{ store_dir: "{folder}/store" }}
"""

NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
    upstream web {{ least_conn; {servers} }}
    server {{
        listen 127.0.0.1:{port};
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_buffering off;
        location / {{ proxy_pass http://web; }}
    }}
}}
"""


def find(program: str) -> str | None:
    """Return the path of a program that a wheel has installed, or that is on the PATH."""
    places = (sysconfig.get_path("scripts"), None, "/usr/sbin:/usr/local/sbin")
    return next((found for place in places if (found := shutil.which(program, path=place))), None)


@contextlib.contextmanager
def signals_later() -> Iterator[None]:
    """Raise :class:`demo.Stop` for a signal that comes meanwhile only at the end."""
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)

    before = [(number, signal.signal(number, note)) for number in SIGNALS]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
    if came:
        raise Stop


def launch(
    processes: dict[str, subprocess.Popen[bytes]], name: str, command: Sequence[str], quiet: bool = False
) -> None:
    """Start a program in its own process group, so that Ctrl-C reaches only the demo, and note it before that ends."""
    output = subprocess.DEVNULL if quiet else None
    with signals_later():
        processes[name] = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, process_group=0)


def entry(program: str, *arguments: str) -> list[str]:
    """Return the command of an entry point of the package."""
    return [sys.executable, str(ROOT / "stream_online_viewer" / program), *arguments]


def wait_for(url: str, processes: dict[str, subprocess.Popen[bytes]]) -> None:
    """Return when a program is ready; end the demo if a process ends before, or it takes too long."""
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        check(processes, patience=0.05)
        with contextlib.suppress(OSError, urllib.error.URLError), urllib.request.urlopen(f"{url}readyz", timeout=2):
            return
    raise SystemExit(f"demo: {url} was not ready within {START_S:.0f} s")


def run(simulator: list[str], servers: int, folder: Path) -> None:
    """Start everything, print the addresses, and wait until one ends or :class:`demo.Stop` is raised."""
    nats = find("nats-server")
    if nats is None:
        raise SystemExit("demo: there is no nats-server; make demo-cluster installs one")
    bus, stream = free_port(BUS_PORT), free_port(STREAM_PORT)
    (folder / "nats.conf").write_text(LIMITS.format(port=bus, folder=folder))
    common = ("--bus", f"nats://127.0.0.1:{bus}", "--name", NAME)
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        launch(processes, "NATS server", [nats, "--config", str(folder / "nats.conf")], quiet=True)
        launch(processes, "simulator", entry("start_stream.py", *simulator, "-o", str(stream)))
        halves: list[str] = []
        for role in ("ingest", "standby"):
            port = free_port(INGEST_PORT + len(halves))
            halves.append(f"http://127.0.0.1:{port}/")
            address = f"tcp://127.0.0.1:{stream}"
            launch(processes, role, entry("start_ingest.py", address, *common, "--port", str(port)))
            wait_for(halves[-1], processes)
        pages = []
        nginx = find("nginx")
        for number in range(servers):
            port = free_port(PAGE_PORT + number + (nginx is not None))
            pages.append(f"http://127.0.0.1:{port}/")
            proxy = ("--proxy", "127.0.0.1") if nginx else ()
            command = entry("start_server.py", *common, "--port", str(port), *proxy)
            launch(processes, f"web server {number + 1}", command)
        for page in pages:
            wait_for(page, processes)
        lines = [f"web server {number}: {page}" for number, page in enumerate(pages, 1)]
        if nginx is not None:
            port = free_port(PAGE_PORT)
            upstream = " ".join(f"server {page.removeprefix('http://').rstrip('/')};" for page in pages)
            (folder / "nginx.conf").write_text(NGINX.format(port=port, folder=folder, servers=upstream))
            launch(processes, "nginx", [nginx, "-c", str(folder / "nginx.conf"), "-p", str(folder)])
            front = f"http://127.0.0.1:{port}/"
            wait_for(front, processes)
            lines.insert(0, f"The live picture, behind nginx: {front}")
        lines += [f"{role}: {url}api/status" for role, url in zip(("ingest", "standby"), halves, strict=True)]
        print("\n" + "".join(f"  {line}\n" for line in lines) + "  Ctrl-C stops everything.\n", flush=True)
        while True:
            check(processes, patience=0.1)
    finally:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        # Those who use the bus first.
        bus_server = {"NATS server": processes.pop("NATS server")} if "NATS server" in processes else {}
        stop(processes)
        stop(bus_server)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0] if __doc__ else None)
    parser.add_argument("--simulator", default="", metavar="OPTIONS", help="options for start_stream.py, in quotes")
    parser.add_argument("--servers", type=int, default=3, metavar="N", help="web servers (default: 3)")
    options = parser.parse_args()
    for number in SIGNALS:
        signal.signal(number, on_signal)
    try:
        with tempfile.TemporaryDirectory() as folder:
            run(shlex.split(options.simulator), max(1, options.servers), Path(folder))
    except Stop:
        print("demo: stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())

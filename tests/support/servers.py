"""Real HTTP/2 servers, made by others, on free ports of the loopback.

`running(name, tls=...)` starts one in a directory of its own with a throw-away certificate and
stops it in the end. A server that is not installed skips the test, or fails it where the
environment has H2SPEC_PY_REQUIRE_PEERS=1, so that a gate cannot pass by missing its peers.
"""

import contextlib
import functools
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
import trustme

from h2spec_py.net import Endpoint
from tests.support import asgi_app

HOST = "127.0.0.1"
START = 20.0
"""Seconds that a server has to begin to listen, and to end."""
ATTEMPTS = 3
"""Ports to try: another process may take one between our choice and the server's bind."""


@dataclass(frozen=True, slots=True)
class RealServer:
    """A running server; `url` answers GET with a few kB, `upload_path` takes POST."""

    name: str
    url: str
    upload_path: str
    cafile: str | None
    """PEM file of the authority that signed its certificate, over TLS."""
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def endpoint(self) -> Endpoint:
        """Where it is, with the authority to trust."""
        parsed = Endpoint.parse(self.url)
        return Endpoint(parsed.host, parsed.port, parsed.tls, parsed.path, cafile=self.cafile)

    def alive(self) -> bool:
        """Tell whether the process still runs."""
        return self.process.poll() is None

    def said(self) -> str:
        """The end of what it wrote to its log."""
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""

    def stop(self) -> None:
        """End the process that we started; a second time does nothing."""
        if self.alive():
            self.process.terminate()
            try:
                self.process.wait(START)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()


@dataclass(frozen=True, slots=True)
class _Room:
    """What a server is given: a directory, a port, and for TLS the files of its key."""

    directory: Path
    port: int
    tls: bool

    @property
    def key(self) -> Path:
        return self.directory / "key.pem"

    @property
    def chain(self) -> Path:
        return self.directory / "chain.pem"


@dataclass(frozen=True, slots=True)
class _Kind:
    command: Callable[[_Room], Sequence[str | Path]]
    upload_path: str
    missing: Callable[[], str | None]


def _missing_program(name: str) -> str | None:
    return None if _program(name) else f"{name} is not installed"


def _program(name: str) -> str | None:
    beside = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
    return shutil.which(name, path=beside)


def _found(name: str) -> str:
    program = _program(name)
    assert program is not None
    return program


def _missing_hypercorn() -> str | None:
    return None if importlib.util.find_spec("hypercorn") else "hypercorn is not installed"


@functools.cache
def _nginx_version() -> tuple[int, ...]:
    said = subprocess.run(
        [_found("nginx"), "-v"], capture_output=True, text=True, timeout=START, check=True
    ).stderr
    found = re.search(r"nginx/([0-9.]+)", said)
    assert found is not None, said
    return tuple(map(int, found[1].split(".")))


def _nginx(room: _Room) -> Sequence[str | Path]:
    by_directive = _nginx_version() >= (1, 25, 1)
    words = ["ssl"] if room.tls else []
    if not by_directive:
        words.append("http2")
    key = f"ssl_certificate {room.chain}; ssl_certificate_key {room.key};" if room.tls else ""
    temporary = " ".join(
        f"{kind}_temp_path {room.directory}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Uploads go through a proxy to nginx itself, because static files refuse POST unread.
    (room.directory / "nginx.conf").write_text(
        f"""
        daemon off; master_process off; pid {room.directory}/pid;
        error_log {room.directory}/log;
        events {{ worker_connections 256; }}
        http {{
            access_log off; {temporary}
            server {{
                listen {HOST}:{room.port} {" ".join(words)}; {key}
                {"http2 on;" if by_directive else ""}
                root {room.directory}/www;
                location = /upload {{ proxy_pass http://unix:{room.directory}/back; }}
            }}
            server {{
                listen unix:{room.directory}/back;
                location / {{ default_type text/plain; return 200 "received\\n"; }}
            }}
        }}
        """
    )
    prefix = [f"{_found('nginx')}", "-p", f"{room.directory}/"]
    return [*prefix, "-e", room.directory / "log", "-c", room.directory / "nginx.conf"]


def _nghttpd(room: _Room) -> Sequence[str | Path]:
    command: list[str | Path] = [_found("nghttpd"), "-a", HOST, "-d", room.directory / "www"]
    if not room.tls:
        return [*command, "--no-tls", str(room.port)]
    return [*command, str(room.port), room.key, room.chain]


def _hypercorn(room: _Room) -> Sequence[str | Path]:
    lines = [f'bind = "{HOST}:{room.port}"', "workers = 0", "graceful_timeout = 0"]
    if room.tls:
        lines += [f'certfile = "{room.chain}"', f'keyfile = "{room.key}"']
    config = room.directory / "hypercorn.toml"
    config.write_text("\n".join(lines) + "\n")
    return [sys.executable, "-m", "hypercorn", "-c", config, f"{asgi_app.__file__}:app"]


_KINDS: dict[str, _Kind] = {
    "nginx": _Kind(_nginx, "/upload", lambda: _missing_program("nginx")),
    "nghttpd": _Kind(_nghttpd, "/index.html", lambda: _missing_program("nghttpd")),
    "hypercorn": _Kind(_hypercorn, "/upload", _missing_hypercorn),
}

NAMES = tuple(_KINDS)
"""The servers that `running` knows."""


@contextlib.contextmanager
def running(name: str, *, tls: bool) -> Iterator[RealServer]:
    """Run the server `name`; skip or fail the test where it is not installed."""
    kind = _KINDS[name]
    reason = kind.missing()
    if reason is not None:
        unavailable(reason)
    with tempfile.TemporaryDirectory(prefix="peer-") as directory:
        server = _start(name, kind, Path(directory), tls=tls)
        try:
            yield server
        finally:
            server.stop()


def unavailable(reason: str) -> NoReturn:
    """Skip the test, or fail it where real servers are required."""
    if os.environ.get("H2SPEC_PY_REQUIRE_PEERS") == "1":
        pytest.fail(f"{reason}, and H2SPEC_PY_REQUIRE_PEERS=1")
    pytest.skip(reason)


@functools.cache
def _authority() -> trustme.CA:
    return trustme.CA()


def write_certificate(key: Path, chain: Path, cafile: Path) -> None:
    """Write PEM files: a new key, its certificate, and the authority that signed that."""
    certificate = _authority().issue_cert("localhost", HOST)
    certificate.private_key_pem.write_to_path(str(key))
    certificate.cert_chain_pems[0].write_to_path(str(chain))
    _authority().cert_pem.write_to_path(str(cafile))


def _start(name: str, kind: _Kind, directory: Path, *, tls: bool) -> RealServer:
    (directory / "www").mkdir()
    (directory / "www" / "index.html").write_bytes(asgi_app.PAGE)
    cafile = directory / "ca.pem"
    said = ""
    for _ in range(ATTEMPTS):
        room = _Room(directory, _free_port(), tls)
        if tls:
            write_certificate(room.key, room.chain, cafile)
        server = RealServer(
            name=name,
            url=f"{'https' if tls else 'http'}://{HOST}:{room.port}/",
            upload_path=kind.upload_path,
            cafile=str(cafile) if tls else None,
            process=_spawn(kind.command(room), directory),
            log=directory / "log",
        )
        if _listens(server, room.port):
            return server
        server.stop()
        said = server.said()
    pytest.fail(f"{name} does not start: {said}")


def _spawn(command: Sequence[str | Path], directory: Path) -> subprocess.Popen[bytes]:
    with (directory / "log").open("ab") as log:
        return subprocess.Popen(
            [str(word) for word in command],
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


def _listens(server: RealServer, port: int) -> bool:
    deadline = time.monotonic() + START
    while server.alive() and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=START):
            return server.alive()
        time.sleep(0.02)
    return False

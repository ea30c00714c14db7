"""Real HTTP/2 servers, made by others, on free ports of the loopback.

`running(name, tls=...)` starts one in a directory of its own with a throw-away certificate and
stops it in the end. A server that is not installed skips the test, or fails it where the
environment has H2SPEC_PY_REQUIRE_PEERS=1, so that a gate cannot pass by missing its peers.
"""

import contextlib
import functools
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
import trustme

from h2spec_py.net import Endpoint
from tests.support import asgi_app
from tests.support.server_kinds import HOST, KINDS, Command, Kind, Room

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


NAMES = tuple(KINDS)
"""The servers that `running` knows."""


@contextlib.contextmanager
def running(name: str, *, tls: bool) -> Iterator[RealServer]:
    """Run the server `name`; skip or fail the test where it is not installed."""
    kind = KINDS[name]
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
    # Of RSA, because the cipher suite that all servers have to support takes it (rfc9113 9.2.2).
    certificate = _authority().issue_cert("localhost", HOST, key_type=trustme.KeyType.RSA)
    certificate.private_key_pem.write_to_path(str(key))
    certificate.cert_chain_pems[0].write_to_path(str(chain))
    _authority().cert_pem.write_to_path(str(cafile))


def _start(name: str, kind: Kind, directory: Path, *, tls: bool) -> RealServer:
    directory.chmod(0o755)  # some run as another user when root starts them
    (directory / "www").mkdir()
    (directory / "www" / "index.html").write_bytes(asgi_app.PAGE)
    cafile = directory / "ca.pem"
    said = ""
    for _ in range(ATTEMPTS):
        room = Room(directory, _free_port(), tls)
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


def _spawn(command: Command, directory: Path) -> subprocess.Popen[bytes]:
    with (directory / "log").open("ab") as log:
        return subprocess.Popen(
            [str(word) for word in command],
            cwd=directory,
            env={**os.environ, "HOME": str(directory)},
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

"""Servers of the drafts of HTTP/2 and of RFC 7540, made by others at the time, on the loopback.

`tests/support/node/install` gets them from npm; `node_peer(version, tls=...)` starts one and stops
it in the end. Where they are not installed the test is skipped, or fails where the environment has
H2SPEC_PY_REQUIRE_PEERS=1.

| version | server |
|---|---|
| draft-04, draft-06, draft-09, draft-14, draft-16, rfc7540 | that of the package `http2` |
| draft-12 | the protocol of `http2-protocol` under a server of ours, as is draft-04's TLS |
"""

import contextlib
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support import asgi_app, npm
from tests.support.server_kinds import HOST
from tests.support.servers import START, RealServer, unavailable, write_certificate

NODE = "node-4"
"""The Node.js that runs all of them."""
VERSIONS = ("04", "06", "09", "12", "14", "16", "7540")
"""The versions, by their short names, that `node_peer` has servers of."""
UPLOAD_PATH = "/upload"
"""They take POST on every path."""


@contextlib.contextmanager
def node_peer(version: str, *, tls: bool) -> Iterator[RealServer]:
    """Run the server of a version; skip or fail the test where it is not installed.

    Over TLS its URL has a host name, because most of these servers speak HTTP/2 only to clients
    that send one (SNI).
    """
    reason = npm.missing(NODE)
    if reason is not None:
        unavailable(reason)
    with tempfile.TemporaryDirectory(prefix="peer-") as directory:
        server = _start(version, Path(directory), tls=tls)
        try:
            yield server
        finally:
            server.stop()


def _start(version: str, directory: Path, *, tls: bool) -> RealServer:
    page, cafile = directory / "page", directory / "ca.pem"
    page.write_bytes(asgi_app.PAGE)
    document = f"rfc{version}" if len(version) == 4 else f"draft-{version}"
    command: list[Path | str] = [npm.node(NODE), npm.SCRIPTS / "serve.js"]
    command += [document, npm.packages(), page]
    if tls:
        key, chain = directory / "key.pem", directory / "chain.pem"
        write_certificate(key, chain, cafile)
        command += [key, chain]
    process = _spawn(command, directory)
    port = _port(process)
    server = RealServer(
        name=f"{document} by node-http2",
        url=f"https://localhost:{port}/" if tls else f"http://{HOST}:{port}/",
        upload_path=UPLOAD_PATH,
        cafile=str(cafile) if tls else None,
        process=process,
        log=directory / "log",
    )
    if port is None:
        server.stop()
        pytest.fail(f"{server.name} does not start: {server.said()}")
    return server


def _spawn(command: Sequence[Path | str], directory: Path) -> subprocess.Popen[bytes]:
    with (directory / "log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=directory,
            env={},  # what is set there for the Node.js of today is not for this one
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
        )


def _port(process: subprocess.Popen[bytes]) -> int | None:
    """Wait for the line with its port that a server prints once it listens; None if none comes."""
    assert process.stdout is not None
    said = b""
    deadline = time.monotonic() + START
    with process.stdout as output:
        while not said.endswith(b"\n"):
            left = max(0.0, deadline - time.monotonic())
            if not select.select([output], [], [], left)[0]:
                return None
            octets = os.read(output.fileno(), 64)
            if not octets:
                return None
            said += octets
    return int(said)

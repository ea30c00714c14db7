"""How each real server is told to serve: its command, and the configuration that it reads.

All serve the page of `asgi_app` for GET on "/", and take POST on their upload path. None goes to
the background, writes outside of its directory, or changes what the server does with HTTP/2: it is
as its package has it.
"""

import functools
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support import asgi_app, npm

HOST = "127.0.0.1"
PATIENCE = 20.0
"""Seconds that a program has to tell its version."""
IDLE = 60
"""Seconds that a server keeps an idle connection, where the five or ten of its own are fewer than a
busy machine may let pass between two steps of a case."""
Command = Sequence[str | Path]


@dataclass(frozen=True, slots=True)
class Room:
    """What a server is given: a directory, a port, and for TLS the files of its key."""

    directory: Path
    port: int
    tls: bool

    @property
    def www(self) -> Path:
        """The directory that has the page, as index.html."""
        return self.directory / "www"

    @property
    def key(self) -> Path:
        return self.directory / "key.pem"

    @property
    def chain(self) -> Path:
        return self.directory / "chain.pem"

    def write(self, name: str, text: str) -> Path:
        """Write a file of configuration; give its path."""
        path = self.directory / name
        path.write_text(textwrap.dedent(text))
        return path

    def write_pem(self) -> Path:
        """Write the key and the certificate into one file, as some servers want them."""
        return self.write("both.pem", self.chain.read_text() + self.key.read_text())


@dataclass(frozen=True, slots=True)
class Kind:
    """A server: what starts it, what takes POST, and what is missing to run it, if anything."""

    command: Callable[[Room], Command]
    upload_path: str
    missing: Callable[[], str | None]


def program(name: str) -> str | None:
    """The path of an installed program."""
    beside = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
    return shutil.which(name, path=beside)


def _found(name: str) -> str:
    path = program(name)
    assert path is not None
    return path


def _installed(name: str) -> Callable[[], str | None]:
    return lambda: None if program(name) else f"{name} is not installed"


def _importable(name: str) -> Callable[[], str | None]:
    return lambda: None if importlib.util.find_spec(name) else f"{name} is not installed"


def _apache2(room: Room) -> Command:
    modules = ["mpm_event", "http2", "authz_core", "dir", "lua", *(["ssl"] if room.tls else [])]
    load = "\n".join(f"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so" for m in modules)
    key = f"SSLEngine on\nSSLCertificateFile {room.chain}\nSSLCertificateKeyFile {room.key}"
    # Static files refuse POST; a script reads what is uploaded, and answers. There are threads for
    # all connections: when it is short of them it closes those that are idle. Behind an upgrade it
    # does so in half of all cases, at once, so that none is offered.
    upload = room.write(
        "upload.lua",
        """
        function handle(request)
            request.content_type = "text/plain"
            request:puts("received " .. #(request:requestbody() or "") .. " octets\\n")
            return apache2.OK
        end
        """,
    )
    config = room.write(
        "apache2.conf",
        f"""
{load}
ServerRoot {room.directory}
DefaultRuntimeDir {room.directory}
PidFile {room.directory}/pid
ErrorLog {room.directory}/log
ServerName localhost
User nobody
Group nogroup
Listen {HOST}:{room.port}
StartServers 1
ThreadsPerChild 64
MaxRequestWorkers 64
KeepAliveTimeout {IDLE}
Protocols h2 h2c http/1.1
H2Upgrade off
{key if room.tls else ""}
DocumentRoot {room.www}
DirectoryIndex index.html
LuaMapHandler ^/upload$ {upload}
        """,
    )
    return [_found("apache2"), "-DFOREGROUND", "-f", config]


def _caddy(room: Room) -> Command:
    scheme = "https" if room.tls else "http"
    # Uploads go through two proxies to caddy itself. What it answers with by itself waits for none,
    # nor does a proxy in front of that; the second one sends on what it has in full.
    config = room.write(
        "Caddyfile",
        f"""
        {{
            admin off
            auto_https off
            servers {{
                protocols h1 {"h2" if room.tls else "h2c"}
            }}
        }}
        {scheme}://{HOST}:{room.port}, {scheme}://localhost:{room.port} {{
            {f"tls {room.chain} {room.key}" if room.tls else ""}
            root * {room.www}
            reverse_proxy /upload unix/{room.directory}/front
            file_server
        }}
        http://:1 {{
            bind unix/{room.directory}/front
            reverse_proxy unix/{room.directory}/back {{
                buffer_requests
            }}
        }}
        http://:2 {{
            bind unix/{room.directory}/back
            respond received
        }}
        """,
    )
    return [_found("caddy"), "run", "--config", config, "--adapter", "caddyfile"]


def _granian(room: Room) -> Command:
    command: list[str | Path] = [sys.executable, "-m", "granian", "--interface", "asgi"]
    command += ["--host", HOST, "--port", str(room.port), "--no-ws"]
    if room.tls:
        command += ["--ssl-certificate", room.chain, "--ssl-keyfile", room.key]
    return [*command, "--working-dir", Path(asgi_app.__file__).parent, "asgi_app:app"]


def _h2o(room: Room) -> Command:
    key = f"{{certificate-file: {room.chain}, key-file: {room.key}}}"
    # Static files refuse POST; a script answers it when all of it has come.
    config = room.write(
        "h2o.conf",
        f"""
        listen: {{host: {HOST}, port: {room.port}{f", ssl: {key}" if room.tls else ""}}}
        num-threads: 1
        http2-idle-timeout: {IDLE}
        hosts:
          default:
            paths:
              /: {{file.dir: {room.www}}}
              /upload:
                mruby.handler: |
                  Proc.new {{|env| [200, {{"content-type" => "text/plain"}}, ["received\\n"]]}}
        """,
    )
    return [_found("h2o"), "-m", "worker", "-c", config]


def _haproxy(room: Room) -> Command:
    words = f"ssl crt {room.write_pem()} alpn h2" if room.tls else "proto h2"
    # A script reads all that is uploaded: what answers by itself stops reading when a buffer
    # is full, and closes the connection on which the rest of the upload is on its way.
    upload = room.write(
        "upload.lua",
        """
        core.register_service("upload", "http", function(applet)
            local answer = "received " .. #applet:receive() .. " octets\\n"
            applet:set_status(200)
            applet:add_header("content-type", "text/plain")
            applet:add_header("content-length", #answer)
            applet:start_response()
            applet:send(answer)
        end)
        """,
    )
    # The page, which it holds in memory, must fit into a buffer; then frames may be as long, too.
    config = room.write(
        "haproxy.cfg",
        f"""
        global
            tune.bufsize 65536
            lua-load {upload}
        defaults
            mode http
            timeout connect 10s
            timeout client 30s
            timeout server 30s
        frontend front
            bind {HOST}:{room.port} {words}
            default_backend back
        backend back
            server back unix@{room.directory}/back
        frontend behind
            bind unix@{room.directory}/back
            http-request deny deny_status 405 if METH_CONNECT
            http-request use-service lua.upload if METH_POST
            http-request return status 200 content-type text/html file {room.www}/index.html
        """,
    )
    return [_found("haproxy"), "-db", "-f", config]


def _hypercorn(room: Room) -> Command:
    lines = [f'bind = "{HOST}:{room.port}"', "workers = 0", "graceful_timeout = 0"]
    lines.append(f"keep_alive_timeout = {IDLE}")
    if room.tls:
        lines += [f'certfile = "{room.chain}"', f'keyfile = "{room.key}"']
    config = room.write("hypercorn.toml", "\n".join(lines) + "\n")
    return [sys.executable, "-m", "hypercorn", "-c", config, f"{asgi_app.__file__}:app"]


def _lighttpd(room: Room) -> Command:
    key = f"""
        server.modules += ("mod_openssl")
        ssl.engine = "enable"
        ssl.pemfile = "{room.chain}"
        ssl.privkey = "{room.key}"
        """
    config = room.write(
        "lighttpd.conf",
        f"""
        server.bind = "{HOST}"
        server.port = {room.port}
        server.document-root = "{room.www}"
        server.upload-dirs = ("{room.directory}")
        server.errorlog = "{room.directory}/log"
        server.max-keep-alive-idle = {IDLE}
        index-file.names = ("index.html")
        mimetype.assign = (".html" => "text/html")
        server.feature-flags = ("server.h2proto" => "enable", "server.h2c" => "enable")
        {key if room.tls else ""}
        """,
    )
    return [_found("lighttpd"), "-D", "-f", config]


def _nghttpd(room: Room) -> Command:
    command: list[str | Path] = [_found("nghttpd"), "-a", HOST, "-d", room.www]
    if not room.tls:
        return [*command, "--no-tls", str(room.port)]
    return [*command, str(room.port), room.key, room.chain]


@functools.cache
def _nginx_version() -> tuple[int, ...]:
    said = subprocess.run(
        [_found("nginx"), "-v"], capture_output=True, text=True, timeout=PATIENCE, check=True
    ).stderr
    found = re.search(r"nginx/([0-9.]+)", said)
    assert found is not None, said
    return tuple(map(int, found[1].split(".")))


def _nginx(room: Room) -> Command:
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
    config = room.write(
        "nginx.conf",
        f"""
        daemon off; master_process off; pid {room.directory}/pid;
        error_log {room.directory}/log;
        events {{ worker_connections 256; }}
        http {{
            access_log off; {temporary}
            server {{
                listen {HOST}:{room.port} {" ".join(words)}; {key}
                {"http2 on;" if by_directive else ""}
                root {room.www};
                location = /upload {{ proxy_pass http://unix:{room.directory}/back; }}
            }}
            server {{
                listen unix:{room.directory}/back;
                location / {{ default_type text/plain; return 200 "received\\n"; }}
            }}
        }}
        """,
    )
    prefix = [_found("nginx"), "-p", f"{room.directory}/"]
    return [*prefix, "-e", room.directory / "log", "-c", config]


def _node(room: Room) -> Command:
    command: list[str | Path] = [npm.node("node-20"), npm.SCRIPTS / "today.js"]
    command += [HOST, str(room.port), room.www / "index.html"]
    return [*command, room.key, room.chain] if room.tls else command


KINDS: dict[str, Kind] = {
    "apache2": Kind(_apache2, "/upload", _installed("apache2")),
    "caddy": Kind(_caddy, "/upload", _installed("caddy")),
    "granian": Kind(_granian, "/upload", _importable("granian")),
    "h2o": Kind(_h2o, "/upload", _installed("h2o")),
    "haproxy": Kind(_haproxy, "/upload", _installed("haproxy")),
    "hypercorn": Kind(_hypercorn, "/upload", _importable("hypercorn")),
    "lighttpd": Kind(_lighttpd, "/index.html", _installed("lighttpd")),
    "nghttpd": Kind(_nghttpd, "/index.html", _installed("nghttpd")),
    "nginx": Kind(_nginx, "/upload", _installed("nginx")),
    "node": Kind(_node, "/upload", lambda: npm.missing("node-20")),
}
"""The servers by name."""

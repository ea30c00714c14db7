"""What a run is told, and what it has learned about its target."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from h2spec_py.net import Endpoint
from h2spec_py.spec import Version


@dataclass(frozen=True, slots=True)
class Target:
    """Where the target is, and how requests to it look."""

    endpoint: Endpoint
    version: Version
    upgrade: bool = False
    """Whether to start with HTTP/1.1 Upgrade on cleartext."""
    upload_path: str = "/"
    """A resource that accepts POST."""
    headers: tuple[tuple[str, str], ...] = ()
    """Fields that every plain request carries besides the pseudo-header fields."""

    def at(self, address: str | None) -> Target:
        """The same target, reached at a numeric address: a name may stand for several machines."""
        return replace(self, endpoint=replace(self.endpoint, address=address))

    @property
    def shift(self) -> int:
        """What is added to client stream identifiers: Upgrade takes stream 1 for itself."""
        return 2 if self.upgrade else 0


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one case; what goes past them ends the exchange as a flood."""

    octets: int = 8 * 2**20
    frames: int = 4000
    replies: int = 1000
    """Acknowledgements that we send on our own."""
    entries: int = 300
    """Transcript entries that are kept."""
    entry_octets: int = 256
    """Octets of each frame that are kept in the transcript."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a run goes about it."""

    timeout: float = 2.0
    """Seconds of silence after which a target is taken to be silent."""
    grace: float = 0.05
    """Seconds to wait behind an acknowledged barrier: targets may refuse from another thread."""
    jobs: int = 16
    processes: int = 1
    """Processes among which the jobs are divided."""
    limits: Limits = field(default_factory=Limits)

    @property
    def bound(self) -> float:
        """Seconds after which a case is ended whatever the target does."""
        return 10 + 10 * self.timeout


@dataclass(frozen=True, slots=True)
class Facts:
    """What the probe learned about the target; needs of cases are held against it."""

    address: str | None = None
    """Numeric address that the first connection reached."""
    tls: bool = False
    alpn: str = ""
    tls_version: str = ""
    cipher: str = ""
    upgrade: bool = False
    """Whether connections of the run start with HTTP/1.1 Upgrade."""
    takes_upgrade: bool = False
    """Whether it takes the HTTP/1.1 Upgrade, as far as that was asked."""
    tls12: bool = False
    """Whether it starts HTTP/2 over TLS 1.2, as far as that was asked."""
    server_name: bool = False
    """Whether it has a name that server name indication can carry."""
    settings: dict[str, int] = field(default_factory=dict)
    """Settings that the target announced, by name."""
    get_status: str = ""
    """Final status of GET on the path; empty when it gave none."""
    body_octets: int = 0
    """Length of the body of that response, as far as the window of 65,535 octets let it come."""
    post_status: str = ""
    """Final status of POST on the upload path."""
    post_waits: bool = True
    """Whether that response came to its end only after the request had."""
    pushes: bool = False

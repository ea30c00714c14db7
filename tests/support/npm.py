"""What `tests/support/node/install` got from npm: old servers, and the Node.js that run them."""

import os
from pathlib import Path

SCRIPTS = Path(__file__).with_name("node")
_ROOT = SCRIPTS.parents[2]


def packages() -> Path:
    """The folder of the packages, each under the name that package.json gives it."""
    return _folder() / "node_modules"


def node(version: str) -> Path:
    """The program of a version of Node.js, such as "node-20"."""
    return packages() / version / "bin" / "node"


def missing(version: str) -> str | None:
    """Tell why nothing can be run with a version of Node.js; None if it can."""
    install = f"run {(SCRIPTS / 'install').relative_to(_ROOT)}"
    installed, wanted = (at / "package-lock.json" for at in (_folder(), SCRIPTS))
    if not (packages() / ".package-lock.json").exists():
        return f"the servers from npm are not installed ({install})"
    if installed.read_bytes() != wanted.read_bytes():
        return f"the servers from npm are not those that the tests want ({install})"
    if not node(version).exists():
        return f"no {version} was made for this machine"
    return None


def _folder() -> Path:
    return Path(os.environ.get("H2SPEC_PY_NODE_PEERS") or _ROOT / ".peers").resolve()

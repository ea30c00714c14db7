"""What can go wrong between us and a target, each as one line of text that is safe to show."""

import os
import socket
from typing import Literal

ConnectKind = Literal[
    "refused", "unreachable", "timeout", "tls", "alpn", "upgrade", "http/1.1", "local"
]
"""Why there is no connection; `local` is a fault on our side (no descriptors, unreadable file)."""

SHOWN = 120
"""Characters of a target's text that a message quotes at most."""


class ConnectError(Exception):
    """No usable connection to the target came about; `str()` is one line that says why."""

    def __init__(self, kind: ConnectKind, message: str) -> None:
        super().__init__(message)
        self.kind: ConnectKind = kind
        self.message = message


class DeclinedError(ConnectError):
    """The target is there, and has refused the handshake or chosen another protocol in it."""


class WeakKeyError(DeclinedError):
    """The target's key exchange is too weak for our side, which has refused it."""


class ChannelReset(ConnectionError):  # noqa: N818 (an event, not a mistake)
    """The connection was cut off (TCP reset); all that came before has been read already."""


def printable(text: bytes | str, limit: int = SHOWN) -> str:
    """Make a target's octets or text showable: one line, printable ASCII, `limit` characters."""
    cut = text[: limit + 1]
    characters = cut.decode("latin-1") if isinstance(cut, bytes) else cut
    shown = "".join(
        char if " " <= char <= "~" and char != "\\" else char.encode("unicode_escape").decode()
        for char in characters[:limit]
    )
    if len(shown) > limit or len(text) > limit:
        return shown[:limit] + "..."
    return shown


def system_reason(error: OSError) -> str:
    """Say what the operating system said, in lower case and without its number."""
    resolver = isinstance(error, socket.gaierror)  # whose numbers are not those of the system
    reason = os.strerror(error.errno) if error.errno and not resolver else error.strerror
    reason = reason or type(error).__name__
    return printable(reason[:1].lower() + reason[1:])

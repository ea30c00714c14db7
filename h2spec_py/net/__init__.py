"""Connections to the target: TCP, TLS with ALPN, HTTP/1.1 Upgrade; octets in and out."""

from h2spec_py.net.channel import Channel, connect
from h2spec_py.net.endpoint import Endpoint
from h2spec_py.net.errors import ChannelReset, ConnectError, DeclinedError, printable
from h2spec_py.net.patience import Patience
from h2spec_py.net.tls import Handshake
from h2spec_py.net.upgrade import ask, base64url, request_head, upgrade

__all__ = [
    "Channel",
    "ChannelReset",
    "ConnectError",
    "DeclinedError",
    "Endpoint",
    "Handshake",
    "Patience",
    "ask",
    "base64url",
    "connect",
    "printable",
    "request_head",
    "upgrade",
]

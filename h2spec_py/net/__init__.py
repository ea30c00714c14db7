"""Connections to the target: TCP, TLS with ALPN, HTTP/1.1 Upgrade; octets in and out."""

from h2spec_py.net.channel import Channel, connect
from h2spec_py.net.endpoint import Endpoint
from h2spec_py.net.errors import ChannelReset, ConnectError, printable
from h2spec_py.net.upgrade import upgrade

__all__ = [
    "Channel",
    "ChannelReset",
    "ConnectError",
    "Endpoint",
    "connect",
    "printable",
    "upgrade",
]

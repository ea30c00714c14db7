"""One end of an HTTP/2 connection, sans-I/O: what was sent and received, and the checks on it."""

from h2spec_py.peer.checks import RULES, Role, Rule, find_rule
from h2spec_py.peer.connection import Connection
from h2spec_py.peer.events import Breach, HeaderBlock, Received

__all__ = [
    "RULES",
    "Breach",
    "Connection",
    "HeaderBlock",
    "Received",
    "Role",
    "Rule",
    "find_rule",
]

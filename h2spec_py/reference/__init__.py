"""The embedded reference endpoint: conforming, and able to break any one named requirement."""

from h2spec_py.reference.listener import Listening, serve
from h2spec_py.reference.server import ReferenceServer
from h2spec_py.reference.violations import REQUIREMENTS

__all__ = ["REQUIREMENTS", "Listening", "ReferenceServer", "serve"]

"""h2spec_py: a conformance suite for every version of HTTP/2."""

__version__ = "0.1.0"

"""The tables, one module and one literal `VERSION` for each version of HTTP/2."""

"""Groups for ephemeral keys of DHE, which a TLS library takes from a file."""

LONG = """\
-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
"""
"""The group ffdhe2048 (RFC 7919, A.1)."""

SHORT = """\
-----BEGIN DH PARAMETERS-----
MIGHAoGBANdlBTqb9ujUZSqcRfZoKCkK9TOCu4G0jg6lwVQpC7Z2mmYstAeFoqGr
GE867VzuiamRfpf8zjSEeIyvx3Y2I7TIGcRNiG8uIGp6/lcYjTWmrOqLbPN6WNOX
QU2h7HhgbrvUEN8NJykJqiqXc4rBl+qvD4jxy9pAnsGQlHGtEWgnAgEC
-----END DH PARAMETERS-----
"""
"""A group of 1,024 bits, made for this."""

"""The static tables, and the initial header tables of the generations that had those instead.

One line per entry, name and value, in the order of the indices.
"""

from __future__ import annotations

from h2spec_py.wire.hpack.model import HeaderField

Entries = tuple[HeaderField, ...]


def _entries(text: str) -> Entries:
    rows = (line.strip().encode().partition(b" ") for line in text.strip().splitlines())
    return tuple(HeaderField(name, value) for name, _, value in rows)


RFC7541 = _entries("""
    :authority
    :method GET
    :method POST
    :path /
    :path /index.html
    :scheme http
    :scheme https
    :status 200
    :status 204
    :status 206
    :status 304
    :status 400
    :status 404
    :status 500
    accept-charset
    accept-encoding gzip, deflate
    accept-language
    accept-ranges
    accept
    access-control-allow-origin
    age
    allow
    authorization
    cache-control
    content-disposition
    content-encoding
    content-language
    content-length
    content-location
    content-range
    content-type
    cookie
    date
    etag
    expect
    expires
    from
    host
    if-match
    if-modified-since
    if-none-match
    if-range
    if-unmodified-since
    last-modified
    link
    location
    max-forwards
    proxy-authenticate
    proxy-authorization
    range
    referer
    refresh
    retry-after
    server
    set-cookie
    strict-transport-security
    transfer-encoding
    user-agent
    vary
    via
    www-authenticate
""")
"""Index 1 to 61 in hpack-08 to rfc7541 (rfc7541 A)."""

HPACK_07 = (*RFC7541[:15], HeaderField(b"accept-encoding", b""), *RFC7541[16:])
"""As rfc7541, but entry 16 has no value yet (hpack-07 B)."""

HPACK_05 = _entries("""
    :authority
    :method GET
    :method POST
    :path /
    :path /index.html
    :scheme http
    :scheme https
    :status 200
    :status 500
    :status 404
    :status 403
    :status 400
    :status 401
    accept-charset
    accept-encoding
    accept-language
    accept-ranges
    accept
    access-control-allow-origin
    age
    allow
    authorization
    cache-control
    content-disposition
    content-encoding
    content-language
    content-length
    content-location
    content-range
    content-type
    cookie
    date
    etag
    expect
    expires
    from
    host
    if-match
    if-modified-since
    if-none-match
    if-range
    if-unmodified-since
    last-modified
    link
    location
    max-forwards
    proxy-authenticate
    proxy-authorization
    range
    referer
    refresh
    retry-after
    server
    set-cookie
    strict-transport-security
    transfer-encoding
    user-agent
    vary
    via
    www-authenticate
""")
"""Index 1 to 60 behind the header table (hpack-05 B)."""

HPACK_02_REQUEST = _entries("""
    :scheme http
    :scheme https
    :host
    :path /
    :method GET
    accept
    accept-charset
    accept-encoding
    accept-language
    cookie
    if-modified-since
    user-agent
    referer
    authorization
    allow
    cache-control
    connection
    content-length
    content-type
    date
    expect
    from
    if-match
    if-none-match
    if-range
    if-unmodified-since
    max-forwards
    proxy-authorization
    range
    via
""")
"""Initial table from client to server, index 0 to 29 (hpack-02 B.1)."""

HPACK_02_RESPONSE = _entries("""
    :status 200
    age
    cache-control
    content-length
    content-type
    date
    etag
    expires
    last-modified
    server
    set-cookie
    vary
    via
    access-control-allow-origin
    accept-ranges
    allow
    connection
    content-disposition
    content-encoding
    content-language
    content-location
    content-range
    link
    location
    proxy-authenticate
    refresh
    retry-after
    strict-transport-security
    transfer-encoding
    www-authenticate
""")
"""Initial table from server to client, index 0 to 29 (hpack-02 B.2)."""

HPACK_00_REQUEST = _entries("""
    :scheme http
    :scheme https
    :host
    :path /
    :method get
    accept
    accept-charset
    accept-encoding
    accept-language
    cookie
    if-modified-since
    keep-alive
    user-agent
    proxy-connection
    referer
    accept-datetime
    authorization
    allow
    cache-control
    connection
    content-length
    content-md5
    content-type
    date
    expect
    from
    if-match
    if-none-match
    if-range
    if-unmodified-since
    max-forwards
    pragma
    proxy-authorization
    range
    te
    upgrade
    via
    warning
""")
"""Initial table from client to server, index 0 to 37 (hpack-00 A.1)."""

HPACK_00_RESPONSE = _entries("""
    :status 200
    age
    cache-control
    content-length
    content-type
    date
    etag
    expires
    last-modified
    server
    set-cookie
    vary
    via
    access-control-allow-origin
    accept-ranges
    allow
    connection
    content-disposition
    content-encoding
    content-language
    content-location
    content-md5
    content-range
    link
    location
    p3p
    pragma
    proxy-authenticate
    refresh
    retry-after
    strict-transport-security
    trailer
    transfer-encoding
    warning
    www-authenticate
""")
"""Initial table from server to client, index 0 to 34 (hpack-00 A.2)."""

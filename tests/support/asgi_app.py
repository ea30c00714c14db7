"""A small ASGI application for real servers to serve: a page, and uploads that are counted."""

from collections.abc import Awaitable, Callable
from typing import Any

PAGE = b"".join(b"<p>line %04d of a page that fills a few frames</p>\n" % n for n in range(400))
"""20,400 octets: more than a frame holds by default, and three times as many fit the window."""

_Message = dict[str, Any]


async def app(
    scope: _Message,
    receive: Callable[[], Awaitable[_Message]],
    send: Callable[[_Message], Awaitable[None]],
) -> None:
    """Answer GET with the page, and POST with the size of what was uploaded."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message.get("body", b""))
        if not message.get("more_body", False):
            break
    body = b"received %d octets\n" % size if scope["method"] == "POST" else PAGE
    headers = [(b"content-type", b"text/html"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

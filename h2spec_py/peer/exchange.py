"""Requests and responses as they arrive on streams, and whether they are well formed."""

from __future__ import annotations

from collections.abc import Iterable

from h2spec_py.peer.compression import plain_length
from h2spec_py.peer.messages import (
    Fault,
    Message,
    colon_faults,
    content_length,
    first_value,
    promise_faults,
    reference_faults,
    request_faults,
    response_faults,
    trailer_faults,
)
from h2spec_py.peer.state import ConnectionState
from h2spec_py.peer.streams import Stream
from h2spec_py.wire.hpack import HeaderField

WITHOUT_CONTENT = (b"204", b"304")
"""Statuses of responses that have no content, whatever their content-length."""


def _unstored(field: HeaderField) -> bool:
    """Whether a field forbids caches to store a response."""
    directives = field.value.lower().replace(b" ", b"").split(b",")
    return field.name == b"cache-control" and b"no-store" in directives


class Exchange:
    """Follows the messages that the other end sends."""

    def __init__(self, state: ConnectionState) -> None:
        self._version = state.version
        self._checks = state.checks
        self._server = state.role == "server"

    def headers(
        self, stream: Stream, fields: tuple[HeaderField, ...], *, end: bool, ordered: bool = True
    ) -> bool:
        """Take in a header block. Returns whether the message had its header section already.

        `ordered` tells whether the fields stand as they were sent: none was in a reference set.
        """
        message = stream.message
        if message is None:
            message = stream.message = Message()
        if message.head is not None:
            self._later_block(stream, message, fields, end=end)
            return True
        if self._server:
            message.head = fields
            self._judge(stream, message, request_faults(self._version, fields))
            self._expect(stream, message, fields)
        else:
            if ordered:
                self._judge(stream, message, colon_faults(fields))
            self._response(stream, message, fields, end=end)
        if end:
            self._end(stream, message)
        return False

    def promise(self, stream: Stream, promised: int, fields: tuple[HeaderField, ...]) -> None:
        """Take in the request that a server promises on one stream to answer on another."""
        head = stream.message.head if stream.message else None
        for requirement, text in (
            *promise_faults(self._version, fields),
            *reference_faults(self._version, head or (), fields),
        ):
            if self._checks.fault(promised, text, requirement):
                return

    def _response(
        self, stream: Stream, message: Message, fields: tuple[HeaderField, ...], *, end: bool
    ) -> None:
        self._judge(stream, message, response_faults(self._version, fields))
        if stream.id % 2 == 0 and any(_unstored(field) for field in fields):
            text = "a pushed response is not to be stored by any cache"
            self._judge(stream, message, [("push.response-cacheable", text)])
        status = first_value(fields, self._version.pseudo["status"].encode()) or b""
        if status.startswith(b"1"):
            if end:
                fault = "message.interim-end-stream", f"status {status!r} ends the stream"
                self._judge(stream, message, [fault])
            return
        message.head = fields
        plain = stream.method not in (None, b"HEAD", b"CONNECT")
        if plain and status not in WITHOUT_CONTENT:
            self._expect(stream, message, fields)

    def _later_block(
        self, stream: Stream, message: Message, fields: tuple[HeaderField, ...], *, end: bool
    ) -> None:
        if not self._server and stream.odd:
            return
        if self._server and message.value(self._version.pseudo["method"].encode()) == b"CONNECT":
            fault = "message.connect-frames", "a header block comes on a connected stream"
            self._judge(stream, message, [fault])
        if not end:
            fault = "message.trailers-end-stream", "a second header block does not end the stream"
            self._judge(stream, message, [fault])
            return
        message.trailers = fields
        self._judge(stream, message, trailer_faults(self._version, fields))
        self._end(stream, message)

    def content(self, stream: Stream, data: bytes, *, end: bool, compressed: bool = False) -> None:
        """Take in content; `compressed` where the frame carries it in GZIP.

        content-length is that of the content before compression (draft-12 8.1.3.5). Where it cannot
        be unpacked, nothing is said about its length.
        """
        message = stream.message
        if message is None:
            message = stream.message = Message()
        if message.head is None and not stream.odd:
            fault = "message.data-before-headers", "DATA comes before the final header section"
            self._judge(stream, message, [fault])
        length = plain_length(data) if compressed else len(data)
        if length is None:
            message.expected = None
        message.length += length or 0
        # A server that refused the request as malformed need not have known its method.
        status = message.value(self._version.pseudo["status"].encode())
        if data and stream.method == b"HEAD" and status != b"400":
            self._judge(stream, message, [("message.head", "the response to HEAD has content")])
        if data and not self._server and status in WITHOUT_CONTENT:
            text = f"the response with status {status!r} has content"
            self._judge(stream, message, [("message.no-content", text)])
        if end:
            self._end(stream, message)
        elif message.expected is not None and message.length > message.expected:
            self._check_length(stream, message)

    def _expect(self, stream: Stream, message: Message, fields: tuple[HeaderField, ...]) -> None:
        try:
            message.expected = content_length(fields)
        except ValueError as error:
            self._judge(stream, message, [("message.content-length", str(error))])

    def _end(self, stream: Stream, message: Message) -> None:
        message.ended = True
        self._check_length(stream, message)

    def _check_length(self, stream: Stream, message: Message) -> None:
        if message.expected is not None and message.expected != message.length:
            text = f"content-length is {message.expected}, the content has {message.length} octets"
            message.expected = None
            self._judge(stream, message, [("message.content-length", text)])

    def _judge(self, stream: Stream, message: Message, faults: Iterable[Fault]) -> None:
        """Report the first fault that counts; a message is malformed once."""
        if message.refused:
            return
        for requirement, text in faults:
            if self._checks.fault(stream.id, text, requirement):
                message.refused = True
                return

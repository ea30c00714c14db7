"""From the steps of a case to frames of the version under test.

Everything that is left out gets the value that a conforming client would send; everything that is
given is taken as it is, however illegal.
"""

from __future__ import annotations

from collections.abc import Iterator

from h2spec_py.case.model import (
    AllOf,
    Edited,
    EmptyReferenceSet,
    Headers,
    Indexed,
    Limit,
    Literal_,
    Octets,
    Padding,
    RawBlock,
    Representation,
    Request,
    Send,
    SettingEntry,
    SettingsValue,
    SizeUpdate,
    Upgrade,
    Upload,
)
from h2spec_py.engine.options import Target
from h2spec_py.net import base64url, request_head
from h2spec_py.peer import Connection
from h2spec_py.wire import payload as p
from h2spec_py.wire.frame import Frame
from h2spec_py.wire.hpack import (
    EmptyReferenceSet as WireEmptyReferenceSet,
)
from h2spec_py.wire.hpack import (
    HeaderField,
    LiteralField,
    RawOctets,
    TableSizeUpdate,
    plain,
)
from h2spec_py.wire.hpack import Indexed as WireIndexed
from h2spec_py.wire.hpack import Representation as WireRepresentation

LARGEST = {"MAX_FRAME_SIZE": 2**24 - 1}
"""Settings whose value is a length that the frame header must still be able to carry."""

CONCURRENT = 100
"""Streams that a target may open at a time, where a version wants to be told in an upgrade."""


class BeyondReachError(Exception):
    """A value relative to a setting of the target is past what a frame can carry."""


class Composer:
    """Builds the frames of one connection. Header blocks change its connection's encoder."""

    def __init__(self, target: Target, connection: Connection) -> None:
        self.target = target
        self.version = target.version
        self.connection = connection
        self._rest = b""

    # Values

    def number(self, value: int | Limit) -> int:
        """A number, resolved against the target's settings when it is relative.

        Raises BeyondReachError when no frame could carry it.
        """
        if isinstance(value, int):
            return value
        setting = self.version.settings.get(value.setting)
        known = self.connection.remote_settings.get(value.setting)
        if known is None and setting is not None:
            known = setting.initial
        if known is None:
            known = self.version.max_frame_size if value.setting in LARGEST else None
        if known is None:
            raise BeyondReachError(f"the target does not limit {value.setting}")
        if known + value.plus > LARGEST.get(value.setting, 2**32 - 1):
            raise BeyondReachError(
                f"the target's {value.setting} is {known}: nothing lies beyond it"
            )
        return known + value.plus

    def octets(self, value: Octets) -> bytes:
        """The octets that a case describes."""
        if value.text is not None:
            return value.text.encode("utf-8")
        if value.hex is not None:
            return value.hex
        return bytes([value.fill]) * self.number(value.count or 0)

    def stream(self, number: int) -> int:
        """The identifier on the wire of a stream that a case numbers."""
        if number % 2 == 0 or number > 2**31 - 3:
            return number
        return number + self.target.shift

    def _text(self, value: str | Octets) -> bytes:
        return value.encode("utf-8") if isinstance(value, str) else self.octets(value)

    # Header blocks

    def fields(self, headers: Headers) -> list[HeaderField]:
        """The fields that a case means: a plain request, an edited one, or those spelled out."""
        if headers == "trailers":
            return [HeaderField(b"x-trailer", b"1")]
        if isinstance(headers, str):
            return self._plain({"post": "POST", "head": "HEAD"}.get(headers, "GET"))
        if isinstance(headers, Edited):
            return self._edited(headers)
        return [HeaderField(self._text(name), self._text(value)) for name, value in headers]

    def _plain(self, method: str) -> list[HeaderField]:
        endpoint = self.target.endpoint
        path = self.target.upload_path if method == "POST" else endpoint.path
        names = self.version.pseudo
        pairs = [
            (names["method"], method),
            (names["scheme"], "https" if endpoint.tls else "http"),
            (names["authority"], endpoint.authority),
            (names["path"], path),
            *self.target.headers,
        ]
        return [HeaderField(name.encode(), value.encode()) for name, value in pairs]

    def _edited(self, edited: Edited) -> list[HeaderField]:
        gone = {name.encode() for name in edited.without}
        whole = self._plain(edited.method)
        fields = [one for one in whole if one.name not in gone]
        for name, value in edited.set.items():
            new = HeaderField(name.encode(), self._text(value))
            at = [place for place, one in enumerate(fields) if one.name == new.name]
            if at:
                fields[at[0]] = new
            else:
                fields.append(new)
        values = {one.name: one.value for one in whole}
        copies = [
            HeaderField(name.encode(), values[source.encode()])
            for name, source in edited.copy_.items()
        ]
        pseudo = [one for one in copies if one.name.startswith(b":")]
        regular = [one for one in copies if not one.name.startswith(b":")]
        first = [HeaderField(self._text(name), self._text(value)) for name, value in edited.first]
        last = [HeaderField(self._text(name), self._text(value)) for name, value in edited.add]
        return first + pseudo + fields + regular + last

    def block(self, send: Send | Request) -> bytes | None:
        """The header block of a step, or None when it has none."""
        if isinstance(send, Send) and send.block is not None:
            parts = [part for one in send.block for part in self._represent(one)]
            return self.connection.encode(parts)
        if send.headers is None:
            return None
        return self.connection.encode(plain(self.fields(send.headers)))

    def _represent(self, one: Representation) -> Iterator[WireRepresentation]:
        match one:
            case Indexed():
                yield WireIndexed(one.indexed, one.overlong)
            case Literal_():
                name = one.index if one.index is not None else (one.name or "").encode("utf-8")
                yield LiteralField(
                    one.literal,
                    name,
                    self._text(one.value),
                    huffman_name=one.huffman in {"name", "both"},
                    huffman_value=one.huffman in {"value", "both"},
                    replaces=one.replaces or 0,
                    overlong=one.overlong,
                )
            case SizeUpdate():
                yield TableSizeUpdate(self.number(one.size_update))
            case EmptyReferenceSet():
                yield WireEmptyReferenceSet()
            case RawBlock():
                yield RawOctets(one.raw)
            case AllOf():
                for field in self.fields(one.fields):
                    yield LiteralField(
                        one.literal,
                        field.name,
                        field.value,
                        huffman_name=one.huffman in {"name", "both"},
                        huffman_value=one.huffman in {"value", "both"},
                    )

    # Frames

    def settings(self, value: SettingsValue) -> tuple[p.SettingsEntry, ...]:
        """The entries of a SETTINGS frame."""
        entries = (
            [SettingEntry(id=name, value=one) for name, one in value.items()]
            if isinstance(value, dict)
            else value
        )
        return tuple(
            p.SettingsEntry(self._setting(one.id), self.number(one.value)) for one in entries
        )

    def upgrade_settings(self, given: tuple[p.SettingsEntry, ...]) -> tuple[p.SettingsEntry, ...]:
        """The entries of HTTP2-Settings: those given, and what the version wants there besides.

        There is one at least: the value of the field is a token68, which is not empty (rfc7540
        3.2.1), and lighttpd declines an upgrade without. It has the value that it has anyway.
        """
        known = self.version.settings
        there = {entry.id for entry in given}
        names = self.version.upgrade_settings or (() if given else ("INITIAL_WINDOW_SIZE",))
        return given + tuple(
            p.SettingsEntry(one.id, CONCURRENT if one.initial is None else one.initial)
            for one in (known[name] for name in names)
            if one.id not in there
        )

    def upgrade(self, how: Upgrade) -> tuple[bytes, p.Settings]:
        """A request of HTTP/1.1 that asks for an upgrade, and the settings that it carries.

        Where it carries several, the first count; none, where there are none or only text.
        """
        endpoint = self.target.endpoint
        carried: list[p.Settings] = []
        values: list[str] = []
        for one in how.settings:
            if isinstance(one, str):
                values.append(one)
                continue
            carried.append(p.Settings(self.upgrade_settings(self.settings(one))))
            values.append(base64url(p.write_payload(self.version, carried[-1])))
        body = self.octets(how.body) if how.body is not None else b""
        length = [] if how.body is None else [("Content-Length", str(len(body)))]
        fields = [
            ("Host", endpoint.authority),
            ("Connection", how.connection),
            ("Upgrade", self.version.upgrade if how.token is None else how.token),
            *(("HTTP2-Settings", value) for value in values),
            *self.target.headers,
            *length,
        ]
        path = self.target.upload_path if how.method == "POST" else endpoint.path
        head = request_head(how.method, path, fields)
        return head + body, (carried or [p.Settings(())])[0]

    def _setting(self, name: str) -> int:
        known = self.version.settings.get(name)
        return known.id if known else int(name, 0)

    def error(self, value: str | int | None) -> int:
        """The number of an error code."""
        return value if isinstance(value, int) else self.version.errors[value or "NO_ERROR"]

    def request(self, step: Request) -> list[Frame]:
        """The frames of a whole request."""
        headers = step.headers or Edited(method=step.request)
        ends = ["END_STREAM"] if step.end and step.body is None else []
        head = Send(
            send="HEADERS", stream=step.stream, headers=headers, flags=["END_HEADERS", *ends]
        )
        frames = [self.frame(head)]
        if step.body is not None:
            flags = ["END_STREAM"] if step.end else []
            frames.append(
                self.frame(Send(send="DATA", stream=step.stream, payload=step.body, flags=flags))
            )
        return frames

    def content(self, step: Upload, octets: int, *, end: bool) -> Frame:
        """A DATA frame of an upload, whose payload is `octets` long."""
        padding = step.padding if step.padding is not None and octets > step.padding else None
        data = octets if padding is None else octets - padding - 1
        flags = ["END_STREAM"] if end else []
        payload = Octets(count=data)
        return self.frame(
            Send(send="DATA", stream=step.stream, flags=flags, payload=payload, padding=padding)
        )

    def frame(self, send: Send) -> Frame:
        """The frame of one step. Raises BeyondReachError."""
        known = self.version.frames.get(send.send)
        code = known.code if known else int(send.send, 0)
        defined = known.flags if known else {}
        content = self._content(send, known.name if known else None)
        padding = self._padding(send)
        if isinstance(send.flags, int):
            flags = send.flags
        else:
            flags = sum(defined[name] for name in dict.fromkeys(send.flags))
            if not isinstance(content, bytes):
                flags |= p.implied_flags(self.version, content, padding)
        if not isinstance(content, bytes):
            content = p.write_payload(self.version, content, padding)
        if send.length is None and len(content) > self.version.header.max_length:
            raise BeyondReachError(f"no frame can carry {len(content)} octets")
        return Frame(
            type=code,
            flags=flags,
            stream=self.stream(send.stream),
            payload=content,
            length=send.length,
            reserved=send.reserved,
            length_reserved=send.length_reserved,
        )

    def _padding(self, send: Send) -> tuple[int | None, bytes] | None:
        if send.padding is None:
            return None
        if isinstance(send.padding, Padding):
            fill = bytes([send.padding.fill])
            return send.padding.declared, fill * send.padding.octets
        return send.padding, bytes(send.padding)

    def _fragment(self, send: Send) -> bytes:
        block = self.block(send)
        if block is None:
            block, self._rest = self._rest, b""
        if send.keep is not None:
            block, self._rest = block[: send.keep], block[send.keep :]
        return block

    def _content(self, send: Send, name: str | None) -> p.Payload | bytes:
        given = self.octets(send.payload) if send.payload is not None else None
        if given is not None and name != "DATA":
            return given
        priority = self._priority(send)
        match name:
            case "DATA":
                return p.Data(data=given or b"")
            case "HEADERS":
                return p.Headers(block=self._fragment(send), priority=priority)
            case "PRIORITY":
                default = p.fit_priority(self.version, p.PriorityFields())
                return p.Priority(priority=priority or default)
            case "RST_STREAM":
                return p.RstStream(error=self.error(send.error or "CANCEL"))
            case "SETTINGS":
                return p.Settings(settings=self.settings(send.settings or {}))
            case "PUSH_PROMISE":
                promised = self.stream(send.promised if send.promised is not None else 2)
                return p.PushPromise(promised=promised, block=self._fragment(send))
            case "PING":
                return p.Ping(opaque=send.opaque if send.opaque is not None else bytes(8))
            case "GOAWAY":
                debug = self.octets(send.debug) if send.debug is not None else b""
                last = send.last_stream or 0
                return p.Goaway(last_stream=last, error=self.error(send.error), debug=debug)
            case "WINDOW_UPDATE":
                increment = self.number(send.increment if send.increment is not None else 1)
                return p.WindowUpdate(increment=increment)
            case "CONTINUATION":
                return p.Continuation(block=self._fragment(send))
            case _:
                return given or b""

    def _priority(self, send: Send) -> p.PriorityFields | p.PriorityNumber | None:
        if send.priority is None:
            return None
        parent = self.stream(send.priority.depends_on)
        fields = p.PriorityFields(parent, send.priority.weight - 1, send.priority.exclusive)
        return p.fit_priority(self.version, fields)

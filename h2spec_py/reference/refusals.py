"""What is legal, and refused by a reference endpoint that is told to break the requirement.

A refusal is decided by a scene: a frame that was received, and what it came upon.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from h2spec_py.peer import Received
from h2spec_py.peer.streams import CLOSED, State, Stream
from h2spec_py.reference.forms import forms_of
from h2spec_py.spec import Version
from h2spec_py.wire.hpack import HeaderField
from h2spec_py.wire.payload import (
    Continuation,
    Data,
    Goaway,
    Headers,
    Priority,
    PriorityNumber,
    RstStream,
    Settings,
    WindowUpdate,
)


@dataclass(frozen=True, slots=True)
class Scene:
    """What a refusal is decided by: a frame that was received, and what it came upon."""

    version: Version
    received: Received
    stream: Stream
    state: State
    """The stream's state before the frame came."""
    remote: Mapping[str, int]
    """The other side's settings."""

    @property
    def name(self) -> str | None:
        """The name of the frame's type."""
        return self.received.name

    def flag(self, name: str) -> bool:
        """Whether a flag is set that the frame's type defines."""
        return self.version.has_flag(self.received.frame.type, self.received.frame.flags, name)

    @property
    def fields(self) -> tuple[HeaderField, ...]:
        """The header block that the frame completes; empty where there is none."""
        block = self.received.block
        return () if block is None or block.fields is None else block.fields

    def forms(self) -> set[str]:
        """The forms that the header block is made of which the frame completes."""
        block = self.received.block
        return set() if block is None else forms_of(self.version.hpack, block.octets)

    def settings(self) -> list[tuple[str | None, int]]:
        """The settings of the frame, by name; None for one that is not defined."""
        payload = self.received.payload
        if not isinstance(payload, Settings):
            return []
        found = [(self.version.setting_by_id(one.id), one.value) for one in payload.settings]
        return [(setting.name if setting else None, value) for setting, value in found]


def _undefined_flags(scene: Scene) -> bool:
    known = scene.version.frame_by_code(scene.received.frame.type)
    return known is not None and bool(scene.received.frame.flags & ~known.defined)


def _unknown_code(scene: Scene) -> bool:
    payload = scene.received.payload
    codes = scene.version.errors.values()
    return isinstance(payload, RstStream | Goaway) and payload.error not in codes


def _padding(scene: Scene) -> bool:
    payload = scene.received.payload
    if not isinstance(payload, Data | Headers | Continuation):
        return False
    return any(payload.padding or b"")


def _empty_end(scene: Scene) -> bool:
    return scene.name == "DATA" and not scene.received.frame.payload and scene.flag("END_STREAM")


def _method(scene: Scene) -> bytes | None:
    """The method of a request that the frame belongs to."""
    message = scene.stream.message
    return message.value(scene.version.pseudo["method"].encode()) if message else None


def _ended(scene: Scene) -> bool:
    return scene.stream.message is not None and scene.stream.message.ended


def _right_length(scene: Scene) -> bool:
    message = scene.stream.message
    if message is None or not message.ended or message.expected is None:
        return False
    return message.length == message.expected


def _later_block(scene: Scene, *, end: bool) -> bool:
    block = scene.received.block
    return block is not None and block.trailers and block.end_stream == end


def _undefined_pseudo(scene: Scene) -> bool:
    names = scene.version.pseudo.items()
    known = {name.encode() for plain, name in names if plain != "status"}
    return any(f.name.startswith(b":") and f.name not in known for f in scene.fields)


def _any_order(scene: Scene) -> bool:
    pseudo = [field.name.startswith(b":") for field in scene.fields]
    return pseudo != sorted(pseudo, reverse=True)


def _continues(scene: Scene) -> bool:
    """Whether the frame continues a header block."""
    block = scene.received.block
    if "CONTINUATION" in scene.version.frames or block is None:
        return scene.name == "CONTINUATION"
    if scene.state is not State.IDLE and not block.trailers:
        return True
    payload = scene.received.payload
    return isinstance(payload, Headers) and payload.block != block.octets


def _reserved_increment(scene: Scene) -> bool:
    payload = scene.received.payload
    return isinstance(payload, WindowUpdate) and bool(payload.reserved)


def _reserved_entry(scene: Scene) -> bool:
    payload = scene.received.payload
    return isinstance(payload, Settings) and any(entry.reserved for entry in payload.settings)


def _reserved_priority(scene: Scene) -> bool:
    payload = scene.received.payload
    if not isinstance(payload, Headers | Priority):
        return False
    return isinstance(payload.priority, PriorityNumber) and bool(payload.priority.reserved)


def _uses(form: str) -> Callable[[Scene], bool]:
    return lambda scene: form in scene.forms()


def _named(name: str, flag: str | None = None) -> Callable[[Scene], bool]:
    return lambda scene: scene.name == name and (flag is None or scene.flag(flag))


_NOT_OPEN = frozenset({State.HALF_CLOSED_REMOTE, *CLOSED})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something legal that is refused, and how: with an error, or by never answering again."""

    applies: Callable[[Scene], bool]
    scope: Literal["connection", "stream", "silence"] = "connection"
    code: str = "PROTOCOL_ERROR"


REFUSALS: Mapping[str, Refusal] = {
    "frame.size-accepted": Refusal(
        lambda s: s.received.frame.declared > s.version.max_frame_size // 2, code="FRAME_SIZE_ERROR"
    ),
    "frame.unknown-type": Refusal(lambda s: s.name is None),
    "frame.undefined-flags": Refusal(_undefined_flags),
    "frame.reserved-bit": Refusal(lambda s: s.received.frame.reserved != 0),
    "frame.reserved-length-bits": Refusal(lambda s: s.received.frame.length_reserved != 0),
    "stream.window-update-tolerated": Refusal(
        lambda s: s.name == "WINDOW_UPDATE" and s.state in _NOT_OPEN
    ),
    "stream.reset-accepted": Refusal(_named("RST_STREAM")),
    "stream.ignore-after-own-reset": Refusal(
        lambda s: s.state is State.CLOSED_RESET_LOCAL, code="STREAM_CLOSED"
    ),
    "stream.half-closed-local": Refusal(
        lambda s: s.state is State.HALF_CLOSED_LOCAL, code="STREAM_CLOSED"
    ),
    "error.unknown-codes": Refusal(_unknown_code, scope="silence"),
    "data.padding-accepted": Refusal(_named("DATA", "PADDED")),
    "data.padding-ignored": Refusal(_padding),
    "data.padding-content": Refusal(_padding),
    "headers.padding-content": Refusal(_padding),
    "headers.padding-ignored": Refusal(lambda s: s.name == "HEADERS" and _padding(s)),
    "headers.padding-accepted": Refusal(_named("HEADERS", "PADDED")),
    "headers.priority-accepted": Refusal(_named("HEADERS", "PRIORITY")),
    "headers.continuation-accepted": Refusal(_continues),
    "continuation.padding-accepted": Refusal(_named("CONTINUATION", "PADDED")),
    "continuation.padding-ignored": Refusal(lambda s: s.name == "CONTINUATION" and _padding(s)),
    "data.compression-accepted": Refusal(lambda s: s.flag("COMPRESSED")),
    "data.segment-accepted": Refusal(lambda s: s.flag("END_SEGMENT"), "stream"),
    "flow.empty-end-accepted": Refusal(_empty_end, code="FLOW_CONTROL_ERROR"),
    "blocked.accepted": Refusal(_named("BLOCKED")),
    "priority.reserved-bit": Refusal(_reserved_priority),
    "priority.any-state": Refusal(_named("PRIORITY")),
    "settings.supported": Refusal(lambda s: any(name for name, _ in s.settings())),
    "settings.unknown-ignored": Refusal(lambda s: any(n is None for n, _ in s.settings())),
    "settings.reserved-octet": Refusal(_reserved_entry),
    "settings.concurrent-zero": Refusal(
        lambda s: s.received.block is not None and s.remote.get("MAX_CONCURRENT_STREAMS") == 0,
        "stream",
        "REFUSED_STREAM",
    ),
    "goaway.tolerated": Refusal(_named("GOAWAY")),
    "window.update-accepted": Refusal(_named("WINDOW_UPDATE")),
    "window.reserved-bit": Refusal(_reserved_increment),
    **{
        f"hpack.{form}": Refusal(_uses(form), code="COMPRESSION_ERROR")
        for form in (
            "indexed",
            "literal-incremental",
            "literal-without",
            "literal-never",
            "huffman",
            "integer",
        )
    },
    "hpack.integer-overlong": Refusal(_uses("integer-overlong"), "stream"),
    "hpack.size-update-accepted": Refusal(_uses("size-update"), code="COMPRESSION_ERROR"),
    "message.content": Refusal(lambda s: _ended(s) and _method(s) == b"POST", "stream"),
    "message.content-length": Refusal(_right_length, "stream"),
    "message.connect-answered": Refusal(lambda s: _method(s) == b"CONNECT", "stream"),
    "message.trailers": Refusal(lambda s: _later_block(s, end=True), "stream"),
    "message.extra-headers-tolerated": Refusal(lambda s: _later_block(s, end=False), "stream"),
    "message.te-trailers": Refusal(lambda s: any(f.name == b"te" for f in s.fields), "stream"),
    "message.cookie-crumbs": Refusal(
        lambda s: sum(f.name == b"cookie" for f in s.fields) > 1, "stream"
    ),
    "message.value-zero-split": Refusal(
        lambda s: any(b"\0" in field.value for field in s.fields), "stream"
    ),
    "message.cookie-zero": Refusal(
        lambda s: any(f.name == b"cookie" and b"\0" in f.value for f in s.fields), "stream"
    ),
    "message.pseudo-ignored": Refusal(_undefined_pseudo, "stream"),
    "message.pseudo-any-order": Refusal(_any_order, "stream"),
}
"""What has to be accepted, and is refused when its requirement is to be broken."""

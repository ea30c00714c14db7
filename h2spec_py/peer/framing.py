"""Checks that a frame can fail by its header and length alone, before its meaning matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from h2spec_py.peer.blocks import OpenBlock, continuing
from h2spec_py.peer.state import ConnectionState
from h2spec_py.spec.model import Entries, PadLength
from h2spec_py.wire.frame import Frame
from h2spec_py.wire.payload import Payload, PayloadError, parse_payload

BLOCK_FRAMES = frozenset({"HEADERS", "PUSH_PROMISE", "CONTINUATION"})

STREAM_RULES: Mapping[str, tuple[str, ...]] = {
    "DATA": ("data.stream-zero",),
    "HEADERS": ("headers.stream-zero",),
    "PRIORITY": ("priority.stream-zero",),
    "RST_STREAM": ("rst-stream.stream-zero",),
    "PUSH_PROMISE": ("push.stream-zero", "push.from-client"),
    "CONTINUATION": ("continuation.stream-zero",),
    "SETTINGS": ("settings.stream-nonzero", "settings.on-stream-zero"),
    "PING": ("ping.stream-nonzero",),
    "GOAWAY": ("goaway.stream-nonzero", "goaway.on-stream-zero"),
}
"""What a frame breaks that is on stream 0, or off it, against the nature of its type."""

LENGTH_RULES: Mapping[str, str] = {
    "BLOCKED": "blocked.payload",
    "PRIORITY": "priority.length",
    "RST_STREAM": "rst-stream.length",
    "SETTINGS": "settings.length",
    "PING": "ping.length",
    "WINDOW_UPDATE": "window.length",
}
"""What a payload of the wrong length breaks, where its type has a rule of its own."""

PADDING_RULES: Mapping[str, str] = {
    "DATA": "data.padding-limit",
    "HEADERS": "headers.padding-limit",
    "PUSH_PROMISE": "push.padding",
    "CONTINUATION": "continuation.padding-limit",
}

PADDING_HIGH_RULES: Mapping[str, str] = {
    "DATA": "data.padding-high",
    "HEADERS": "headers.padding-high",
    "PUSH_PROMISE": "push.padding-high",
    "CONTINUATION": "continuation.padding-high",
}
"""What a frame breaks that has the flag PAD_HIGH but not PADDED, in draft-12."""

LIMITED = frozenset({"DATA", *BLOCK_FRAMES})
"""The frames that may not be as long as the frame header can say, in draft-04 and draft-06."""


class Framing:
    """The first look at every frame."""

    def __init__(self, state: ConnectionState) -> None:
        self._state = state
        self._version = state.version
        self._checks = state.checks
        self._first = True
        self._oversized = False

    def head(self, head: Frame) -> None:
        """Check the length of a frame as soon as its header is here."""
        limit = self._state.local.greatest("MAX_FRAME_SIZE", self._version.max_frame_size)
        limit = max(limit, self._version.max_frame_size)
        if head.declared <= limit or self._oversized:
            return
        name = self._version.frame_name(head.type)
        if "MAX_FRAME_SIZE" not in self._version.settings and name not in LIMITED:
            return
        self._oversized = True
        self._checks.fault(
            0,
            f"{name} of {head.declared} octets exceeds the limit of {limit}",
            "frame.size-limit",
            "frame.size-respected",
        )

    def accept(self, frame: Frame, name: str | None, open_block: OpenBlock | None) -> bool:
        """Check a frame against what came before it. Returns whether to go on with it."""
        self._oversized = False
        first, self._first = self._first, False
        if first:
            self._check_first(frame, name)
        if open_block is not None:
            self._check_contiguous(frame, name, open_block)
        if name is None:
            message = f"a frame of unknown type 0x{frame.type:02x}"
            self._checks.fault(0, message, "frame.unknown-type-refused")
        elif not self._continues(frame, name, open_block) or frame.stream:
            self._check_stream(frame, name)
        goes_on = not self._checks.broken
        self._check_unused(frame, name)  # which changes nothing of what the frame means
        return goes_on

    def _check_unused(self, frame: Frame, name: str | None) -> None:
        """Check that bits without a meaning are not set; a receiver that is a server ignores them.

        Which flags a frame of unknown type may have is for its extension to say.
        """
        flags = 0 if name is None else self._version.frames[name].defined
        if name is not None and frame.flags & ~flags:
            message = f"{name} has the undefined flags 0x{frame.flags & ~flags:02x} set"
            self._checks.fault(0, message, "frame.undefined-flags-unset")
        shown = self._version.frame_name(frame.type)
        if frame.reserved:
            message = f"{shown} has the reserved bit before its stream set"
            self._checks.fault(0, message, "frame.reserved-bit-unset")
        if frame.length_reserved:
            message = f"{shown} has reserved bits before its length set"
            self._checks.fault(0, message, "frame.reserved-length-bits-unset")

    def _continues(self, frame: Frame, name: str | None, block: OpenBlock | None) -> bool:
        if block is None or name != continuing(self._version, block):
            return False
        return frame.stream == block.stream

    def _check_first(self, frame: Frame, name: str | None) -> None:
        ack = self._version.has_flag(frame.type, frame.flags, "ACK")
        if name == "SETTINGS" and not ack:
            return
        if name == "GOAWAY" and self._state.role == "client":
            return  # an answer to a preface that was not accepted
        shown = f"{self._version.frame_name(frame.type)}{' with ACK' if ack else ''}"
        self._checks.fault(
            0,
            f"the first frame is {shown}",
            "preface.client-settings",
            "preface.server-settings-first",
        )

    def _check_contiguous(self, frame: Frame, name: str | None, block: OpenBlock) -> None:
        continued = name == continuing(self._version, block)
        if continued and frame.stream in (0, block.stream):
            return  # on stream 0 there is another rule
        shown = self._version.frame_name(frame.type)
        message = f"{shown} on stream {frame.stream} amid a header block of stream {block.stream}"
        if name is None:
            self._checks.fault(0, message, "frame.unknown-in-header-block", "headers.contiguous")
        else:
            rules = ("push.contiguous",) if block.kind == "PUSH_PROMISE" else ()
            self._checks.fault(0, message, *rules, "headers.contiguous")

    def _check_stream(self, frame: Frame, name: str) -> None:
        where = self._version.frames[name].stream
        if where == "either" or (where == "zero") == (frame.stream == 0):
            return
        self._checks.fault(0, f"{name} on stream {frame.stream}", *STREAM_RULES[name])

    def payload(self, frame: Frame, name: str) -> Payload | None:
        """Read the payload; None where that is impossible, or counts as a breach."""
        ack = self._version.has_flag(frame.type, frame.flags, "ACK")
        if name == "SETTINGS" and ack and frame.declared:
            message = f"a SETTINGS acknowledgement of {frame.declared} octets"
            if self._checks.fault(0, message, "settings.ack-length", "settings.ack-empty"):
                return None
        if len(frame.payload) < frame.declared:
            return None  # more than we keep: nothing can be said about its end
        high = self._version.has_flag(frame.type, frame.flags, "PAD_HIGH")
        if high and not self._version.has_flag(frame.type, frame.flags, "PADDED"):
            message = f"{name} with PAD_HIGH but without PAD_LOW"
            if self._checks.fault(0, message, PADDING_HIGH_RULES[name]):
                return None
        try:
            return parse_payload(self._version, frame)
        except PayloadError as error:
            rule = PADDING_RULES.get(name) if error.problem == "padding" else LENGTH_RULES.get(name)
            scope = 0 if name in BLOCK_FRAMES else frame.stream
            if self._checks.fault(scope, error.message, rule or "frame.too-short"):
                return None
            return self._salvage(frame, name, error)

    def _salvage(self, frame: Frame, name: str, error: PayloadError) -> Payload | None:
        """Make what can be made of a payload whose fault is forgiven."""
        known = self._version.frames[name]
        if error.problem == "padding":
            pads = [part.flag for part in known.layout if isinstance(part, PadLength)]
            present = [known.flags[flag] for flag in pads if frame.flags & known.flags[flag]]
            frame = replace(
                frame,
                flags=frame.flags & ~sum(present),
                payload=frame.payload[len(present) :],
                length=None,
            )
        elif known.length is not None:
            octets = frame.payload[: known.length].ljust(known.length, b"\0")
            frame = replace(frame, payload=octets, length=None)
        elif name == "SETTINGS":
            size = next(part.entry.octets for part in known.layout if isinstance(part, Entries))
            whole = len(frame.payload) // size * size
            frame = replace(frame, payload=frame.payload[:whole], length=None)
        else:
            octets = frame.payload.ljust(known.min_length, b"\0")
            frame = replace(frame, flags=0, payload=octets, length=None)
        try:
            return parse_payload(self._version, frame)
        except PayloadError:
            return None

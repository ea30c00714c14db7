"""Checks of the parts of a case by themselves: that names exist, and that fields belong.

`CONTENT` says which fields of a `send` step a type of frame has, besides those of its header.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from h2spec_py.case.errors import listing, shown
from h2spec_py.case.model import (
    AllOf,
    Edited,
    EmptyReferenceSet,
    Expectation,
    Limit,
    Literal_,
    Match,
    Open,
    Padding,
    Part,
    Request,
    Send,
    SettingsValue,
    SizeUpdate,
    Tls,
    Upgrade,
    Upload,
)
from h2spec_py.case.reporter import Reporter, unknown
from h2spec_py.case.validate import Path, keys_of
from h2spec_py.spec import FrameType
from h2spec_py.spec.suites import SUITES
from h2spec_py.wire.hpack import find_generation

HEADER = ("send", "stream", "flags", "length", "reserved", "length-reserved")
BLOCK = ("headers", "block", "keep")
CONTENT: dict[str, tuple[str, ...]] = {
    "DATA": ("payload", "padding"),
    "HEADERS": ("payload", "padding", "priority", *BLOCK),
    "PRIORITY": ("payload", "priority"),
    "RST_STREAM": ("payload", "error"),
    "SETTINGS": ("payload", "settings"),
    "PUSH_PROMISE": ("payload", "padding", "promised", *BLOCK),
    "PING": ("payload", "opaque"),
    "GOAWAY": ("payload", "last-stream", "error", "debug"),
    "WINDOW_UPDATE": ("payload", "increment"),
    "CONTINUATION": ("payload", "padding", *BLOCK),
}
OTHERS = ("payload",)
"""What a type that is not in `CONTENT` has."""

NEED_STREAM = frozenset({"stream-error", "malformed", "response", "ignored", "frame", "never"})
"""What cannot be expected when a frame was put on stream 0 by oversight."""

NUMBER = re.compile(r"0x[0-9a-fA-F]{1,8}|0|[1-9][0-9]{0,9}")
"""A number where a name could stand."""


def check_part(path: Path, part: Part, say: Reporter) -> None:
    """Check one mapping of a case."""
    match part:
        case Send():
            _check_send(path, part, say)
        case Match():
            _check_match(path, part, say)
        case Expectation():
            _check_codes(path, part, say)
        case Limit():
            if part.setting not in say.version.settings:
                known = list(say.version.settings)
                say.unknown((*path, "setting"), "setting", part.setting, known)
        case Open():
            _check_settings((*path, "settings"), part.settings, say)
            if part.bare and part.model_fields_set & {"preface", "settings"}:
                say.key((*path, "bare"), "bare: nothing is sent, so there is nothing else to say")
        case Upgrade():
            for index, one in enumerate(part.settings):
                if not isinstance(one, str):
                    _check_settings((*path, "settings", index), one, say)
        case Tls():
            for index, suite in enumerate(part.suites):
                if suite not in SUITES:
                    say.unknown((*path, "suites", index), "cipher suite", suite, list(SUITES))
        case Edited():
            _check_pseudo(path, part, say)
        case AllOf() | Literal_() | SizeUpdate() | EmptyReferenceSet():
            _check_representation(path, part, say)
        case Upload() if part.padding is not None and not _is_padded(say.version.frames["DATA"]):
            say.key((*path, "padding"), "DATA has no padding")
        case Request() if not part.request:
            say.at((*path, "request"), "request: expected a method such as GET")
        case _:
            pass


def _check_send(path: Path, send: Send, say: Reporter) -> None:
    frame = say.version.frames.get(send.send)
    if frame is None and not _is_undefined_type(path, send, say):
        return
    name = frame.name if frame else send.send
    given = [key for key in keys_of(Send) if _was_given(send, key) and key not in HEADER]
    content = [key for key in CONTENT.get(name, OTHERS) if key != "padding" or _is_padded(frame)]
    for key in given:
        if key not in content:
            say.key((*path, key), f"{name} has no field {key!r}; it has {listing(content, 'and')}")
    _check_flags(path, send, frame, say)
    _check_combination(path, send, name, given, say)
    if (
        frame is not None
        and frame.stream == "nonzero"
        and not _was_given(send, "stream")
        and say.loaded.case.expect.kind in NEED_STREAM
    ):
        say.key((*path, "send"), f"{name} belongs on a stream: say which, if only 'stream: 0'")
    _check_padding(path, send, frame, say)
    if send.error is not None:
        check_code((*path, "error"), send.error, say)
    if send.settings is not None:
        _check_settings((*path, "settings"), send.settings, say)
    _check_length(path, send, say)


def _check_padding(path: Path, send: Send, frame: FrameType | None, say: Reporter) -> None:
    declared = send.padding.declared if isinstance(send.padding, Padding) else send.padding
    if declared is not None and declared > 255 and frame and "PAD_HIGH" not in frame.flags:
        say.at((*path, "padding"), f"padding: a pad length has 8 bits, found {declared}")


def _is_undefined_type(path: Path, send: Send, say: Reporter) -> bool:
    known = say.version.frames
    if not NUMBER.fullmatch(send.send):
        say.unknown((*path, "send"), "frame type", send.send, list(known))
        return False
    code = int(send.send, 0)
    defined = say.version.frame_by_code(code)
    if defined is not None:
        say.at((*path, "send"), f"type {send.send} is {defined.name}: write the name")
    elif code > 255:
        say.at((*path, "send"), f"a frame type has 8 bits, found {shown(send.send)}")
    return defined is None and code <= 255


def _check_flags(path: Path, send: Send, frame: FrameType | None, say: Reporter) -> None:
    if isinstance(send.flags, list):
        for index, flag in enumerate(send.flags):
            where = (*path, "flags", index)
            if frame is None:
                say.at(where, "flags of a type that is not defined have no names: give a number")
            elif flag not in frame.flags:
                say.unknown(where, f"flag of {frame.name}", flag, list(frame.flags))


def _check_combination(
    path: Path, send: Send, name: str, given: Collection[str], say: Reporter
) -> None:
    if send.payload is not None and name != "DATA":
        for key in given:
            if key not in OTHERS and key in CONTENT.get(name, ()):
                message = f"{key}: 'payload' is the whole payload of {name}, so this is not sent"
                say.key((*path, key), message)
    elif send.headers is not None and send.block is not None:
        say.key((*path, "headers"), "headers and block: give one of them")
    elif (
        send.keep is not None
        and name in {"HEADERS", "PUSH_PROMISE"}
        and "CONTINUATION" in say.version.frames  # or the block that is open goes on in this frame
        and send.headers is None
        and send.block is None
    ):
        say.key((*path, "keep"), "keep: there is no header block to keep octets of")
    if send.opaque is not None and len(send.opaque) != 8:
        message = f"opaque: expected 8 octets, found {len(send.opaque)}; see 'payload' for others"
        say.at((*path, "opaque"), message)


def _check_length(path: Path, send: Send, say: Reporter) -> None:
    layout = say.version.header
    if send.length is not None and send.length > layout.max_length:
        message = f"length: expected at most {layout.max_length} in {layout.length_bits} bits"
        say.at((*path, "length"), f"{message}, found {send.length}")
    if send.length_reserved >= 1 << layout.reserved_bits:
        message = f"length-reserved: {layout.reserved_bits} bits are left before the length"
        say.at((*path, "length-reserved"), message)


def _check_match(path: Path, match: Match, say: Reporter) -> None:
    frame = say.version.frames.get(match.frame)
    if frame is None:
        known = list(say.version.frames)
        say.unknown((*path, "frame"), "frame type", match.frame, known)
        return
    for key in ("flags", "unset"):
        for index, flag in enumerate(getattr(match, key)):
            if flag not in frame.flags:
                known = list(frame.flags)
                say.unknown((*path, key, index), f"flag of {frame.name}", flag, known)
    for flag in set(match.flags) & set(match.unset):
        say.key((*path, "unset"), f"flag {flag} cannot be both set and unset")
    for key, types in MATCHED.items():
        if _was_given(match, key) and frame.name not in types:
            others = f"{listing(types, 'and')} {'has' if len(types) == 1 else 'have'}"
            say.key((*path, key), f"{frame.name} has no field {key!r}; {others}")
    if match.error is not None:
        check_code((*path, "error"), match.error, say)
    if match.opaque is not None and len(match.opaque) != 8:
        say.at((*path, "opaque"), f"opaque: expected 8 octets, found {len(match.opaque)}")
    wrong = {"zero": bool(match.stream), "nonzero": match.stream == 0, "either": False}
    if match.stream is not None and wrong[frame.stream]:
        say.at((*path, "stream"), f"{frame.name} never comes on stream {match.stream}")
    for name in match.at_least or {}:
        if name not in say.version.settings:
            known = list(say.version.settings)
            say.key((*path, "at-least", name), unknown("setting", name, known))
    _check_lengths(path, match, say)


MATCHED = {
    "error": ("RST_STREAM", "GOAWAY"),
    "opaque": ("PING",),
    "last-stream": ("GOAWAY",),
    "promised": ("PUSH_PROMISE",),
    "status": ("HEADERS",),
    "total": ("DATA",),
    "at-least": ("SETTINGS",),
}
"""The fields of a description that only some types have."""


def _check_lengths(path: Path, match: Match, say: Reporter) -> None:
    low, high = match.min_length, match.max_length
    if match.total is not None:
        if path[-1] not in {"await", "expect"}:
            say.key((*path, "total"), "total: only steps wait for an amount of DATA")
        if match.model_fields_set - {"frame", "stream", "total"}:
            say.key((*path, "total"), "total: stands beside frame and stream alone")
    if match.length is not None and (low is not None or high is not None):
        say.key((*path, "length"), "length: give the one length, or its bounds, not both")
    if low is not None and high is not None and low > high:
        say.key((*path, "min-length"), f"min-length {low} is over max-length {high}")


def _check_codes(path: Path, expect: Expectation, say: Reporter) -> None:
    for key in ("connection-error", "stream-error"):
        codes = getattr(expect, key.replace("-", "_"))
        if isinstance(codes, str):
            check_code((*path, key), codes, say)
        for index, code in enumerate(codes if isinstance(codes, list) else []):
            check_code((*path, key, index), code, say)
            if code in codes[:index]:
                say.at((*path, key, index), f"error code {shown(code)} is there twice")


def check_code(path: Path, code: str | int, say: Reporter) -> None:
    """Check an error code that is given by name."""
    if isinstance(code, str) and code not in say.version.errors:
        say.unknown(path, "error code", code, list(say.version.errors))


def _check_settings(path: Path, settings: SettingsValue, say: Reporter) -> None:
    if isinstance(settings, dict):
        for name in settings:
            if problem := _setting_problem(name, say):
                say.key((*path, name), problem)
        return
    for index, entry in enumerate(settings):
        if problem := _setting_problem(entry.id, say):
            say.at((*path, index, "id"), problem)


def _setting_problem(name: str, say: Reporter) -> str:
    known = say.version.settings
    if name in known:
        return ""
    if NUMBER.fullmatch(name):
        return "" if int(name, 0) < 1 << 16 else f"a setting has 16 bits, found {shown(name)}"
    return unknown("setting", name, list(known))


def _check_pseudo(path: Path, edited: Edited, say: Reporter) -> None:
    known = list(say.version.pseudo.values())
    for index, name in enumerate(edited.without):
        if name.startswith(":") and name not in known:
            say.unknown((*path, "without", index), "pseudo-header field", name, known)
    for name, source in edited.copy_.items():
        if source not in known:
            say.unknown((*path, "copy", name), "pseudo-header field", source, known)


def _check_representation(
    path: Path, part: AllOf | Literal_ | SizeUpdate | EmptyReferenceSet, say: Reporter
) -> None:
    generation = find_generation(say.version.hpack)
    try:
        match part:
            case AllOf() | Literal_():
                generation.pattern("literal", part.literal)
            case SizeUpdate():
                generation.pattern("size-update")
            case EmptyReferenceSet():
                generation.pattern("empty-reference-set")
                if not part.empty_reference_set:
                    say.at((*path, "empty-reference-set"), "empty-reference-set: expected true")
    except ValueError as error:
        say.at(path, str(error))


def _is_padded(frame: FrameType | None) -> bool:
    return frame is not None and "PADDED" in frame.flags


def _was_given(part: Part, key: str) -> bool:
    return key.replace("-", "_") in part.model_fields_set

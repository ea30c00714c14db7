r"""Making text that may come from a hostile target fit to be shown.

Nothing here knows a format: escaping for HTML or XML is done by those who write these. What is done
here is needed everywhere: characters that act instead of being seen (terminal escapes, NUL,
overrides of the writing direction, lone surrogates, line breaks in what should be one line) become
visible escapes such as `\x1b` or `\u202e`, and text of any length becomes text of a known one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from h2spec_py.results_lines import Entry

TEXT_LIMIT = 2000
"""How much of one piece of text is shown (characters)."""

FIELDS_LIMIT = 100
"""How many fields of one frame are shown."""

DEPTH_LIMIT = 4
"""How deeply values within values are shown."""

_UNUSUAL = re.compile(r"[^ -~]")
_DOTTED = bytes(octet if 32 <= octet < 127 else ord(".") for octet in range(256))


def visible(text: str, limit: int = TEXT_LIMIT) -> str:
    """Show `text` in one line in which every character is seen; cut to `limit` characters.

    Printable characters of all scripts stay. Everything else, spaces other than U+0020 included,
    becomes an escape. What was cut off is counted at the end.
    """
    rest = len(text) - limit
    if rest > 0:
        text = text[:limit]
    if not text.isprintable():
        text = _UNUSUAL.sub(_escape, text)
    return f"{text}… ({rest:,} more characters)" if rest > 0 else text


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def seconds(duration: float) -> str:
    """Write a duration (seconds) in the unit that suits it."""
    if abs(duration) < 0.9995:
        return f"{duration * 1000:.1f} ms" if abs(duration) < 0.01 else f"{duration * 1000:.0f} ms"
    return f"{duration:.2f} s" if abs(duration) < 10 else f"{duration:.1f} s"


def hexdump(octets: str) -> str:
    """Lay out octets (hexadecimal) sixteen to a line: offset, octets, printable ASCII."""
    try:
        raw = bytes.fromhex(octets)
    except ValueError:
        return visible(octets)
    lines = []
    for offset in range(0, len(raw), 16):
        row = raw[offset : offset + 16]
        digits = row[:8].hex(" ") + ("  " + row[8:].hex(" ") if len(row) > 8 else "")
        lines.append(f"{offset:04x}  {digits:<48}  {row.translate(_DOTTED).decode('ascii')}")
    return "\n".join(lines)


def fields(detail: Mapping[str, Any], limit: int = TEXT_LIMIT) -> list[tuple[str, str]]:
    """List the decoded fields of a frame as names and text, both `visible` and bounded.

    Header fields, settings and other lists of pairs are spread out, one pair per line.
    """
    listed: list[tuple[str, str]] = []
    for name, text in _spread(detail):
        if len(listed) == FIELDS_LIMIT:
            listed.append(("…", "and more"))
            break
        listed.append((visible(name, 200), visible(text, limit)))
    return listed


def _spread(detail: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in detail.items():
        if isinstance(value, list) and value and all(map(_is_pair, value)):
            for left, right in map(_pair, value):
                yield str(left), plain(right)
        elif isinstance(value, dict) and value:
            for left, right in value.items():
                yield str(left), plain(right)
        else:
            yield name, plain(value)


def _is_pair(value: object) -> bool:
    if isinstance(value, list):
        return len(value) == 2 and isinstance(value[0], str)
    return isinstance(value, dict) and value.keys() >= {"name", "value"}


def _pair(value: Any) -> tuple[str, object]:
    if isinstance(value, list):
        return value[0], value[1]
    more = {key: inner for key, inner in value.items() if key not in {"name", "value"} and inner}
    shown = plain(value["value"])
    return plain(value["name"]), f"{shown} ({plain(more)})" if more else shown


def plain(value: object, depth: int = 0) -> str:
    """Write a value of JSON's in few characters; not yet `visible`."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if value in ({}, []):
        return "none"
    if isinstance(value, dict | list) and depth >= DEPTH_LIMIT:
        return "…"
    if isinstance(value, dict):
        return ", ".join(f"{key}={plain(inner, depth + 1)}" for key, inner in value.items())
    if isinstance(value, list):
        inner = ", ".join(plain(element, depth + 1) for element in value)
        return f"[{inner}]" if depth else inner
    try:
        return str(value)
    except ValueError:  # an integer of thousands of digits
        return "a huge number"


def entry_line(entry: Entry, limit: int = 300) -> str:
    """Write one entry of a transcript as one line of at most about `limit` characters."""
    arrow = {"sent": "->", "received": "<-", "note": "--"}[entry["dir"]]
    parts = [f"{entry['at'] * 1000:9.1f} ms {arrow} {visible(entry.get('type', ''), 40)}".rstrip()]
    if flags := flag_names(entry):
        parts.append(f"[{flags}]")
    if "stream" in entry:
        parts.append(f"stream={entry['stream']}")
    if "length" in entry:
        parts.append(f"length={entry['length']}")
    parts += [f"{name}: {text}" for name, text in fields(entry.get("detail", {}), 120)]
    if "text" in entry:
        parts.append(visible(entry["text"], limit))
    return visible(" ".join(parts), limit)


def entry_direction(entry: Entry) -> tuple[str, str]:
    """Say in which direction an entry went: an arrow, and a word from our point of view."""
    return {"sent": ("→", "sent"), "received": ("←", "received"), "note": ("•", "note")}[
        entry["dir"]
    ]


def flag_names(entry: Entry) -> str:
    """Name the flags of a frame, or give their octet when not all that are set have names."""
    names = " ".join(visible(name, 40) for name in entry.get("flags", [])[:8])
    octet = entry.get("flags_octet", 0)
    return names or (f"flags 0x{octet:02x}" if octet else "")

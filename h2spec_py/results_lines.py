"""What the lines of a results file hold: the keys that we use, and the type of each."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict, get_args

Outcome = Literal["pass", "non-strict", "fail", "info", "skip", "error"]

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
"""All outcomes, in the order in which they are counted and shown."""


class Target(TypedDict):
    """What was tested."""

    url: str
    host: str
    port: int
    tls: bool
    alpn: NotRequired[str | None]
    tls_version: NotRequired[str | None]
    cipher: NotRequired[str | None]


class Header(TypedDict):
    """The first line."""

    kind: Literal["header"]
    format: int
    tool: str
    """Name and version of what wrote the file."""
    target: Target
    version: str
    """The version's document, such as `rfc9113`."""
    options: dict[str, Any]
    started: str
    """Time in UTC, such as `2026-11-23T07:00:00Z`."""
    cases: int
    """How many cases were to be run."""


class Section(TypedDict):
    """The section that a case belongs to in the version under test."""

    document: str
    section: str
    title: NotRequired[str | None]
    url: NotRequired[str | None]


class RequirementResult(TypedDict):
    """One requirement that a case is about."""

    id: str
    says: str
    level: str
    sections: list[str]
    urls: NotRequired[list[str]]


class Entry(TypedDict):
    """One line of a transcript: a frame, octets outside frames, or a note of ours."""

    at: float
    """Seconds since the case began."""
    dir: Literal["sent", "received", "note"]
    """Seen from us: `sent` went to the target."""
    type: NotRequired[str]
    """Name of the frame type, `0xNN` if it has none, `preface`, …"""
    flags: NotRequired[list[str]]
    flags_octet: NotRequired[int]
    stream: NotRequired[int]
    length: NotRequired[int]
    """Declared length of the payload (octets)."""
    detail: NotRequired[dict[str, Any]]
    """Decoded fields."""
    octets: NotRequired[str]
    """Header and payload in hexadecimal, perhaps only the first of them."""
    truncated: NotRequired[bool]
    """Whether there were more octets than `octets` shows."""
    text: NotRequired[str]


class CaseResult(TypedDict):
    """What one case found."""

    kind: Literal["case"]
    id: str
    title: str
    file: str
    aliases: list[str]
    outcome: Outcome
    ending: str
    """How it ended: `goaway(CODE)`, `reset(CODE)`, `response(status)`, `closed`, `alive`, …"""
    reason: str
    """Why the outcome is what it is, in one line."""
    remedies: NotRequired[list[str]]
    """What the run can be given, all together, for a skipped case to apply, if anything."""
    section: Section
    requirements: list[RequirementResult]
    expected: str
    twin: str | None
    duration: float
    """Seconds."""
    transcript: list[Entry]


class Footer(TypedDict):
    """The last line."""

    kind: Literal["footer"]
    counts: dict[str, int]
    """How many cases had each outcome; all of `OUTCOMES` are present."""
    duration: float
    """Seconds."""
    interrupted: bool
    exit: int
    """Exit code of the run."""

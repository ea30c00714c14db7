"""The values of the case language: scalars that are read from text, and unions told apart.

The loader hands every scalar over as text. Each type here reads its text and says in plain words
what it expects. A union has a discriminator, so that an error is about the branch that was meant:
its branches are tagged `<…>`, which no key of the language looks like.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Discriminator, Field

from h2spec_py.case.errors import listing

INTEGER = re.compile(r"[+-]?(0x[0-9a-fA-F]{1,40}|[0-9]{1,40})")
FAMILY = r"^[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9.-]*)+$"
SLUG = FAMILY[:-1] + r"(\[[^\[\]\s]+\])?$"
REQUIREMENT = r"^[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)+$"
NEEDS = (
    "response-body",
    "upload",
    "open-upload",
    "concurrency-limit",
    "header-table",
    "stream-window",
    "tls",
    "tls12",
    "tls13",
    "server-name",
    "cleartext",
    "upgrade",
    "push",
    "compression",
    "no-compression",
    "flow-control",
)
NEED = rf"^({'|'.join(NEEDS)})([<>]=[0-9]{{1,10}})?$"
STATUS = r"^(!?[1-5]([0-9][0-9]|xx)|final|legal)$"

FLAGS = "a list of flags, or a number that stands for all of them"

PATTERNS = {
    SLUG: "an id of small letters, digits and hyphens such as 'data/stream-zero'",
    REQUIREMENT: "the id of a requirement such as 'data.stream-zero'",
    NEED: f"{listing(NEEDS)}, with a bound such as '>=2' where it is a number",
    STATUS: "a status such as '200', '4xx', '!400', 'final' or 'legal'",
}
"""What a text has to be, for each pattern that a type demands of it."""


def _integer(value: Any) -> Any:
    """Read decimal or `0x` hexadecimal text as an integer; leave everything else to the type."""
    if not isinstance(value, str):
        return value
    if not INTEGER.fullmatch(value):
        raise ValueError("expected an integer, decimal or 0x hexadecimal")
    return int(value, 16) if "x" in value else int(value, 10)


def _octets(value: Any) -> Any:
    """Read hexadecimal text, with optional white space between octets, as octets."""
    if isinstance(value, str):
        try:
            return bytes.fromhex(value)
        except ValueError:
            raise ValueError("expected pairs of hexadecimal digits") from None
    return value


def _boolean(value: Any) -> Any:
    """Read `true` and `false`; other spellings of YAML are not taken for booleans."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise ValueError("expected true or false")


def _flags(value: Any) -> Any:
    """Refuse the name of one flag where a list or a number belongs."""
    if isinstance(value, str) and not INTEGER.fullmatch(value):
        raise ValueError(f"expected {FLAGS}")
    return value


def _error_code(value: Any) -> Any:
    """Read an error code that is given by number; leave a name as it is."""
    number = _integer(value) if isinstance(value, str) and INTEGER.fullmatch(value) else value
    if isinstance(number, int) and not 0 <= number < 2**32:
        raise ValueError("expected an error code, by name or of 32 bits")
    return number


Integer = Annotated[int, BeforeValidator(_integer)]
StreamId = Annotated[Integer, Field(ge=0, le=2**31 - 1)]
Octet = Annotated[Integer, Field(ge=0, le=255)]
U32 = Annotated[Integer, Field(ge=0, le=2**32 - 1)]
FlagsOctet = Annotated[Octet, BeforeValidator(_flags)]
Large = Annotated[Integer, Field(ge=0, le=2**128)]
U31 = Annotated[Integer, Field(ge=0, le=2**31 - 1)]
Boolean = Annotated[bool, BeforeValidator(_boolean)]
HexOctets = Annotated[bytes, BeforeValidator(_octets)]
ErrorCode = Annotated[str | int, BeforeValidator(_error_code)]
Slug = Annotated[str, Field(pattern=SLUG)]
RequirementId = Annotated[str, Field(pattern=REQUIREMENT)]
NeedId = Annotated[str, Field(pattern=NEED)]
StatusPattern = Annotated[str, Field(pattern=STATUS)]


SHAPES = ("<text>", "<list>", "<mapping>")


def by_shape(expected: str) -> Discriminator:
    """Tell the branches of a union apart by shape; tags are `<text>`, `<list>` and `<mapping>`.

    `expected` says in a message what would have been right.
    """

    def shape(value: Any) -> str | None:
        match value:
            case Mapping() | BaseModel():
                return "<mapping>"
            case list() | tuple():
                return "<list>"
            case str() | int():
                return "<text>"
            case _:
                return None

    return Discriminator(
        shape, custom_error_type="shape", custom_error_message=f"expected {expected}"
    )


def by_key(what: str, *keys: str) -> Discriminator:
    """Tell the branches of a union of mappings apart by their key; that of `send` is `<send>`."""

    def tag(value: Any) -> str | None:
        if isinstance(value, Mapping):
            return next((f"<{key}>" for key in keys if key in value), None)
        names = getattr(type(value), "model_fields", {})
        return next(
            (f"<{key}>" for key in keys if key.replace("-", "_") in map(_plain, names)), None
        )

    return Discriminator(
        tag,
        custom_error_type="kind",
        custom_error_message=f"{what} of unknown kind",
        custom_error_context={"what": what, "keys": " ".join(keys)},
    )


def _plain(name: str) -> str:
    return name.rstrip("_")

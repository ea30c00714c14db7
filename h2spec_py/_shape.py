"""Checks that a value read from JSON has the shape that a TypedDict describes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import NoneType, UnionType
from typing import (
    Any,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

LIMIT = 2**63
"""Numbers as large as this are refused."""

NAMES: dict[object, str] = {
    str: "text",
    int: "an integer",
    float: "a number",
    bool: "true or false",
    NoneType: "null",
    dict: "an object",
    list: "a list",
}


class ShapeError(Exception):
    """A value of another shape; the message is one line and names the place within the value."""


def check_shape(value: object, shape: Any) -> None:
    """Check `value` against `shape`; raises ShapeError.

    A shape is a TypedDict, `list[…]`, `dict[str, …]`, `Literal[…]` of strings, a union of these, or
    a type of JSON's. Integers pass as numbers, and keys that a TypedDict lacks are ignored.
    """
    try:
        _check_of(shape)(value)
    except _Misfit as misfit:
        raise ShapeError(f"{misfit.place or 'this line'}{misfit.problem}") from None


Check = Callable[[Any], None]
"""Looks at a value; raises _Misfit."""


class _Misfit(Exception):  # noqa: N818 - it becomes an error once its place is known
    """What is wrong with the value at `place`, which grows on the way out of nested values."""

    def __init__(self, problem: str, place: str = "") -> None:
        super().__init__(problem, place)
        self.problem = problem
        self.place = place

    def within(self, step: str) -> _Misfit:
        dot = "." if self.place and not self.place.startswith("[") else ""
        return _Misfit(self.problem, f"{step}{dot}{self.place}")


@cache  # whole files are checked, and taking a type apart costs more than looking at a value
def _check_of(shape: Any) -> Check:
    if is_typeddict(shape):
        return _object(shape)
    origin = get_origin(shape)
    if origin is Literal:
        return _one_of(get_args(shape))
    if origin in (Union, UnionType):
        return _union(get_args(shape))
    if origin is list:
        return _list(_check_of(get_args(shape)[0]))
    if origin is dict and get_args(shape)[1] is not Any:
        return _dict(_check_of(get_args(shape)[1]))
    return _number(shape) if shape in (int, float) else _plain(origin or shape)


def _object(shape: Any) -> Check:
    keys = []
    for key, hint in get_type_hints(shape, include_extras=True).items():
        optional = get_origin(hint) is NotRequired
        keys.append((key, optional, _check_of(get_args(hint)[0] if optional else hint)))

    def check(value: Any) -> None:
        if not isinstance(value, dict):
            raise _wrong(NAMES[dict])
        for key, optional, check_value in keys:
            if key in value:
                try:
                    check_value(value[key])
                except _Misfit as misfit:
                    raise misfit.within(key) from None
            elif not optional:
                raise _Misfit(" is missing", key)

    return check


def _list(check_item: Check) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, list):
            raise _wrong(NAMES[list])
        for index, item in enumerate(value):
            try:
                check_item(item)
            except _Misfit as misfit:
                raise misfit.within(f"[{index}]") from None

    return check


def _dict(check_item: Check) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, dict):
            raise _wrong(NAMES[dict])
        for key, item in value.items():
            try:
                check_item(item)
            except _Misfit as misfit:
                raise misfit.within(f"[{ascii(key)[:80]}]") from None

    return check


def _union(forms: tuple[Any, ...]) -> Check:
    checks = [_check_of(form) for form in forms]

    def check(value: Any) -> None:
        for check_form in checks:
            try:
                check_form(value)
            except _Misfit:
                continue
            return
        raise _wrong(" or ".join(NAMES.get(form, "something else") for form in forms))

    return check


def _one_of(words: tuple[str, ...]) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, str) or value not in words:
            raise _wrong("one of " + ", ".join(words))

    return check


def _number(kind: type) -> Check:
    def check(value: Any) -> None:
        # Whatever we count or time is far below the limit, and nobody can show a thousand digits.
        # Comparing also turns away NaN and the infinities that `1e999` is read as.
        number = isinstance(value, (int, kind)) and type(value) is not bool
        if not number or not abs(value) < LIMIT:
            raise _wrong(NAMES[kind])

    return check


def _plain(kind: Any) -> Check:
    def check(value: Any) -> None:
        if kind is not Any and not isinstance(value, kind):
            raise _wrong(NAMES[kind])

    return check


def _wrong(expected: str) -> _Misfit:
    return _Misfit(f": expected {expected}")

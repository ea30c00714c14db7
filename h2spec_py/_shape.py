"""Checks that a value read from JSON has the shape that a TypedDict describes."""

from __future__ import annotations

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


def check_shape(value: object, shape: Any, place: str = "") -> None:
    """Check `value` against `shape`; raises ShapeError.

    A shape is a TypedDict, `list[…]`, `dict[str, …]`, `Literal[…]` of strings, a union of these, or
    a type of JSON's. Integers pass as numbers, and keys that a TypedDict lacks are ignored.
    """
    if shape is Any:
        return
    if is_typeddict(shape):
        _check_object(value, shape, place)
        return
    origin = get_origin(shape)
    if origin is Literal:
        if not isinstance(value, str) or value not in get_args(shape):
            raise _wrong(place, "one of " + ", ".join(map(str, get_args(shape))))
    elif origin in (Union, UnionType):
        _check_union(value, shape, place)
    elif origin is list:
        (item,) = get_args(shape)
        if not isinstance(value, list):
            raise _wrong(place, NAMES[list])
        for index, element in enumerate(value):
            check_shape(element, item, f"{place}[{index}]")
    elif origin is dict:
        if not isinstance(value, dict):
            raise _wrong(place, NAMES[dict])
        for key, element in value.items():
            check_shape(element, get_args(shape)[1], f"{place}[{ascii(key)[:80]}]")
    elif not _is(value, shape):
        raise _wrong(place, NAMES[shape])


def _check_object(value: object, shape: Any, place: str) -> None:
    if not isinstance(value, dict):
        raise _wrong(place, NAMES[dict])
    for key, (required, expected) in _keys(shape).items():
        inner = f"{place}.{key}" if place else key
        if key in value:
            check_shape(value[key], expected, inner)
        elif required:
            raise ShapeError(f"{inner} is missing")


def _check_union(value: object, shape: Any, place: str) -> None:
    forms = get_args(shape)
    for form in forms:
        try:
            check_shape(value, form, place)
        except ShapeError:
            continue
        return
    raise _wrong(place, " or ".join(NAMES.get(form, "something else") for form in forms))


@cache
def _keys(shape: Any) -> dict[str, tuple[bool, Any]]:
    """List the keys of a TypedDict: whether each is required, and its shape."""
    keys = {}
    for key, hint in get_type_hints(shape, include_extras=True).items():
        optional = get_origin(hint) is NotRequired
        keys[key] = (not optional, get_args(hint)[0] if optional else hint)
    return keys


def _is(value: object, kind: type) -> bool:
    if kind is float or kind is int:
        # Whatever we count or time is far below the limit, and nobody can show a thousand digits.
        # Comparing also turns away NaN and the infinities that `1e999` is read as.
        return isinstance(value, (int, kind)) and type(value) is not bool and abs(value) < LIMIT
    return isinstance(value, kind)


def _wrong(place: str, expected: str) -> ShapeError:
    return ShapeError(f"{place or 'this line'}: expected {expected}")

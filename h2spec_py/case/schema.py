"""A JSON Schema of case files, for editors, from the same types that the loader uses.

An editor sees a file before anything is resolved, and reads its scalars as YAML does. So wherever a
value can stand, the schema also takes a mapping keyed by ranges of versions and text with a
`${placeholder}`, numbers may be written as text, and text may look like a number.
"""

from __future__ import annotations

import json
from typing import Any

from h2spec_py.case.model import Case
from h2spec_py.case.values import FAMILY
from h2spec_py.spec import ORDER

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NAMES = "|".join(ORDER)
RANGE = rf"^(({_NAMES})|({_NAMES})\.\.|\.\.({_NAMES})|({_NAMES})\.\.({_NAMES}))$"
KEYED: Schema = {"type": "object", "minProperties": 1, "propertyNames": {"pattern": RANGE}}
PLACEHOLDER: Schema = {"type": "string", "pattern": r"\$\{[^{}]*\}"}
INTEGER: Schema = {"type": "string", "pattern": r"^[+-]?(0x[0-9a-fA-F]{1,40}|[0-9]{1,40})$"}
OCTETS: Schema = {"type": "string", "pattern": r"^\s*([0-9a-fA-F]{2}\s*)*$"}
SCALAR = ["string", "number", "boolean"]


def json_schema() -> Schema:
    """The schema of a case file, as a JSON value."""
    return _Writer().file()


class _Writer:
    """Writes the schema. What may differ by version is a definition, because it contains itself."""

    def __init__(self) -> None:
        self._definitions: dict[str, Schema] = {"Ranges": KEYED, "Placeholder": PLACEHOLDER}
        self._names: dict[str, str] = {}

    def file(self) -> Schema:
        """The schema of a whole file."""
        generated = Case.model_json_schema(by_alias=True)
        for name, schema in generated.pop("$defs").items():
            self._definitions[name] = self._object(schema)
        case = self._object(generated)
        case["properties"] |= {
            "id": {"type": "string", "pattern": FAMILY},
            "each": self._value(self._each()),
        }
        return {
            "$schema": DIALECT,
            "title": "h2spec_py case file",
            "description": "Conformance cases for HTTP/2, each entry a case or a family.",
            "type": "array",
            "items": {"$ref": "#/$defs/Case"},
            "$defs": self._definitions | {"Case": case},
        }

    def _each(self) -> Schema:
        choice = {"anyOf": [{"type": SCALAR}, {"type": "object", "required": ["name"]}]}
        return {
            "description": "The choices for each parameter; every combination makes a case.",
            "type": "object",
            "minProperties": 1,
            "additionalProperties": self._value({"type": "array", "items": self._value(choice)}),
        }

    def _value(self, schema: Schema) -> Schema:
        """A schema for what may differ by version, or be filled in from `each`."""
        text = json.dumps(schema, sort_keys=True)
        name = self._names.setdefault(text, f"Value{len(self._names) + 1}")
        found = {"$ref": f"#/$defs/{name}"}
        self._definitions[name] = {
            "if": {"$ref": "#/$defs/Placeholder"},
            "else": {
                "if": {"$ref": "#/$defs/Ranges"},
                "then": {"additionalProperties": found},
                "else": schema,
            },
        }
        return found

    def _object(self, schema: Schema) -> Schema:
        """The schema of a mapping, adapted to what a file may hold in it."""
        kept = {key: value for key, value in schema.items() if key not in {"title", "description"}}
        if description := schema.get("description"):
            kept["description"] = " ".join(str(description).split("\n\n", 1)[0].split())
        return self._adapt(kept)

    def _adapt(self, schema: Schema) -> Schema:
        """Adapt a schema for a place in a case, and those in it."""
        adapted = {key: value for key, value in schema.items() if key not in {"title", "default"}}
        if "const" in adapted or "enum" in adapted or "$ref" in adapted:
            return adapted
        for name in ("anyOf", "oneOf"):
            if name in adapted:
                # A number in text fits several branches, which only the loader can tell apart.
                branches = [one for one in adapted.pop(name) if one != {"type": "null"}]
                adapted["anyOf"] = [self._adapt(one) for one in branches]
        match adapted.get("type"):
            case "integer":
                return _integer(adapted)
            case "boolean":
                return {"anyOf": [adapted, {"enum": ["true", "false"]}]}
            case "string" if adapted.get("format") == "binary":
                return {"anyOf": [{"type": "number"}, OCTETS]}
            case "string" if "pattern" not in adapted:
                return adapted | {"type": SCALAR}
            case _:
                return self._contents(adapted)

    def _contents(self, schema: Schema) -> Schema:
        for name in ("items", "additionalProperties"):
            if isinstance(schema.get(name), dict):
                schema[name] = self._value(self._adapt(schema[name]))
        if "prefixItems" in schema:
            schema["prefixItems"] = [self._value(self._adapt(one)) for one in schema["prefixItems"]]
        if "properties" in schema:
            inner = schema["properties"].items()
            schema["properties"] = {key: self._value(self._adapt(one)) for key, one in inner}
        return schema


def _integer(schema: Schema) -> Schema:
    # pydantic leaves bounds on what a validator has read in its own words. Those that a double
    # cannot hold exactly are left to the loader.
    bounds = {"ge": "minimum", "le": "maximum"}
    kept = {bounds.get(key, key): value for key, value in schema.items()}
    exact = {k: v for k, v in kept.items() if not isinstance(v, int) or abs(v) <= 2**53}
    return {"anyOf": [exact, INTEGER]}

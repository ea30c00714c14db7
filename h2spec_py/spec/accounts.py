"""What the catalogue says about the documents' sentences beside its requirements.

In `accounts/` beside this module: `exempt.yaml` has the normative sentences that demand nothing of
an endpoint, `shared.yaml` the requirements that share sentences and why, `levels.yaml` those whose
level is no word of their sentences and why. The readers raise CatalogueError.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from h2spec_py.spec.reading import Node, Where, read_items

DIRECTORY = Path(__file__).resolve().parent / "accounts"

REASONS = ("definition", "for specification authors", "for IANA", "for other documents")
"""Why a normative sentence is no requirement on an endpoint."""


@dataclass(frozen=True, slots=True, eq=False)
class Exemption:
    """Sentences that are no requirement, for one of REASONS; `because` may say more."""

    reason: str
    because: str
    where: Where
    place: str


@dataclass(frozen=True, slots=True, eq=False)
class Remark:
    """Something about some requirements that needs a cause, by their ids."""

    requirements: tuple[str, ...]
    because: str
    place: str


@cache
def exemptions() -> Mapping[tuple[str, str], str]:
    """The reason, one of REASONS, by document and id of each sentence that is no requirement."""
    return MappingProxyType(
        {
            (document, reference.id or ""): exemption.reason
            for exemption in read_exemptions(DIRECTORY / "exempt.yaml")
            for document, references in exemption.where.items()
            for reference in references
        }
    )


def read_exemptions(path: Path) -> list[Exemption]:
    """Read the sentences that are no requirement."""
    return [_exemption(node) for node in read_items(path, "exemptions")]


def read_remarks(path: Path) -> list[Remark]:
    """Read what is said about requirements, in `shared.yaml` or `levels.yaml`."""
    return [_remark(node) for node in read_items(path, "remarks")]


def _exemption(node: Node) -> Exemption:
    found = node.record("an exemption", ("reason", "where"), ("because",))
    where = found["where"].where()
    for references in where.values():
        for one in references:
            if one.id is None:
                found["where"].refuse(f"{one.section} is not a sentence such as 6.1#2", one.line)
    return Exemption(
        found["reason"].one_of("reason", REASONS),
        found["because"].text("because") if "because" in found else "",
        where,
        node.place,
    )


def _remark(node: Node) -> Remark:
    found = node.record("a remark", ("requirements", "because"))
    requirements = [one.text("an id") for one in found["requirements"].items("requirements")]
    for index, one in enumerate(requirements):
        if one in requirements[:index]:
            found["requirements"].refuse(f"{one} comes twice")
    return Remark(tuple(requirements), found["because"].text("because"), node.place)

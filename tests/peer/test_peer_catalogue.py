"""The rules and the catalogue of requirements say the same about which version has what."""

from __future__ import annotations

import pytest

from h2spec_py.peer import RULES, find_rule
from h2spec_py.reference import REQUIREMENTS
from h2spec_py.spec import VERSIONS, Version
from h2spec_py.spec.catalogue import catalogue

OURS = {"limit.header-block"}
"""Rules that no document states."""


def test_every_rule_is_a_requirement() -> None:
    assert (RULES.keys() | REQUIREMENTS) - OURS <= catalogue().keys()


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_rules_exist_in_the_versions_of_their_requirements(version: Version) -> None:
    for requirement in RULES.keys() - OURS:
        exists = any(find_rule(requirement, version, role) for role in ("client", "server"))
        assert exists is catalogue()[requirement].applies_to(version), requirement


def test_everything_provable_of_servers_can_be_broken() -> None:
    provable = {
        one.id
        for one in catalogue().values()
        if one.binds in ("both", "server") and one.provable in ("both", "server")
    }
    assert provable <= REQUIREMENTS

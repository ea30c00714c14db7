"""The rules and the catalogue of requirements say the same about which version has what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

import pytest

from h2spec_py.case.loader import load_library
from h2spec_py.case.reaction import answers
from h2spec_py.peer import RULES, find_rule
from h2spec_py.peer.checks import rules_of
from h2spec_py.peer.heads import TARGET_RULES
from h2spec_py.peer.state import PADDING
from h2spec_py.reference import REQUIREMENTS
from h2spec_py.spec import VERSIONS, Version
from h2spec_py.spec.catalogue import catalogue
from h2spec_py.spec.differences import ANY, Answers
from h2spec_py.wire.hpack import RULES as HPACK_RULES
from h2spec_py.wire.hpack import Decoder, Direction, HpackError, find_generation
from h2spec_py.wire.hpack.lengths import EOS

OURS = {"limit.header-block"}
"""Rules that no document states."""

WITHOUT = {
    *OURS,
    *("preface.client-magic", "preface.client-settings"),  # closing is enough
    *("flow.stream-window", "flow.connection-window"),  # how far a server lets one go is its choice
    "push.padding",  # a server refuses PUSH_PROMISE, whatever is in it
    # An encoder of a peer's table, smaller than the initial one, may be demanded to say so, or not.
    *("hpack.size-update-missing", "hpack.size-update-smallest"),
    "stream.id-increasing",  # rfc9113 5.1.1 has it, and permits other answers
}
"""Rules for which, in some version, no case demands an error."""

STRICTER = {"headers.padding-limit"}
"""Rules that make a connection error of what may be a stream error."""


@dataclass(frozen=True)
class Taken:
    """What a case takes for an answer."""

    answers: Answers

    def error(self, scopes: Iterable[str], code: str) -> bool:
        kinds = [f"{scope} error" for scope in scopes]
        return any(kind in kinds and one in (code, ANY) for kind, one in self.answers)

    def status(self, status: str) -> bool:
        return not self.answers.isdisjoint({("response", status), ("response", "4xx")})


def test_every_rule_is_a_requirement() -> None:
    assert (RULES.keys() | REQUIREMENTS) - OURS <= catalogue().keys()


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_rules_exist_in_the_versions_of_their_requirements(version: Version) -> None:
    for requirement in RULES.keys() - OURS:
        exists = any(find_rule(requirement, version, role) for role in ("client", "server"))
        assert exists is catalogue()[requirement].applies_to(version), requirement


def test_errors_are_those_that_cases_expect() -> None:
    """A wrong code or scope in the table would be one that no case takes."""
    library = load_library()
    without: set[str] = set()
    stricter: set[str] = set()
    for version in VERSIONS:
        wanted: dict[str, list[Taken]] = {}
        for loaded in library.cases(version):
            taken = answers(loaded.case.expect, version)
            if taken:
                for proven in loaded.requirements:
                    wanted.setdefault(proven.id, []).append(Taken(taken))
        for requirement, rule in rules_of(version, "server").items():
            takes = wanted.get(requirement, [])
            if not takes:
                without.add(requirement)
            elif rule.status:
                assert all(one.status(rule.status) for one in takes), requirement
            else:
                # Either may do: on stream 0 there are no stream errors, for which another stands.
                scopes = ("connection", "stream")
                assert all(one.error(scopes, rule.code) for one in takes), requirement
                if not any(one.error((str(rule.scope),), rule.code) for one in takes):
                    stricter.add(requirement)
    assert without == WITHOUT
    assert stricter == STRICTER


def test_what_is_only_held_against_servers_is_no_error() -> None:
    for requirement, rules in RULES.items():
        for rule in rules:
            assert bool(rule.scope) is bool(rule.code)
            assert rule.scope or rule.at == "client", requirement


def test_everything_provable_of_servers_can_be_broken() -> None:
    provable = {
        one.id
        for one in catalogue().values()
        if one.binds in ("both", "server") and one.provable in ("both", "server")
    }
    assert provable <= REQUIREMENTS


def faulty_blocks(generation: str, direction: Direction) -> Iterator[bytes]:
    """Header blocks among which there is each fault that a generation can have."""
    ends = (b"", b"\x82", b"\xff\xff\xff\xff\xff\x7f", b"\x84\xff\xff\xff\xff")
    for first, second, end in product(range(256), (0, 1, 0x18, 0x20, 0xFF), ends):
        yield bytes([first, second]) + end
    code = find_generation(generation).huffman_code(direction)
    if code is not None:
        end_of_string = int(code.codes[EOS].ljust(32, "1"), 2).to_bytes(4, "big")
        for coded in (b"\x18", b"\xff", end_of_string):
            yield b"\x40\x01a" + bytes([128 + len(coded)]) + coded


@cache
def raised(generation: str, direction: Direction) -> set[str]:
    """Find the rules that the decoder of a generation enforces."""
    found = set()
    for limits in ([], [0], [0, 4096]):
        for block in faulty_blocks(generation, direction):
            enforce = PADDING if direction == "response" else ()
            decoder = Decoder(generation, direction=direction, enforce=enforce)
            for limit in limits:
                decoder.set_limit(limit)
            try:
                decoder.decode(block)
            except HpackError as error:
                found.add(error.rule)
    return found


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_decoders_enforce_the_rules_of_their_version(version: Version) -> None:
    """What else they raised would lose a header block without anything to hold against it."""
    own = raised(version.hpack, "request")
    assert own == {rule for rule in HPACK_RULES if find_rule(rule, version, "server")}
    for rule in raised(version.hpack, "response"):
        names = (TARGET_RULES.get(rule, rule), rule)
        assert any(find_rule(name, version, "client") for name in names), rule

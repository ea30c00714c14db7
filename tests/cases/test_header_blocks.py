"""The header blocks of the case library, held against the strict decoder.

A case that demands COMPRESSION_ERROR must send a block that cannot be decoded, and every other case
on header compression must send none; so a slip in a hexadecimal block or an index cannot hide.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from h2spec_py.case.loader import LoadedCase, load_library
from h2spec_py.case.model import Repeat, Request, Send, Step
from h2spec_py.engine.compose import Composer
from h2spec_py.engine.options import Target
from h2spec_py.net import Endpoint
from h2spec_py.peer import Connection
from h2spec_py.spec import VERSIONS, Version
from h2spec_py.wire.hpack import Decoder, HeaderField, HpackError
from h2spec_py.wire.hpack.model import RULES

PREFIXES = ("cases/hpack-", "cases/messages-")
ALLOWANCES = {"hpack/integer-overlong[12]"}
"""Legal, but past the limit that our decoder sets, as it may (rfc7541 5.1)."""


def in_order(composer: Composer, steps: list[Step]) -> Iterator[Step]:
    """The steps as they are played: those that are repeated as often as that, or once.

    Once is where a setting says how often, which a target without one does not.
    """
    for step in steps:
        if isinstance(step, Repeat):
            for _ in range(step.repeat if isinstance(step.repeat, int) else 1):
                yield from in_order(composer, step.steps)
        else:
            yield step


SMALLER = "hpack/size-update-not-there"
"""Its block is bad only where the target has announced a table that is smaller than at first."""


def header_blocks(loaded: LoadedCase) -> Iterator[bytes]:
    """The header blocks that the steps of a case send, in their order."""
    connection = Connection(loaded.version, "client")
    endpoint = Endpoint.parse("http://127.0.0.1:80/")
    composer = Composer(Target(endpoint=endpoint, version=loaded.version), connection)
    for step in in_order(composer, loaded.case.steps):
        if isinstance(step, Request):
            plain = {"POST": "post", "HEAD": "head"}.get(step.request, "request")
            step_headers = step.headers if step.headers is not None else plain
            block = composer.block(step.model_copy(update={"headers": step_headers}))
        else:
            block = composer.block(step) if isinstance(step, Send) else None
        if block is not None:
            yield block


def decode(loaded: LoadedCase) -> tuple[list[list[HeaderField]], str]:
    """The decoded blocks of a case, and the rule that the first bad one breaks, if any."""
    decoder = Decoder(loaded.version.hpack)
    decoded: list[list[HeaderField]] = []
    for block in header_blocks(loaded):
        try:
            decoded.append(decoder.decode(block))
        except HpackError as error:
            return decoded, error.rule
    return decoded, ""


@pytest.fixture(scope="module", params=VERSIONS, ids=lambda version: version.name)
def cases(request: pytest.FixtureRequest) -> list[LoadedCase]:
    version: Version = request.param
    found = [one for one in load_library().cases(version) if one.file.startswith(PREFIXES)]
    assert len(found) > 75
    return found


def test_only_compression_errors_have_bad_blocks(cases: list[LoadedCase]) -> None:
    for loaded in cases:
        if loaded.id == SMALLER:
            continue
        rule = decode(loaded)[1]
        demanded = loaded.case.expect.connection_error == "COMPRESSION_ERROR"
        assert bool(rule) == (demanded or loaded.id in ALLOWANCES), (
            f"{loaded.id}: {rule or 'legal'}"
        )


def test_bad_blocks_break_the_rule_that_is_proven(cases: list[LoadedCase]) -> None:
    for loaded in cases:
        rule = decode(loaded)[1]
        proven = [one.id for one in loaded.requirements]
        if rule and loaded.id not in ALLOWANCES and any(one in RULES for one in proven):
            assert rule in proven, loaded.id


def test_legal_requests_have_one_method(cases: list[LoadedCase]) -> None:
    """The cases on compression show a wrong table by the loss of the method, so there is one."""
    for loaded in cases:
        expect = loaded.case.expect
        legal = expect.kind == "response" and expect.status != "400"
        if legal and loaded.id.startswith("hpack/"):
            for fields in decode(loaded)[0]:
                names = [field.name for field in fields]
                trailers = not any(name.startswith(b":") for name in names)
                assert trailers or names.count(b":method") == 1, loaded.id


def test_lost_references_leave_no_method(cases: list[LoadedCase]) -> None:
    for loaded in cases:
        expect = loaded.case.expect
        refused = expect.malformed is not None or expect.stream_error or expect.status == "400"
        if loaded.id.startswith("hpack/") and refused:
            assert not any(one.name == b":method" for one in decode(loaded)[0][-1]), loaded.id

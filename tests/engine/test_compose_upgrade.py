"""The request of HTTP/1.1 that asks for an upgrade."""

from __future__ import annotations

import re

import pytest

from h2spec_py.case.opening import Upgrade
from h2spec_py.engine.compose import Composer
from h2spec_py.engine.options import Target
from h2spec_py.net import Endpoint
from h2spec_py.peer.connection import Connection
from h2spec_py.spec import VERSIONS, Version
from h2spec_py.wire.payload import SettingsEntry

TOKEN68 = re.compile(rb"\r\nHTTP2-Settings: [A-Za-z0-9_-]+\r\n")
"""What its value is in all versions (rfc7540 3.2.1), which cannot be empty."""


def composer(version: Version) -> Composer:
    target = Target(endpoint=Endpoint.parse("http://127.0.0.1:80/"), version=version)
    return Composer(target, Connection(version, "client"))


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_its_settings_are_never_empty(version: Version) -> None:
    request, carried = composer(version).upgrade(Upgrade())
    assert TOKEN68.search(request)
    initial = {one.id: one.initial for one in version.settings.values()}
    for entry in carried.settings:  # nothing is said that would change what follows
        assert initial[entry.id] in (entry.value, None)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_what_is_given_is_kept(version: Version) -> None:
    window = version.settings["INITIAL_WINDOW_SIZE"].id
    given = (SettingsEntry(window, 1),)
    carried = composer(version).upgrade_settings(given)
    assert carried[0] == given[0]
    assert len({entry.id for entry in carried}) == len(carried)
    names = {version.setting_name(entry.id) for entry in carried}
    assert names == {"INITIAL_WINDOW_SIZE", *version.upgrade_settings}

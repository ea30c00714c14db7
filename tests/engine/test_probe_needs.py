"""What a case needs of a target, held against what the target announced and answered."""

from __future__ import annotations

import pytest

from h2spec_py.engine.options import Facts
from h2spec_py.engine.probe import Unmet, unmet

PLAIN = Facts(get_status="200", body_octets=1024, post_status="200")


def test_compression_that_the_target_enabled_is_no_fault() -> None:
    assert unmet(["no-compression"], Facts()) is None
    assert unmet(["no-compression"], Facts(settings={"COMPRESS_DATA": 0})) is None
    lacking = unmet(["no-compression"], Facts(settings={"COMPRESS_DATA": 1}))
    assert lacking == Unmet("the target has enabled COMPRESS_DATA")
    assert unmet(["compression"], Facts(settings={"COMPRESS_DATA": 1})) is None
    assert unmet(["compression"], Facts()) == Unmet("the target has not enabled COMPRESS_DATA")


@pytest.mark.parametrize(
    ("needs", "remedies"),
    [
        (["response-body>=2000"], ("another --path",)),
        (["response-body<=100"], ("another --path",)),
        (["push"], ("another --path",)),
        (["tls"], ("an https target",)),
        (["server-name"], ("a name for the target, or --sni",)),
        (["tls", "tls13"], ("an https target",)),
        (["upgrade"], ()),
        (["response-body>=2000", "push", "tls"], ("an https target", "another --path")),
        (["response-body>=2000", "header-table>=5000"], ()),
        (["header-table>=5000"], ()),
    ],
)
def test_what_would_meet_a_need_is_told(needs: list[str], remedies: tuple[str, ...]) -> None:
    lacking = unmet(needs, PLAIN)
    assert lacking is not None
    assert lacking.remedies == remedies
    assert all(remedy in lacking.reason for remedy in remedies[:1] if len(remedies) == 1)


@pytest.mark.parametrize(
    ("need", "settings", "lacking"),
    [
        ("stream-window>=65535", {}, ""),
        ("stream-window<=60000", {}, "the target's INITIAL_WINDOW_SIZE is 65535, over 60000"),
        ("stream-window<=60000", {"INITIAL_WINDOW_SIZE": 60000}, ""),
        (
            "stream-window>=1000",
            {"INITIAL_WINDOW_SIZE": 999},
            "the target's INITIAL_WINDOW_SIZE is 999, under 1000",
        ),
    ],
)
def test_windows_that_are_too_small_or_too_large(
    need: str, settings: dict[str, int], lacking: str
) -> None:
    found = unmet([need], Facts(settings=settings))
    assert (found.reason if found else "") == lacking


def test_needs_that_are_met() -> None:
    needs = ["response-body>=1024", "upload", "open-upload", "cleartext", "concurrency-limit>=65"]
    assert unmet(needs, PLAIN) is None


def test_an_answer_before_the_end_of_an_upload() -> None:
    early = Facts(get_status="200", body_octets=1024, post_status="200", post_waits=False)
    assert unmet(["upload"], early) is None
    lacking = unmet(["open-upload"], early)
    assert lacking is not None
    assert lacking.remedies == ("another --upload-path",)
    refused = Facts(post_status="405")
    assert "405" in str(unmet(["open-upload"], refused))


def test_flow_control_that_the_target_disabled() -> None:
    assert unmet(["flow-control"], Facts(settings={"FLOW_CONTROL_OPTIONS": 0})) is None
    lacking = unmet(["flow-control"], Facts(settings={"FLOW_CONTROL_OPTIONS": 1}))
    assert lacking == Unmet("the target has disabled flow control")


def test_cleartext_is_not_had_with_an_upgrade() -> None:
    lacking = unmet(["cleartext"], Facts(upgrade=True))
    assert lacking is not None
    assert lacking.remedies == ("an http target without --upgrade",)


@pytest.mark.parametrize(("chosen", "lacks"), [("TLSv1.2", True), ("TLSv1.3", False)])
def test_a_target_that_does_not_choose_tls_1_3(chosen: str, lacks: bool) -> None:
    assert (unmet(["tls", "tls13"], Facts(tls=True, tls_version=chosen)) is not None) is lacks

"""What a case needs of a target, held against what the target announced."""

from __future__ import annotations

from h2spec_py.engine.options import Facts
from h2spec_py.engine.probe import unmet


def test_compression_that_the_target_enabled_is_no_fault() -> None:
    assert unmet(["no-compression"], Facts()) == ""
    assert unmet(["no-compression"], Facts(settings={"COMPRESS_DATA": 0})) == ""
    reason = unmet(["no-compression"], Facts(settings={"COMPRESS_DATA": 1}))
    assert reason == "the target has enabled COMPRESS_DATA"

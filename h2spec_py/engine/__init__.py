"""Playing cases against a target, many at once. Renders nothing."""

from h2spec_py.engine.options import Facts, Limits, Options, Target
from h2spec_py.engine.play import play
from h2spec_py.engine.result import CaseResult
from h2spec_py.engine.run import Run

__all__ = ["CaseResult", "Facts", "Limits", "Options", "Run", "Target", "play"]

"""The command line as tests call it."""

from __future__ import annotations

from collections.abc import Callable

Command = Callable[..., tuple[int, str, str]]
"""Takes the arguments; gives the exit code, the output and the errors."""

"""Results in which every piece of text is hostile, for the tests of all views."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from h2spec_py.results import Results
from tests.report import sample

KEPT = frozenset({"kind", "outcome", "dir"})
"""Keys whose values are ours alone: the reader lets nothing else pass there."""

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-->]]></style></title></textarea><svg onload=alert(1)>",
    "{{ 7*7 }}{% raw %}${7*7}[bold red]rich[/]",
    "javascript:alert(1)//",
    "&lt;&#0;&bogus;",
    "\0\x01\x08\x0b\x0c\x1f\x7f\x85\x9b",
    "\x1b[2J\x1b]0;title\x07\x1b]8;;http://evil.example\x07",
    "\u202e\u2066\u200f\ufeff\u2028\u2029",
    "\ud800 \udfff\ud83d",
    "\ufffe\uffff\U0001fffe",
    "line\r\nbreak\n\n\ttab",
    "x" * 1_000_000,
    "\x1b" * 100_000,
    "",
    " ",
]


def replace_text(
    value: Any, text: Callable[[], str], kept: Collection[str] = KEPT, key: str = ""
) -> Any:
    """Replace all text within `value`, names of decoded fields and options included."""
    if isinstance(value, str):
        return value if key in kept else text()
    if isinstance(value, list):
        return [replace_text(inner, text, kept, key) for inner in value]
    if isinstance(value, dict):
        loose = key in {"detail", "options", "settings"}
        return {
            (f"{text()}{number}" if loose else name): replace_text(inner, text, kept, name)
            for number, (name, inner) in enumerate(value.items())
        }
    return value


def hostile_results(text: Callable[[], str], *, one_section: bool = False) -> Results:
    """One case of each outcome, with `text()` wherever text may come from elsewhere.

    With `one_section` the names of sections stay, since they decide how cases are grouped.
    """
    kept = KEPT | {"document", "section"} if one_section else KEPT
    cases = [
        sample.case(f"data/{outcome}", outcome, ending=ending)
        for outcome, ending in {
            "pass": "goaway(X)",
            "non-strict": "reset(X)",
            "fail": "response(200)",
            "info": "alive",
            "skip": "-",
            "error": "-",
        }.items()
    ]
    replaced: list[Any] = replace_text(cases, text, kept)
    # Ids stay unique, as the reader demands, and nothing else is equal to one.
    for number, case in enumerate(replaced):
        case["id"] = f"{number}:{case['id']}#"
    return sample.make(*replaced, head=replace_text(sample.header(len(cases)), text))

"""Where the documents of HTTP/2 and HPACK are published.

A document is named `rfc9113`, `draft-13` (draft-ietf-httpbis-http2-13) or `hpack-08`
(draft-ietf-httpbis-header-compression-08).
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

DRAFT = "https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-"


def section_url(document: str, section: str = "") -> str:
    """Link to a document, or to one section (`6.1`) or appendix (`A.2`) of it.

    Raises ValueError for a document that is not of HTTP/2 or HPACK.
    """
    series, number = _split(document)
    match series:
        case "rfc":
            url = f"https://www.rfc-editor.org/rfc/rfc{number}.html"
        case "draft":
            url = f"{DRAFT}http2-{number}"
        case _:
            url = f"{DRAFT}header-compression-{number}"
    if not section:
        return url
    kind = "section" if section[0].isdigit() else "appendix"
    return f"{url}#{kind}-{section}"


def document_title(document: str) -> str:
    """Name a document as its readers do: `RFC 9113`, `draft-ietf-httpbis-http2-13`.

    Raises ValueError for a document that is not of HTTP/2 or HPACK.
    """
    series, number = _split(document)
    match series:
        case "rfc":
            return f"RFC {number}"
        case "draft":
            return f"draft-ietf-httpbis-http2-{number}"
        case _:
            return f"draft-ietf-httpbis-header-compression-{number}"


def section_title(document: str, section: str) -> str:
    """Give the heading of a section such as `6.1`, or nothing when it is not in `titles.txt`."""
    return _titles().get((document, section), "")


def outline(document: str) -> list[str]:
    """List the numbered sections of a document, in its order; none for one without headings."""
    return [section for name, section in _titles() if name == document]


@cache
def _titles() -> dict[tuple[str, str], str]:
    text = resources.files("h2spec_py.spec").joinpath("titles.txt").read_text("utf-8")
    rows = (line.split(" ", 2) for line in text.splitlines())
    return {(document, section): title for document, section, title in rows}


def _split(document: str) -> tuple[str, str]:
    match = re.fullmatch(r"(rfc(?=\d{4}$)|draft-(?=\d\d$)|hpack-(?=\d\d$))(\d+)", document)
    if match is None:
        raise ValueError(f"not a document of HTTP/2 or HPACK: {document!r}")
    return match[1].rstrip("-"), match[2]

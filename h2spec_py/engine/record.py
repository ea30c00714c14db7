"""A run as lines of a results file (`h2spec_py.results`)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from h2spec_py import __version__
from h2spec_py.engine.options import Facts, Options, Target
from h2spec_py.engine.result import CaseResult
from h2spec_py.judge.phrase import phrase
from h2spec_py.spec.catalogue import SectionRef
from h2spec_py.spec.documents import section_title


def header(target: Target, facts: Facts, options: Options, cases: int) -> dict[str, Any]:
    """The first line; the time is now."""
    endpoint = target.endpoint
    return {
        "tool": f"h2spec_py {__version__}",
        "target": {
            "url": endpoint.url,
            "host": endpoint.host,
            "port": endpoint.port,
            "tls": endpoint.tls,
            "alpn": facts.alpn or None,
            "tls_version": facts.tls_version or None,
            "cipher": facts.cipher or None,
        },
        "version": target.version.name,
        "options": {
            "timeout": options.timeout,
            "grace": options.grace,
            "jobs": options.jobs,
            "upgrade": target.upgrade,
            "authority": endpoint.authority,
            "path": endpoint.path,
            "upload_path": target.upload_path,
        },
        "started": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "cases": cases,
    }


def _section(reference: SectionRef) -> dict[str, Any]:
    return {
        "document": reference.document,
        "section": reference.section,
        "title": section_title(reference.document, reference.section),
        "url": reference.url,
    }


def case(result: CaseResult, target: Target) -> dict[str, Any]:
    """The line of one case."""
    loaded, version = result.loaded, target.version
    requirements = [
        {
            "id": one.id,
            "says": one.says_in(version),
            "level": one.level_in(version),
            "sections": [str(reference) for reference in one.sections_in(version)],
            "urls": [reference.url for reference in one.sections_in(version)],
        }
        for one in loaded.requirements
    ]
    return {
        "id": loaded.case.id,
        "title": loaded.case.title,
        "file": f"{loaded.file}:{loaded.line}",
        "aliases": list(loaded.case.aliases),
        "outcome": result.verdict.outcome.value,
        "ending": result.verdict.ending,
        "reason": result.verdict.reason,
        "remedies": list(result.remedies),
        "section": _section(loaded.section),
        "requirements": requirements,
        "expected": phrase(loaded.case.expect, version),
        "twin": loaded.case.twin,
        "duration": result.duration,
        "transcript": result.transcript,
    }

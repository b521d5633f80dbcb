"""Findings as text, JSON, SARIF, GitHub's annotations and its step summary. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from drydock import github
from drydock.audit import auditing
from drydock.audit.finding import Finding, Severity
from drydock.audit.rule import Rule
from drydock.audit.source import Source, read

SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
FIXES = {True: "safe", False: "unsafe"}


def line(finding: Finding) -> str:
    """A finding on one line, with what can be done about it."""
    place = f"{finding.path}:{finding.line}:{finding.column}"
    return f"{place}: {finding.severity.value}: {finding.message} [{finding.code}]{_outlook(finding)}"


def summary(findings: Sequence[Finding], mended: Sequence[Finding] = ()) -> list[str]:
    """How many there are, then how many of them can be fixed, and by what."""
    if not findings:
        return [f"nothing found{', ' + _count(len(mended), 'finding') + ' mended' if mended else ''}"]
    kinds = Counter(finding.severity for finding in findings)
    counts = ", ".join(_count(kinds[one], one.value) for one in Severity if kinds[one])
    files = len({finding.path for finding in findings})
    words = [f"{_count(len(findings), 'finding')} in {_count(files, 'file')}: {counts}"]
    words[0] += f"; {len(mended)} mended" if mended else ""
    fixable = Counter(finding.fix.safe for finding in findings if finding.fix and not finding.declined)
    words += [f"{fixable[True]} can be mended safely: inv audit --fix"] if fixable[True] else []
    words += [f"{fixable[False]} more with a review: inv audit --fix --unsafe"] if fixable[False] else []
    return words


def plain(finding: Finding, sources: Mapping[str, Source]) -> dict[str, Any]:
    """A finding as plain data; its fix is a diff against `sources`."""
    fix = finding.fix and {"safe": finding.fix.safe, "diff": fix_diff(finding, sources)}
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "message": finding.message,
        "fix": fix,
        "declined": finding.declined or None,
    }


def fix_diff(finding: Finding, sources: Mapping[str, Source]) -> str:
    """What its fix alone would change."""
    if finding.fix is None:
        return ""
    edited = [(sources[path], edits) for path, edits in finding.fix.edits.items() if path in sources]
    changed = [(source, source.splice(edits)) for source, edits in edited]
    new = [(Source(path, ""), Source(path, text)) for path, text in finding.fix.files.items()]
    return "".join(diff(before, after) for before, after in (*changed, *new))


def diff(before: Source, after: Source) -> str:
    """A unified diff of two texts of one file, as git writes it; a file that is new comes from /dev/null."""
    import difflib

    old, new = before.text.splitlines(keepends=True), after.text.splitlines(keepends=True)
    source = f"a/{before.path}" if before.text else "/dev/null"
    pieces = difflib.unified_diff(old, new, source, f"b/{after.path}")
    return "".join(one if one.endswith("\n") else f"{one}\n\\ No newline at end of file\n" for one in pieces)


def diffs(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> str:
    """The diffs of all files that changed; files that are not in `before` are new."""
    return "".join(diff(read(path, before.get(path, b"")), read(path, after[path])) for path in sorted(after))


def sarif(findings: Iterable[Finding], rules: Sequence[Rule], version: str) -> dict[str, Any]:
    """SARIF 2.1.0, which code scanning takes."""
    known = [(rule.code, rule.summary, rule.page, rule.severity) for rule in rules]
    known += [(code, words, words, severity) for code, (severity, words) in auditing.OWN.items()]
    described = [
        {
            "id": code,
            "shortDescription": {"text": words},
            "fullDescription": {"text": page},
            "defaultConfiguration": {"level": severity.value},
        }
        for code, words, page, severity in known
    ]
    driver = {"name": "drydock", "version": version, "rules": described}
    run = {"tool": {"driver": driver}, "results": [_result(one) for one in findings]}
    return {"$schema": SARIF, "version": "2.1.0", "runs": [run]}


def _result(finding: Finding) -> dict[str, Any]:
    region = {"startLine": finding.line, "startColumn": finding.column}
    place = {"artifactLocation": {"uri": finding.path, "uriBaseId": "%SRCROOT%"}, "region": region}
    return {
        "ruleId": finding.code,
        "level": finding.severity.value,
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": place}],
    }


def annotation(finding: Finding) -> str:
    """GitHub's workflow command for a finding."""
    level, at = LEVELS[finding.severity], (finding.line, finding.column)
    return github.annotation(level, finding.message, path=finding.path, line=at[0], column=at[1], title=finding.code)


def step_summary(findings: Sequence[Finding]) -> str:
    """Markdown for the summary of a job."""
    from drydock.documents import blocks

    rows = [(one.severity.value, f"`{one.path}:{one.line}`", f"`{one.code}`", one.message) for one in findings]
    listed = [blocks.table(("severity", "where", "rule", "what"), rows), ""] if rows else []
    return "\n".join(["## Audit", "", *listed, "; ".join(summary(findings)), ""])


def _outlook(finding: Finding) -> str:
    if finding.declined:
        return f" (no fix: {finding.declined})" if finding.fix is None else f" (not fixed: {finding.declined})"
    return f" ({FIXES[finding.fix.safe]} fix)" if finding.fix else ""


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"

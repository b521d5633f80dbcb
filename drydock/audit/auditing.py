"""Rules asked of a repository: what they find, in the order of files and lines. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from drydock.audit import suppressions
from drydock.audit.finding import Finding, Found, Severity
from drydock.audit.repository import Repository
from drydock.audit.rule import Rule
from drydock.audit.suppressions import Policy

UNREADABLE = "unreadable-source"
OWN: Mapping[str, tuple[Severity, str]] = {
    UNREADABLE: (Severity.ERROR, "A file cannot be read: its encoding, its size, or its syntax."),
    suppressions.WITHOUT_REASON: (Severity.WARNING, "A finding is ignored without a reason, so it is told."),
    suppressions.EXPIRED: (Severity.WARNING, "A finding was ignored until a day that is past, or is none."),
}
"""What the audit says without a rule: how grave it is, and a sentence."""


def run(repository: Repository, rules: Iterable[Rule], policy: Policy = suppressions.NONE) -> tuple[Finding, ...]:
    """All findings of these rules that are not suppressed, and what the audit says without a rule."""
    found = [_own(UNREADABLE, one) for one in repository.unreadable]
    for rule in rules:
        found += of_rule(repository, rule)
    found = [*policy.kept(found, repository.sources)]
    found += [_own(code, one) for code, one in policy.faults(repository.sources)]
    return tuple(sorted(found, key=lambda finding: finding.order))


def of_rule(repository: Repository, rule: Rule) -> Iterator[Finding]:
    """What one rule finds."""
    return (stamped(one, rule.code, rule.severity) for one in rule.check(repository))


def stamped(found: Found, code: str, severity: Severity) -> Finding:
    """What a rule said, with the place as people read it."""
    line, column = found.source.place(found.start)
    return Finding(code, severity, found.source.path, line, column, found.message, found.fix, found.declined)


def _own(code: str, found: Found) -> Finding:
    return stamped(found, code, OWN[code][0])

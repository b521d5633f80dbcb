"""Rules asked of a repository: what they find, in the order of files and lines. Pure."""

from collections.abc import Iterable, Iterator

from drydock.audit.finding import Finding, Found, Severity
from drydock.audit.repository import Repository
from drydock.audit.rule import Rule

UNREADABLE = "unreadable-source"


def run(repository: Repository, rules: Iterable[Rule]) -> tuple[Finding, ...]:
    """All findings of these rules, and one for each file that could not be read."""
    found = [stamped(one, UNREADABLE, Severity.ERROR) for one in repository.unreadable]
    for rule in rules:
        found += of_rule(repository, rule)
    return tuple(sorted(found, key=lambda finding: finding.order))


def of_rule(repository: Repository, rule: Rule) -> Iterator[Finding]:
    """What one rule finds."""
    return (stamped(one, rule.code, rule.severity) for one in rule.check(repository))


def stamped(found: Found, code: str, severity: Severity) -> Finding:
    """What a rule said, with the place as people read it."""
    line, column = found.source.place(found.start)
    return Finding(code, severity, found.source.path, line, column, found.message, found.fix, found.declined)

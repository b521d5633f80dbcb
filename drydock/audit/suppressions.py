"""Findings that somebody lives with: said in the file or in pyproject, with a reason, perhaps for a time. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fnmatch import fnmatchcase
from glob import escape
from typing import Any

from drydock.audit.finding import Finding, Found
from drydock.audit.source import Source
from drydock.errors import Misuse
from drydock.values import dataclass

COMMENT = re.compile(r"#[ \t]*drydock:[ \t]*ignore=([\w*,-]+)([^\n]*)")
UNTIL = re.compile(r"\(?\buntil[ \t]+(\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})(?![\w-])\)?")
WITHOUT_REASON = "suppression-without-reason"
EXPIRED = "suppression-expired"


@dataclass(frozen=True)
class Suppression:
    """Codes that are not to be told, why, and the last day on which that holds.

    Codes and `path` are patterns; `lines` are the lines (from 1) that are meant, None for all of them.
    `start` is where it stands in its source, None for one from pyproject; `unread` is a day that cannot be read.
    """

    codes: tuple[str, ...]
    path: str
    reason: str
    until: date | None = None
    lines: frozenset[int] | None = None
    start: int | None = None
    unread: str = ""

    def covers(self, finding: Finding) -> bool:
        """Whether it speaks of this finding."""
        line = self.lines is None or finding.line in self.lines
        named = any(fnmatchcase(finding.code, code) for code in self.codes)
        return line and named and fnmatchcase(finding.path, self.path)


@dataclass(frozen=True)
class Policy:
    """What the configuration suppresses, and the day on which the audit is made (None: nothing is past its day)."""

    configured: tuple[Suppression, ...] = ()
    today: date | None = None

    def over(self, one: Suppression) -> bool:
        """Whether its day is past."""
        return self.today is not None and one.until is not None and one.until < self.today

    def kept(self, findings: Iterable[Finding], sources: Iterable[Source]) -> tuple[Finding, ...]:
        """The findings that nothing in force suppresses."""
        written = [one for source in sources for one in of(source)]
        known = (*written, *self.configured)
        valid = [one for one in known if one.reason and not one.unread and not self.over(one)]
        return tuple(finding for finding in findings if not any(one.covers(finding) for one in valid))

    def faults(self, sources: Iterable[Source]) -> Iterator[tuple[str, Found]]:
        """Comments that suppress nothing, since they give no reason, or their day is past or none: code and place."""
        for source in sources:
            for one in of(source):
                at, codes = one.start or 0, ", ".join(one.codes)
                if not one.reason:
                    yield WITHOUT_REASON, Found(source, at, f"{codes} is ignored here without a reason, so it is not")
                elif one.unread:
                    text = f"{codes} is ignored here until {one.unread}, which is no day like 2027-01-31, so it is not"
                    yield EXPIRED, Found(source, at, text)
                elif self.over(one):
                    yield EXPIRED, Found(source, at, f"{codes} was to be ignored here until {one.until}")


NONE = Policy()


def of(source: Source) -> tuple[Suppression, ...]:
    """The suppressions written in a file: for their own line, or from a line of comments for the next one below."""
    if "drydock:" not in source.text:
        return ()
    lines, found = source.text.split("\n"), []
    for comment in COMMENT.finditer(source.text):
        number = source.place(comment.start())[0]
        target = number
        while target < len(lines) and lines[target - 1].lstrip().startswith("#"):
            target += 1
        until, unread, reason = _parted(comment[2])
        codes = tuple(code for code in comment[1].split(",") if code)
        meant = frozenset({number, target})
        found.append(Suppression(codes, escape(source.path), reason, until, meant, comment.start(), unread))
    return tuple(found)


def configured(settings: Mapping[str, Any]) -> tuple[Suppression, ...]:
    """`ignore` of `[tool.drydock.audit]`: tables with code and path (patterns), reason and until."""
    entries = settings.get("ignore", [])
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise Misuse("ignore in [tool.drydock.audit] is no list of tables", remedy='ignore = [{code="…", reason="…"}]')
    return tuple(_entry(one) for one in entries)


def _entry(given: Mapping[str, Any]) -> Suppression:
    code, reason = str(given.get("code", "")), str(given.get("reason", "")).strip()
    if unknown := sorted(set(given) - {"code", "path", "reason", "until"}):
        raise Misuse(f"[tool.drydock.audit] ignore: {unknown[0]} is no key of it", remedy="code, path, reason, until")
    if not code or not reason:
        what = f"{code} has no reason" if code else "an entry has no code"
        raise Misuse(f"[tool.drydock.audit] ignore: {what}", remedy='write {code = "…", reason = "…"}')
    until = given.get("until")
    try:
        day = until if until is None or isinstance(until, date) else date.fromisoformat(str(until))
    except ValueError as error:
        raise Misuse(f"[tool.drydock.audit] ignore: {until} is no date", remedy='until = "2027-01-31"') from error
    return Suppression((code,), str(given.get("path", "*")), reason, day)


def _parted(rest: str) -> tuple[date | None, str, str]:
    """The day, what stands in its place and is none, and the reason of a comment."""
    match = UNTIL.search(rest)
    reason = (rest.replace(match[0], "") if match else rest).strip(" \t\r:-*/")
    try:
        return date.fromisoformat(match[1]) if match else None, "", reason
    except ValueError:
        return None, match[1] if match else "", reason

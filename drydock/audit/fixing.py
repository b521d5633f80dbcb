"""Fixes applied to the texts of a repository: round after round, judged after each, put back where one fails. Pure.

What two fixes both touch goes to the first; the other one waits for the next round, where its rule looks again. After
each round every touched file has to parse, and no rule may still say what it said of what it mended.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field, replace

from drydock.audit import auditing, suppressions
from drydock.audit.finding import Finding, Identity
from drydock.audit.repository import Repository
from drydock.audit.rule import Rule
from drydock.audit.source import Edit
from drydock.audit.suppressions import Policy
from drydock.values import dataclass

ROUNDS = 5
UNSAFE = "the fix may change what the container does: it waits for --unsafe"


@dataclass(frozen=True)
class Fixed:
    """A repository after fixing: `mended` is what no longer holds, `left` what still does, with the reason if known.

    `changed` are the paths whose text differs or is new.
    """

    repository: Repository
    mended: tuple[Finding, ...]
    left: tuple[Finding, ...]
    changed: tuple[str, ...]


@dataclass
class _Course:
    """How far fixing has come."""

    repository: Repository
    rules: Sequence[Rule]
    policy: Policy
    findings: tuple[Finding, ...]
    hold: Callable[[Finding], str]
    mended: list[Finding] = field(default_factory=list)
    refused: dict[Identity, str] = field(default_factory=dict)
    changed: dict[str, None] = field(default_factory=dict)


def fix(
    repository: Repository,
    rules: Sequence[Rule],
    policy: Policy = suppressions.NONE,
    *,
    unsafe: bool = False,
    refuse: Callable[[str], str] = lambda _: "",
    hold: Callable[[Finding], str] = lambda _: "",
    findings: tuple[Finding, ...] | None = None,
) -> Fixed:
    """Apply what can be applied.

    `refuse` gives the reason why a path must not be written, `hold` why the fix of a finding must not be applied; both
    "" where that may be. `findings` are those of an audit that was made already, with the same rules and policy.
    """
    found = auditing.run(repository, rules, policy) if findings is None else findings
    course = _Course(repository, rules, policy, found, hold)
    for _ in range(ROUNDS):
        taken = _taken(course, unsafe, refuse)
        if not taken:
            break
        if not _apply(course, taken):
            for one in taken:
                if not _apply(course, [one]):
                    course.refused[one.identity] = "its fix did not mend it, and was put back"
    left = tuple(_explained(course, finding, unsafe, refuse) for finding in course.findings)
    return Fixed(course.repository, tuple(course.mended), left, tuple(course.changed))


def _why_not(course: _Course, finding: Finding, unsafe: bool, refuse: Callable[[str], str]) -> str:
    """Why a finding's fix is not applied; "" where it is."""
    if finding.fix is None:
        return finding.declined or "there is no fix"
    if not finding.fix.safe and not unsafe:
        return UNSAFE
    if finding.identity in course.refused:
        return course.refused[finding.identity]
    if reason := course.hold(finding):
        return reason
    return next((reason for path in sorted(finding.fix.paths) if (reason := refuse(path))), "")


def _explained(course: _Course, finding: Finding, unsafe: bool, refuse: Callable[[str], str]) -> Finding:
    reason = _why_not(course, finding, unsafe, refuse) if finding.fix else finding.declined
    return replace(finding, declined=reason)


def _taken(course: _Course, unsafe: bool, refuse: Callable[[str], str]) -> list[Finding]:
    """The findings whose fixes go together, the first come first."""
    taken, edits, written = list[Finding](), defaultdict[str, list[Edit]](list), set[str]()
    for finding in course.findings:
        if finding.fix is None or _why_not(course, finding, unsafe, refuse):
            continue
        mine = finding.fix.edits
        meets = any(edit.meets(known) for path, some in mine.items() for edit in some for known in edits[path])
        if not meets and not written & finding.fix.paths:
            taken.append(finding)
            for path, some in mine.items():
                edits[path] += some
            written |= set(finding.fix.files)
    return taken


def _apply(course: _Course, taken: Sequence[Finding]) -> bool:
    """Apply these fixes and judge them; False, and nothing changed, where one of them fails."""
    contents = _contents(course.repository, taken)
    if contents is None:
        return False
    after = course.repository.with_changed(contents)
    findings = auditing.run(after, course.rules, course.policy)
    if _fails(course.findings, findings, taken) or _swallows(course.repository, after, taken):
        return False
    course.repository, course.findings = after, findings
    course.mended += taken
    course.changed |= dict.fromkeys(contents)
    return True


def _contents(repository: Repository, taken: Iterable[Finding]) -> dict[str, bytes] | None:
    """The new bytes of each file; None where an edit does not fit."""
    fixes = [finding.fix for finding in taken if finding.fix]
    contents = {path: text.encode() for one in fixes for path, text in one.files.items()}
    edits = defaultdict[str, list[Edit]](list)
    for path, some in (pair for one in fixes for pair in one.edits.items()):
        edits[path] += some
    for path, together in edits.items():
        source = repository.read(path)
        try:
            new = source.splice(together) if source else None
        except ValueError:
            return None
        if source is None or new is None or new.text == source.text:
            return None
        contents[path] = new.data
    return contents


def _swallows(before: Repository, after: Repository, taken: Iterable[Finding]) -> bool:
    """Whether a Dockerfile lost an instruction that no fix took out on purpose."""
    meant = Counter[str]()
    for fix in (one.fix for one in taken if one.fix):
        meant.update(dict.fromkeys(fix.edits, fix.fewer))
    counts = {file.path: len(file.file.instructions) + meant[file.path] for file in after.buildfiles}
    return any(counts.get(file.path, 0) < len(file.file.instructions) for file in before.buildfiles)


def _fails(before: Iterable[Finding], after: Iterable[Finding], taken: Iterable[Finding]) -> bool:
    """Whether a file no longer parses, or a rule still says as often what it said of what was mended."""
    was, now = Counter(one.identity for one in before), Counter(one.identity for one in after)
    wanted = Counter(one.identity for one in taken)
    broken = any(now[one] > was[one] for one in now if one[0] == auditing.UNREADABLE)
    return broken or any(now[one] > was[one] - count for one, count in wanted.items())

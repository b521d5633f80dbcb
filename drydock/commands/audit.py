"""Audit the Dockerfiles, ignore files, compose files and workflows of a repository, and mend what can be mended."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import drydock
from drydock import command, errors, github
from drydock.audit import auditing, formats, recording, worktree
from drydock.audit.finding import Finding, Severity
from drydock.audit.repository import Repository
from drydock.audit.rule import Rule
from drydock.audit.source import Source
from drydock.audit.tree import Tree
from drydock.causes import veil
from drydock.config import Config
from drydock.errors import Misuse
from drydock.events import Event, Note, Remark, Tell
from drydock.rules import RULES
from drydock.values import dataclass

IN_WORKFLOW = ("GITHUB_ACTIONS", github.VARIABLE)
FORMATS = ("text", "json", "sarif", "github")


@dataclass(frozen=True)
class Request:
    """What is asked: `fix` writes, `diff` shows, `select` are codes, `severity` is what fails, `paths` limit it."""

    fix: bool = False
    unsafe: bool = False
    force: bool = False
    diff: bool = False
    format: str = "text"
    select: tuple[str, ...] = ()
    severity: str = ""
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What is wrong, what was mended, and the texts before and after; `limit` is the severity from which it fails."""

    findings: tuple[Finding, ...]
    mended: tuple[Finding, ...]
    limit: Severity
    format: str
    rules: tuple[Rule, ...]
    sources: Mapping[str, Source]
    diff: str = ""
    hide: Callable[[str], str] = str  # what looks secret in what is shown

    @property
    def code(self) -> int:
        return errors.Shortfall.code if any(one.severity.reaches(self.limit) for one in self.findings) else 0

    def document(self) -> dict[str, Any]:
        """The report as plain data."""
        told = {
            "findings": [formats.plain(one, self.sources) for one in self.findings],
            "mended": [formats.plain(one, {}) | {"fix": None} for one in self.mended],
            "fails_from": self.limit.value,
            "diff": self.diff,
        }
        return dict(veil.through(told, self.hide))

    def text(self) -> str:
        """A line for each finding, the diff where it was asked for, and the sum; or what SARIF and GitHub want."""
        match self.format:
            case "sarif":
                told = formats.sarif(self.findings, self.rules, drydock.__version__)
                return json.dumps(veil.through(told, self.hide), indent=2)
            case "github":
                return "\n".join(formats.annotation(one) for one in self.findings)
        lines = [formats.line(one) for one in self.findings]
        lines += [self.diff.rstrip("\n")] if self.diff else []
        lines += formats.summary(self.findings, self.mended)
        passed = f"none of them fails the audit: that begins at {self.limit.value} (--severity)"
        return self.hide("\n".join([*lines, passed] if self.findings and not self.code else lines))


def run(config: Config, request: Request, *, tell: Callable[[Event], None], today: date) -> Report:
    """Audit the repository; with `fix` write what could be mended, with `diff` alone only show it.

    Wrong codes, formats, severities and paths, and flags that do nothing, raise Misuse before anything is read, and so
    does a repository in which there is nothing to audit.
    What an audit of everything found is kept in the ledger, where there is one.
    """
    limit = _limit(config, request.severity)
    rules, own = _chosen(request.select)
    _check(request)
    wanted = _wanted(config, request.paths)
    policy = worktree.policy(config, today)
    repository = worktree.repository(config, today)
    if not repository.sources and not repository.unreadable:
        what = "no Dockerfile, ignore file, compose file or workflow"
        raise Misuse(f"nothing to audit in {config.root}: {what}", remedy="inv audit --root FOLDER")
    findings, now, shown = auditing.run(repository, rules, policy), repository, ""
    mended: tuple[Finding, ...] = ()
    if request.fix or request.diff:
        from drydock.audit import fixing

        refuse = _refusal(config, repository.tree, request, wanted)
        fixed = fixing.fix(repository, rules, policy, unsafe=request.unsafe, refuse=refuse, findings=findings)
        after = {path: fixed.repository.tree.read(path) for path in fixed.changed}
        before = {path: repository.tree.read(path) for path in after if repository.tree.has(path)}
        shown = formats.diffs(before, after) if request.diff else ""
        if request.fix:
            worktree.write(config, repository.tree, after)
            if not command.is_dry():  # else all is as it was found
                findings, mended, now = fixed.left, fixed.mended, fixed.repository
    told = tuple(one for one in findings if wanted(one.path) and (one.code not in auditing.OWN or one.code in own))
    texts = now.texts(path for one in told for path in one.paths)
    hide = recording.veiled(now)
    if request.format == "github" or any(config.environ.get(name) for name in IN_WORKFLOW):
        hidden = tuple(replace(one, message=hide(one.message)) for one in told)
        for finding in hidden if request.format != "github" else ():
            tell(Remark(formats.annotation(finding)))
        github.summarise(config.environ, formats.step_summary(hidden))
        told = hidden if request.format == "github" else told
    if not request.paths and not request.select:
        _record(config, now, told, limit, tell)
    return Report(told, mended, limit, request.format, rules, texts, shown, hide)


def note(config: Config, *, tell: Callable[[Event], None], today: date) -> None:
    """Audit the whole repository for its records alone; nothing that happens here is more than a warning."""
    if not config.state.is_dir():
        return
    try:
        limit = _limit(config)
        repository = worktree.repository(config, today)
        findings = auditing.run(repository, RULES, worktree.policy(config, today))
        _record(config, repository, findings, limit, tell)
    except errors.Problem as problem:
        tell(Note(f"the repository is not audited: {problem.message}; {problem.remedy}", warning=True))
    except Exception as error:  # whoever wants services to start must not be held up by a rule that breaks
        tell(Note(f"the audit broke: {type(error).__name__}: {error}; report it as a bug", warning=True))


def _check(request: Request) -> None:
    """Raise Misuse for a format that is not known, and for flags that do nothing."""
    if request.format not in FORMATS:
        raise Misuse(f"--format {request.format}: no such format", remedy=f"use one of: {', '.join(FORMATS)}")
    if request.unsafe and not (request.fix or request.diff):
        raise Misuse("--unsafe does nothing by itself", remedy="inv audit --unsafe --diff shows, --fix mends")
    if request.force and not request.fix:
        raise Misuse("--force does nothing by itself", remedy="inv audit --fix --force")


def _record(config: Config, repository: Repository, findings: Sequence[Finding], limit: Severity, tell: Tell) -> None:
    """Keep what was found, where there are records."""
    if config.state.is_dir():
        recording.record(config, repository, findings, limit, tell)


def _chosen(select: tuple[str, ...]) -> tuple[tuple[Rule, ...], frozenset[str]]:
    """The rules and the audit's own codes that are asked for; all of them where none is named."""
    codes = [code for word in select for code in word.split(",") if code]
    known = {rule.code for rule in RULES} | set(auditing.OWN)
    if unknown := [code for code in codes if code not in known]:
        raise Misuse(f"--select {unknown[0]}: no rule of that code", remedy="docs/rules.md lists them")
    if not codes:
        return RULES, frozenset(auditing.OWN)
    return tuple(rule for rule in RULES if rule.code in codes), frozenset(codes) & set(auditing.OWN)


def _limit(config: Config, given: str = "") -> Severity:
    """The severity from which it fails: as given, else as configured."""
    word = given or str(worktree.settings(config).get("severity", Severity.WARNING.value))
    try:
        return Severity(word)
    except ValueError as error:
        words = ", ".join(one.value for one in Severity)
        raise Misuse(f"{word} is no severity", remedy=f"use one of: {words}") from error


def _wanted(config: Config, paths: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a path is one of those asked for, or lies below one; all are where none is named."""
    names = [_meant(config, path) for path in paths]
    if not names or "." in names:
        return lambda _: True
    return lambda path: any(path == name or path.startswith(f"{name}/") for name in names)


def _meant(config: Config, path: str) -> str:
    """A path of the repository, told from the folder of who asks or, where there is none, from the root."""
    for full in (Path(path).resolve(), (config.root / path).resolve()):
        if full.exists() and full.is_relative_to(config.root):
            return full.relative_to(config.root).as_posix()
    raise Misuse(f"--path {path}: not in {config.root}", remedy="name a file or folder of the repository")


def _refusal(config: Config, seen: Tree, request: Request, wanted: Callable[[str], bool]) -> Callable[[str], str]:
    """Why a path must not be written: not asked for, a link, changed since, or git could not give it back."""
    held = worktree.held(config) if request.fix and not request.force else lambda _: ""

    def reason(path: str) -> str:
        if not wanted(path):
            return "its fix changes a file that --path leaves out"
        if found := worktree.hindrance(config, seen, path):
            return found
        return f"{found}, or give --force" if (found := held(path)) else ""

    return reason

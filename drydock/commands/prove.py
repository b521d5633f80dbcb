"""`inv prove`: show by real builds, starts and measurements that fixes are worth it; take back those that are not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from typing import Any

from drydock import command, errors
from drydock.audit import fixing, formats, recording, worktree
from drydock.audit.finding import Finding
from drydock.audit.fixing import Fixed
from drydock.audit.rule import Rule
from drydock.causes import veil
from drydock.config import Config
from drydock.engines import builders
from drydock.engines import engine as engines
from drydock.errors import Misuse
from drydock.events import Tell
from drydock.measures import capture, evidence, proof_tables, reports
from drydock.measures.reports import LATEST, Kind
from drydock.proofs import document, observing, proving, workshop
from drydock.proofs.proving import Asked
from drydock.proofs.variant import BEFORE
from drydock.rules import RULES
from drydock.text import table
from drydock.values import dataclass

LEVELS = ("safe", "unsafe")
FORMATS = ("text", "json", "markdown")
MINUTES = int(workshop.BUILD_SECONDS // 60)  # that one build may take


@dataclass(frozen=True)
class Request:
    """What is asked: which fixes, of which images, and what to do with those that hold."""

    level: str = "safe"
    keep: bool = False
    services: tuple[str, ...] = ()
    runs: int = proving.RUNS
    minutes: float = MINUTES
    format: str = "text"
    save: str = ""

    @property
    def line(self) -> str:
        """The command that proves this again."""
        words = [f"--level {self.level}", *(f"--service {name}" for name in self.services), f"--runs {self.runs}"]
        words += [f"--minutes {self.minutes}"] if self.minutes != MINUTES else []
        return " ".join(["inv prove", *words, *([f"--save {self.save}"] if self.save else [])])


@dataclass(frozen=True)
class Report:
    """The proof as it would be saved, the diff of what holds, and whether that was written; or only what is planned."""

    capture: Mapping[str, Any]
    diff: str = ""
    format: str = "text"
    written: tuple[str, ...] = ()
    saved: str = ""
    planned: tuple[str, ...] = ()

    @property
    def code(self) -> int:
        if self.planned:
            return 0
        built = [image["before"]["builds"] for image in self.capture["images"].values()]
        return 0 if any(built) else errors.Failed.code

    def document(self) -> dict[str, Any]:
        """The capture, and what it led to."""
        if self.planned:
            return {**self.capture, "notes": list(self.planned)}
        return {**self.capture, "diff": self.diff, "written": list(self.written), "saved": self.saved or None}

    def text(self) -> str:
        """The report in the format that was asked for."""
        if self.planned:
            return "\n".join(self.planned)
        if self.format == "markdown":
            diff = f"```diff\n{self.diff}```" if self.diff else ""
            return "\n\n".join(part for part in (evidence.markdown(self.capture), diff) if part)
        parts = [self.diff.rstrip("\n"), *proof_tables.told(self.capture, table)]
        parts += [f"written: {', '.join(self.written)}"] if self.written else []
        parts += ["inv prove --keep writes what holds"] if self.diff and not self.written else []
        parts += [f"saved: {self.saved}"] if self.saved else []
        return "\n\n".join(part for part in parts if part)


@dataclass(frozen=True)
class _Fixer:
    """Fixes the repository as often as it is asked to; the texts of the first time count as what was proven."""

    config: Config
    request: Request
    today: date
    rules: tuple[Rule, ...]
    before: dict[str, bytes] = field(default_factory=dict)

    def fix(self, hold: Callable[[Finding], str]) -> Fixed:
        """The repository with all fixes of the level that are not held back."""
        repository, policy = worktree.repository(self.config, self.today), worktree.policy(self.config, self.today)
        refuse = worktree.held(self.config) if self.request.keep else lambda _: ""
        unsafe = self.request.level == "unsafe"
        fixed = fixing.fix(repository, self.rules, policy, unsafe=unsafe, refuse=refuse, hold=hold)
        for path in fixed.changed:
            if path not in self.before and repository.tree.has(path):
                self.before[path] = repository.tree.read(path)
        return fixed

    def check(self, paths: Mapping[str, bytes]) -> None:
        """Raise Misuse if a file was changed while it was proven."""
        for path in paths:
            place = self.config.root / path
            if (place.read_bytes() if place.is_file() else None) != self.before.get(path):
                raise Misuse(f"{path} was changed while it was proven", remedy="inv prove --keep once more")


def run(config: Config, request: Request, tell: Tell, today: date, rules: tuple[Rule, ...] = RULES) -> Report:
    """Prove the fixes of a level; with `keep` write those that hold, with `save` keep the capture.

    Everything is built and started from scratch copies, which are gone afterwards; on a dry run one copy is made, and
    read. Raises Misuse for a wrong request, NotReady without an engine; a repository that does not build gives a report
    with code 4.
    """
    for flag, given, known in (("level", request.level, LEVELS), ("format", request.format, FORMATS)):
        if given not in known:
            raise Misuse(f"--{flag} {given}: no such {flag}", remedy=f"use one of: {', '.join(known)}")
    evidence.checked(request.save or "unnamed")
    asked = Asked(request.services, request.runs, paths=observing.paths(config.settings))
    fixer = _Fixer(config, request, today, rules)
    fixed = fixer.fix(lambda _: "")  # a repository that cannot be audited needs no engine
    found, _ = builders.choose(config, "", lambda: engines.ensure(config, tell))
    with workshop.opened(config, found, tell, request.minutes * 60.0) as shop:
        if command.is_dry():
            names = workshop.names(shop.copy(BEFORE, {}), asked.names)
            return Report({"images": {}}, planned=_plan(names, fixed.mended, request.runs))
        proof = proving.prove(shop, fixer.fix, asked)
        head = capture.header(config, found, kind="proof", command=request.line, bases=[*shop.under.values()])
    written, running = recording.veiled(worktree.repository(config, today)), veil.over(shop.values)
    made = {**head, "level": request.level, "runs": request.runs, **document.of(proof)}
    made = veil.through(made, lambda text: running.hide(written(text)))
    then = {path: fixer.before[path] for path in proof.contents if path in fixer.before}
    report = Report(made, written(formats.diffs(then, proof.contents)), request.format)
    if config.state.is_dir():
        body = {**made, "diff": report.diff}
        reports.record(config, Kind.PROOF, body, tell, name=request.save or LATEST, made=made["date"])
    if request.keep and proof.contents:
        fixer.check(proof.contents)
        worktree.write(config, worktree.repository(config, today).tree, proof.contents)
        report = replace(report, written=tuple(sorted(proof.contents)))
    if request.save:
        path = evidence.save(config.root, request.save, made)
        report = replace(report, saved=path.relative_to(config.root).as_posix())
    return report


def _plan(names: Sequence[str], fixes: Sequence[Finding], runs: int) -> tuple[str, ...]:
    """What would be done, and each fix that would be tried."""
    count = "1 fix" if len(fixes) == 1 else f"{len(fixes)} fixes"
    often = f", and time each scenario {runs} times" if runs else ""
    told = f"would build and start {', '.join(names)} before and after {count}{often}"
    return (told, *(f"{one.path}:{one.line}: {one.code}" for one in fixes))

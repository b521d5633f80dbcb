"""Check that this machine can build, run and measure; say what mends it, and mend what can be mended."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from drydock.causes import veil
from drydock.checks import State, Verdict, survey
from drydock.checks.looking import CHECKS
from drydock.checks.survey import Facts
from drydock.config import Config
from drydock.errors import NotReady, Problem
from drydock.events import Note, Tell
from drydock.measures import reports
from drydock.measures.reports import Kind
from drydock.values import dataclass


@dataclass(frozen=True)
class Report:
    """The verdicts, in the order of the checks."""

    verdicts: tuple[Verdict, ...]

    @property
    def code(self) -> int:
        return NotReady.code if any(verdict.state is State.FAIL for verdict in self.verdicts) else 0

    def document(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "checks": [
                {
                    "check": verdict.check,
                    "state": verdict.state.value,
                    "seen": verdict.seen,
                    "remedy": verdict.remedy or None,
                    "can_fix": verdict.can_fix,
                }
                for verdict in self.verdicts
            ],
        }

    def text(self) -> str:
        """One line for each check; under each that is not ok, what mends it."""
        widest = max(len(verdict.check) for verdict in self.verdicts)
        lines = []
        for verdict in self.verdicts:
            lines.append(f"{verdict.state.value:<4}  {verdict.check:<{widest}}  {verdict.seen}")
            if verdict.state is not State.OK and verdict.remedy:
                lines.append(f"{'':<4}  {'':<{widest}}  remedy: {verdict.remedy}")
        return "\n".join([*lines, "", self._summary()])

    def _summary(self) -> str:
        counted = {state: sum(verdict.state is state for verdict in self.verdicts) for state in State}
        words = f"{counted[State.OK]} ok, {counted[State.WARN]} to look at, {counted[State.FAIL]} to mend"
        if any(verdict.can_fix and verdict.state is not State.OK for verdict in self.verdicts):
            words += "; inv doctor --fix mends what it can"
        return words


def run(config: Config, *, fix: bool, tell: Tell) -> Report:
    """Look at everything at once. With `fix`, apply the remedies that can be applied, and look again.

    Exit code 3 if a check fails; warnings do not fail. The ledger keeps the verdicts, where there is one.
    """
    report = _looked(config, fix=fix, tell=tell)
    reports.record(config, Kind.DOCTOR, veil.through(report.document(), veil.without_logins), tell)
    return report


def _looked(config: Config, *, fix: bool, tell: Tell) -> Report:
    report = look(config)
    if not fix or not any(verdict.can_fix and verdict.state is not State.OK for verdict in report.verdicts):
        return report
    from drydock.checks import remedies

    try:
        remedies.apply(config, report.verdicts, tell)
    except Problem as problem:  # the checks below say what is left to mend
        tell(Note(f"{problem.message}; {problem.remedy}" if problem.remedy else problem.message, warning=True))
    return look(config)


def look(config: Config) -> Report:
    """All verdicts, looked for in parallel."""
    facts = survey.gather(config)
    with ThreadPoolExecutor(len(CHECKS)) as pool:
        return Report(tuple(pool.map(lambda check: judge(facts, *check), CHECKS)))


def judge(facts: Facts, name: str, check: Callable[[Facts], Verdict]) -> Verdict:
    """The verdict of one check. One that breaks must not take the others down, so whatever it raises is told."""
    try:
        verdict = check(facts)
    except OSError as error:
        story = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        return Verdict(name, State.FAIL, story, "make it readable for this user")
    except Exception as error:
        return Verdict(
            name, State.FAIL, f"the check itself broke: {type(error).__name__}: {error}", "report it as a bug"
        )
    return replace(verdict, seen=" ".join(verdict.seen.split()))

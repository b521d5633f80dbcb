"""Check that this machine can build, run and measure; say what mends it, and mend what can be mended."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from drydock.causes import veil
from drydock.checks import State, Verdict, order, survey
from drydock.checks.looking import CHECKS
from drydock.checks.survey import Facts
from drydock.config import Config
from drydock.errors import NotReady, Problem
from drydock.events import Note, Tell
from drydock.measures import reports
from drydock.measures.reports import Kind
from drydock.text import harmless, shortened
from drydock.values import dataclass

LONGEST = 600  # characters that are shown of what was seen: others may have written it


@dataclass(frozen=True)
class Report:
    """The verdicts: what fails first, and what the rest follows from before all."""

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
                    "follows": verdict.follows or None,
                }
                for verdict in self.verdicts
            ],
        }

    def text(self) -> str:
        """One line for each check; under each that is not ok, what mends it."""
        widest = max(len(verdict.check) for verdict in self.verdicts)
        lines = []
        for verdict in self.verdicts:
            word = "?" if verdict.follows else verdict.state.value
            lines.append(f"{word:<4}  {verdict.check:<{widest}}  {verdict.seen}")
            if verdict.state is not State.OK and verdict.remedy:
                lines.append(f"{'':<4}  {'':<{widest}}  remedy: {verdict.remedy}")
        return "\n".join([*lines, "", self._summary()])

    def _summary(self) -> str:
        known = [verdict.state for verdict in self.verdicts if not verdict.follows]
        words = f"{known.count(State.OK)} ok, {known.count(State.WARN)} to look at, {known.count(State.FAIL)} to mend"
        if len(known) < len(self.verdicts):
            words += f", {len(self.verdicts) - len(known)} not known"
        if any(verdict.can_fix and verdict.state is not State.OK for verdict in self.verdicts):
            words += "; inv doctor --fix mends what it can"
        return words


def run(config: Config, *, fix: bool, tell: Tell) -> Report:
    """Look at everything at once. With `fix`, apply the remedies that can be applied, and look again.

    Exit code 3 if a check fails; warnings do not fail. The ledger keeps the verdicts, where there is one.
    """
    report = _looked(config, fix=fix, tell=tell)
    if any(verdict.check == "ledger" and verdict.state is not State.OK for verdict in report.verdicts):
        return report  # the verdict says why nothing can be kept
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
    """All verdicts, looked for side by side."""
    with ThreadPoolExecutor(len(CHECKS)) as pool, survey.survey(config) as facts:
        verdicts = tuple(pool.map(lambda check: judge(facts, *check), CHECKS))
    return Report(order.told(order.settled(verdicts)))


def judge(facts: Facts, name: str, check: Callable[[Facts], Verdict]) -> Verdict:
    """The verdict of one check. One that breaks must not take the others down, so whatever it raises is told."""
    try:
        verdict = check(facts)
    except OSError as error:
        story = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        verdict = Verdict(name, State.FAIL, story, "make it readable for this user")
    except Exception as error:
        story = f"the check itself broke: {type(error).__name__}: {error}"
        verdict = Verdict(name, State.FAIL, story, "report it as a bug")
    return replace(verdict, seen=_shown(verdict.seen), remedy=_shown(verdict.remedy))


def _shown(words: str) -> str:
    """What stands in files and in answers of others, fit for one line of a terminal."""
    return harmless(shortened(words, LONGEST))

"""Scenarios timed on a copy before and a copy after, in turns; what cannot be timed is said."""

from collections.abc import Mapping, Sequence
from statistics import median

from drydock.errors import Failed, Problem
from drydock.events import Phase, silent
from drydock.measures import asked
from drydock.proofs.gains import Timed, Times
from drydock.proofs.variant import AFTER, BEFORE
from drydock.proofs.workshop import Work, Workshop
from drydock.scenarios import rounds, subjects
from drydock.scenarios.rounds import Subject
from drydock.scenarios.scenario import Scenario
from drydock.scenarios.trial import Trial

SCENARIOS = (Scenario.NO_OP, Scenario.SOURCE, Scenario.DEPENDENCY)
Held = dict[tuple[str, str], list[Trial]]  # by variant and scenario


def times(
    shop: Workshop, before: Work, after: Work, names: Sequence[str], runs: int
) -> tuple[Mapping[str, Mapping[str, Times]], tuple[str, ...]]:
    """The times of each image, by name and variant, and sentences about what was left out. Edits both copies."""
    if runs < 1:
        return {}, ()
    found, notes = dict[str, Mapping[str, Times]](), list[str]()
    for name in names:
        held: Held = {}
        try:
            _time(shop, (before, after), name, runs, held, notes)
        except Problem as problem:
            notes.append(f"{name}: its scenarios could not be timed: {problem.message}")
        found[name] = {variant: _told(held, variant, name, runs) for variant in (BEFORE, AFTER)}
    return found, tuple(notes)


def _time(shop: Workshop, works: Sequence[Work], name: str, runs: int, held: Held, notes: list[str]) -> None:
    platform = asked.platform(shop.engine.platforms)

    def build(subject: Subject, _: Sequence[str]) -> Trial:
        return shop.made(subject.copy, name, silent)

    made = subjects.make(shop.config, [work.copy for work in works], (name,), SCENARIOS, platform, notes)

    def keep(one: rounds.Timed) -> None:
        held.setdefault((one.variant, one.scenario.value), []).append(one.trial)
        where = f"run {one.run + 1} of {runs}: {name}, {one.scenario.value}, {one.variant}"
        shop.tell(Phase("time", where, one.trial.seconds))

    rounds.warm(made, (name,), build)
    for scenario in SCENARIOS:
        try:
            rounds.on_engine(made, (name,), (scenario,), runs, build, keep)
        except Failed:
            notes.append(f"{name}: {scenario.value} could not be timed: the edited copy does not build")


def _told(held: Held, variant: str, name: str, runs: int) -> Times:
    """The scenarios of which every run was timed."""
    return {
        scenario: Timed(tuple(round(one.seconds, 3) for one in trials), median(_ran(one, name) for one in trials))
        for (which, scenario), trials in held.items()
        if which == variant and len(trials) == runs
    }


def _ran(one: Trial, name: str) -> int:
    return sum(not step.cached for step in one.steps[name])

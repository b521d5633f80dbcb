"""`inv bench`: time the builds of scenarios on scratch copies, beside a baseline and against an earlier capture."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from drydock import command, errors
from drydock.config import Config, Image
from drydock.engines import builders, fresh, scratch
from drydock.engines import engine as engines
from drydock.engines.scratch import Scratch
from drydock.events import Note, Phase, Tell
from drydock.measures import asked, evidence, reports, scenario_tables
from drydock.measures.reports import LATEST, Kind
from drydock.scenarios import copies, regressions, result, rounds, scenario, subjects, trial, wishes
from drydock.scenarios.copies import BASELINE, PLAN
from drydock.scenarios.regressions import Regression
from drydock.scenarios.result import Kept
from drydock.scenarios.rounds import Subject, Timed
from drydock.scenarios.scenario import Scenario
from drydock.scenarios.trial import Trial
from drydock.services import choice, compose
from drydock.text import table
from drydock.values import dataclass

RUNS = 3


@dataclass(frozen=True)
class Request:
    """What is asked for: which images and scenarios (all by default), how often, and beside or against what."""

    services: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    runs: int = RUNS
    baseline: bool = False
    save: str = ""
    against: str = ""

    def line(self, root: str) -> str:
        """The command that measures this again, for a repository at `root` (empty for the one it is typed in)."""
        words = [f"--root {root}"] if root else []
        words += [f"--service {name}" for name in self.services]
        words += [f"--scenario {name.replace(' ', '-')}" for name in self.scenarios]
        words += [f"--runs {self.runs}", *(["--baseline"] if self.baseline else [])]
        return " ".join(["inv bench", *words, *([f"--save {self.save}"] if self.save else [])])


@dataclass(frozen=True)
class Report:
    """The capture as it would be saved, where it was, and what became worse against an earlier one."""

    capture: Mapping[str, Any]
    saved: str | None = None
    against: str | None = None
    regressions: tuple[Regression, ...] = ()

    @property
    def code(self) -> int:
        return errors.Shortfall.code if self.regressions else 0

    def document(self) -> dict[str, Any]:
        """The capture, and the regressions found."""
        found = [
            {"image": one.image, "scenario": one.scenario, "kind": one.kind, "what": one.what}
            for one in self.regressions
        ]
        compared = {"name": self.against, "regressions": found} if self.against else None
        return {**self.capture, "saved": self.saved, "against": compared}

    def text(self) -> str:
        """The tables, what is to be said of them, and the regressions."""
        both = all(BASELINE in variants for variants in self.capture["images"].values())
        tables = [scenario_tables.compared] if both else [scenario_tables.alone, scenario_tables.sized]
        parts = []
        for make in (*tables, scenario_tables.derived, scenario_tables.breakdown):
            header, rows = make(self.capture)
            if rows:
                parts.append(table(header, rows))
        parts += ["\n".join([*scenario_tables.odd(self.capture), *self.capture["notes"]])]
        if self.against:
            worse = [f"fail  {one.text()}" for one in self.regressions] or ["ok    nothing became worse"]
            parts.append("\n".join([f"against {self.against}:", *worse, regressions.RULE]))
        if self.saved:
            parts.append(f"written: {self.saved}")
        return "\n\n".join(part for part in parts if part)


def run(config: Config, request: Request, tell: Tell) -> Report:
    """Time the scenarios and, if asked, save the capture or hold it against one.

    Everything is built from scratch copies, under tags that are removed in the end; the ledger keeps the capture, where
    there is one, and none of these builds. Raises Misuse for an unknown service, scenario or capture, for a baseline
    that is not there and for a wrong wish; Failed where a copy does not build; NotReady without an engine.
    """
    home = wishes.home(config)
    then = evidence.wanted(home, request.against, "scenarios", "bench") if request.against else None
    evidence.checked(request.save or "unnamed")
    wanted = scenario.chosen(request.scenarios)
    found, _ = builders.choose(config, "", lambda: engines.ensure(config, tell))
    images = compose.images(config, found.environ)
    names = [image.name for image in choice.among(images, request.services, "bench")]
    kept = Kept()
    with scratch.opened(config, found, "bench", tell) as place:
        subjects = _subjects(config, place, images, names, wanted, request, kept)
        wanted = _able(config, names, wanted, kept)
        if command.is_dry():
            return Report({"images": {}, "notes": [_plan(names, wanted, request)]})
        _measure(config, place, subjects, names, wanted, request, kept, tell)
        line = request.line("" if home == config.root else os.path.relpath(config.root, home))
        document = result.document(config, found, subjects, names, request.runs, line, kept)
    report = Report(document)
    reports.record(config, Kind.SCENARIOS, document, tell, name=request.save or LATEST, made=document["date"])
    if request.save:
        path = evidence.save(home, request.save, document)
        report = replace(report, saved=path.relative_to(home).as_posix())
    if then is not None:
        report = replace(report, against=request.against, regressions=regressions.find(then, document))
    return report


def _subjects(
    config: Config,
    place: Scratch,
    images: Sequence[Image],
    names: Sequence[str],
    wanted: Sequence[Scenario],
    request: Request,
    kept: Kept,
) -> tuple[Subject, ...]:
    """The copies, in the scratch folder."""
    made = [copies.make(config, images, PLAN, place.folder, place.mark)]
    if request.baseline:
        own = [image for image in images if image.name in names]
        made.append(copies.make(config, own, BASELINE, place.folder, place.mark))
    return subjects.make(config, made, names, wanted, asked.platform(place.engine.platforms), kept.notes)


def _able(config: Config, names: Sequence[str], wanted: Sequence[Scenario], kept: Kept) -> tuple[Scenario, ...]:
    """The scenarios that can be timed here; for the others, a sentence says why not."""
    why = fresh.unable(config) if any(one.is_fresh for one in wanted) else ""
    left = {one: why for one in wanted if one.is_fresh and why}
    if Scenario.TOGETHER in wanted and len(names) < 2:
        left[Scenario.TOGETHER] = "there is one image only"
    kept.notes += [f"{one.value} is left out: {words}" for one, words in left.items()]
    return tuple(one for one in wanted if one not in left)


def _plan(names: Sequence[str], wanted: Sequence[Scenario], request: Request) -> str:
    return f"would time {', '.join(one.value for one in wanted)} of {', '.join(names)}, {request.runs} times"


def _measure(
    config: Config,
    place: Scratch,
    subjects: Sequence[Subject],
    names: Sequence[str],
    wanted: Sequence[Scenario],
    request: Request,
    kept: Kept,
    tell: Tell,
) -> None:
    def build(subject: Subject, these: Sequence[str]) -> Trial:
        with place.making([subject.copy.image(name).tag for name in these]):
            made = trial.build(config, place.engine, subject.copy, these, tell)
        place.took(made.digests.values())
        kept.bases.update({base["name"]: base for base in made.bases})
        return made

    def keep(one: Timed) -> None:
        kept.trials.setdefault((one.image, one.variant, one.scenario), []).append(one.trial)
        where = f"run {one.run + 1} of {request.runs}: {one.image or 'all images'}, {one.scenario.value}, {one.variant}"
        tell(Phase("bench", where, one.trial.seconds))

    for note in kept.notes:
        tell(Note(note))
    tell(Phase("bench", "building everything once, uncounted"))
    rounds.warm(subjects, names, build)
    result.weigh(config, place.engine, subjects, names, kept)
    if any(one.is_fresh for one in wanted):
        references = [base["reference"] for base in kept.bases.values()]
        archive = fresh.save_bases(place.engine, references, subjects[0].copy.root)
        tell(Phase("bench", "engines of their own, with nothing but the base images"))
        rounds.on_fresh(config, place, subjects, names, wanted, request.runs, archive, keep, tell)
    rounds.on_engine(subjects, names, wanted, request.runs, build, keep)

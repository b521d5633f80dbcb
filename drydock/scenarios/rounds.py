"""The rounds of a benchmark: which variant of which image is edited and built when; variants take turns."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from drydock.config import Config, Image
from drydock.engines import fresh
from drydock.engines.engine import Engine
from drydock.engines.scratch import Scratch
from drydock.events import Tell
from drydock.scenarios import edits, packages, trial
from drydock.scenarios.choice import Edit, Reading
from drydock.scenarios.copies import Copy
from drydock.scenarios.scenario import Scenario
from drydock.scenarios.trial import Trial
from drydock.values import dataclass

ORDER = (Scenario.COLD, Scenario.NO_OP, Scenario.SOURCE, Scenario.DEPENDENCY, Scenario.IGNORE)
ALL = ""  # in place of an image's name: all of them in one build


@dataclass(frozen=True)
class Subject:
    """One variant: its copy, its Dockerfiles as they were, and for each image what it reads and how it is edited."""

    copy: Copy
    dockerfiles: Mapping[str, str]
    reads: Mapping[str, Reading]
    edits: Mapping[str, Mapping[Scenario, Edit]]


@dataclass(frozen=True)
class Timed:
    """One build that counts; `run` from 0 on."""

    run: int
    image: str
    variant: str
    scenario: Scenario
    trial: Trial


Build = Callable[[Subject, Sequence[str]], Trial]
Keep = Callable[[Timed], None]


def warm(subjects: Sequence[Subject], names: Sequence[str], build: Build) -> None:
    """Build everything as it is, uncounted: from then on, layers and cache mounts are there."""
    for subject in subjects:
        for name in names:
            build(subject, (name,))


def on_engine(
    subjects: Sequence[Subject],
    names: Sequence[str],
    wanted: Sequence[Scenario],
    runs: int,
    build: Build,
    keep: Keep,
) -> None:
    """The rounds on the engine in use. Variants take turns, and who goes first changes from run to run."""
    if Scenario.DEPENDENCY in wanted:
        _fetch_packages(subjects, names, build)
    cold = Scenario.COLD in wanted or Scenario.TOGETHER in wanted
    for run in range(runs):
        for name in names:
            for scenario in (one for one in ORDER if one in wanted or (one is Scenario.COLD and cold)):
                for subject in _turn(subjects, run):
                    if not scenario.is_edit or scenario in subject.edits[name]:
                        _prepare(subject, name, scenario)
                        keep(Timed(run, name, subject.copy.variant, scenario, build(subject, (name,))))
        if Scenario.TOGETHER in wanted:
            for subject in _turn(subjects, run):
                for name in names:
                    _prepare(subject, name, Scenario.COLD)
                keep(Timed(run, ALL, subject.copy.variant, Scenario.TOGETHER, build(subject, names)))


def _fetch_packages(subjects: Sequence[Subject], names: Sequence[str], build: Build) -> None:
    """Bring every version of the packages that dependency edits add into the cache mounts, uncounted."""
    for subject in subjects:
        for name in (name for name in names if Scenario.DEPENDENCY in subject.edits[name]):
            if "type=cache" in subject.dockerfiles[name]:
                for version in range(packages.VERSIONS):
                    _edit(subject, name, Scenario.DEPENDENCY, version)
                    build(subject, (name,))


def on_fresh(
    config: Config,
    scratch: Scratch,
    subjects: Sequence[Subject],
    names: Sequence[str],
    wanted: Sequence[Scenario],
    runs: int,
    archive: Path | None,
    keep: Keep,
    tell: Tell,
) -> None:
    """The rounds on engines that hold nothing but base images, one engine for each build that counts."""
    imports = _exported(config, scratch, subjects, names, archive, tell) if Scenario.IMPORTED in wanted else {}
    for run in range(runs):
        for name in names:
            for scenario in (one for one in wanted if one.is_fresh):
                for subject in _turn(subjects, run):
                    entry = imports.get((subject.copy.variant, name)) if scenario is Scenario.IMPORTED else None
                    sources = (entry,) if entry else ()
                    with fresh.started(config, scratch.engine.store, archive, scratch.mark) as (there, engine):
                        made = trial.build(there, engine, subject.copy, (name,), tell, cache_from=sources)
                    keep(Timed(run, name, subject.copy.variant, scenario, made))


def _exported(
    config: Config,
    scratch: Scratch,
    subjects: Sequence[Subject],
    names: Sequence[str],
    archive: Path | None,
    tell: Tell,
) -> dict[tuple[str, str], str]:
    """Where to import the cache of each variant of each image from.

    An engine that exports none to a folder gets help: a throwaway one on the containerd store, which can.
    """

    def export(there: Config, engine: Engine) -> dict[tuple[str, str], str]:
        kept = {}
        for subject in subjects:
            for name in names:
                folder = subject.copy.root / "cache" / name
                entry = f"type=local,dest={folder},mode=max"
                trial.build(there, engine, subject.copy, (name,), tell, cache_to=(entry,))
                kept[subject.copy.variant, name] = f"type=local,src={folder}"
        return kept

    if "local" in scratch.engine.cache_exporters:
        return export(config, scratch.engine)
    with fresh.started(config, "containerd", archive, scratch.mark) as (there, engine):
        return export(there, engine)


def _turn(subjects: Sequence[Subject], run: int) -> Sequence[Subject]:
    return subjects if run % 2 == 0 else subjects[::-1]


def _prepare(subject: Subject, name: str, scenario: Scenario) -> None:
    """Edit the copy for a scenario."""
    if scenario.is_edit:
        _edit(subject, name, scenario)
    if scenario is Scenario.COLD:
        text = edits.cold(subject.dockerfiles[name], time.time_ns())
        subject.copy.image(name).dockerfile.write_text(text, encoding="utf-8")
        if Scenario.SOURCE in subject.edits[name]:
            _edit(subject, name, Scenario.SOURCE)


def _edit(subject: Subject, name: str, scenario: Scenario, version: int | None = None) -> None:
    image: Image = subject.copy.image(name)
    subject.edits[name][scenario].apply(image.context, time.time_ns(), version)

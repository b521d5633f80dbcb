"""`inv summary`: the images held against where this work left a branch, for whoever reviews the change."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from drydock import command, config, git, github
from drydock.builds import plan
from drydock.causes import explaining, reading, veil
from drydock.commands import budgets, build, size
from drydock.config import Config, Image
from drydock.engines import scratch
from drydock.engines.engine import Engine
from drydock.engines.scratch import Scratch
from drydock.errors import NotReady, Problem
from drydock.events import Phase, Remark, Tell, Trouble
from drydock.measures import ledger, revision, summing
from drydock.measures.budgets import named
from drydock.measures.build import Build
from drydock.measures.earlier import Earlier
from drydock.measures.revision import Fork
from drydock.measures.summing import Compared, Rerun, Sizes
from drydock.measures.weights import Weight
from drydock.scenarios import copies
from drydock.services import compose
from drydock.values import dataclass

EXPORTS = ("DRYDOCK_CACHE_TO", "cache_to")  # where caches that are exported are named: the environment, the settings


@dataclass(frozen=True)
class Report:
    """Each image as it is and as it was, the budgets with what exceeds them, and what could not be compared."""

    compared: tuple[Compared, ...]
    against: str = ""
    judged: budgets.Report = field(default_factory=lambda: budgets.Report(()))
    notes: tuple[str, ...] = ()
    failed: int = 0

    @property
    def code(self) -> int:
        return self.failed or self.judged.code

    def document(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "against": self.against or None,
            "images": [one.document() for one in self.compared],
            **self.judged.document(),
            "notes": list(self.notes),
        }

    def text(self) -> str:
        """The tables, and what is to be said of them."""
        if not self.compared:
            return ""
        judged = [self.judged.text()] if self.judged.judged else []
        return "\n\n".join([summing.text(self.compared, self.against), *judged, *self.notes])


@dataclass(frozen=True)
class Then:
    """The images of a commit as they were built beside: their weights, and the repository that has their ledger."""

    fork: Fork
    config: Config
    weights: Mapping[str, Weight]
    state: Earlier


def run(config: Config, *, against: str, tell: Tell) -> Report:
    """Build the images, build those of the commit to compare with on a scratch copy, and say how they differ.

    `against` is a branch, a tag or a commit; empty means the branch that a pull request goes to, the commit that a
    push followed, or none. The budgets decide: 1 if a hard one is exceeded. In a workflow what differs is added to the
    summary of the job, and to the lines that it comes from. Raises what `build.run` and `budgets.run` raise, and
    NotReady where the commit is not here.
    """
    fork = revision.fork(config, against)
    made = build.run(config, build.Request(), tell)
    if made.code:
        failed = [result.build.image for result in made.results if result.build.outcome != "done"]
        github.summarise(config.environ, f"## Images\n\nNot built: {', '.join(failed) or 'all of them'}.\n\n")
    if made.code or command.is_dry():
        return Report((), failed=made.code)
    found, request = build.engaged(config, build.Request(), tell)
    images = compose.images(config, found.environ)
    weights = {one.name: one for one in size.weigh(config, found, images, tell).weights}
    notes = list(made.notes)
    with _beside(_Beside(config, found, request, tell), fork, notes) as then:
        builds = {result.build.image: result.build for result in made.results}
        compared = [_compared(config, image, builds[image.name], weights[image.name], then) for image in images]
        judged = _judged(config, then, tell)
        gone = sorted(then.weights.keys() - weights.keys()) if then else []
    notes += [f"{name} is no longer built" for name in gone]
    hide = _veiled(config, images)
    for one in (compared := [_hidden(one, hide) for one in compared]):
        _annotate(one, tell)
    label = then.fork.label if then else ""
    report = Report(tuple(compared), label, judged, tuple(map(hide, notes)))
    github.summarise(config.environ, summing.markdown(compared, label, judged.judged, report.notes))
    return report


@dataclass
class _Beside:
    """What builds the images of a commit beside ours."""

    config: Config
    found: Engine
    request: build.Request
    tell: Tell

    def build(self, fork: Fork, place: Scratch) -> Then:
        """Build them from a scratch copy, with the key of this repository, so that what they rest on can be compared.

        Raises NotReady, or Misuse, which says why they cannot be built.
        """
        there = self._checked_out(fork, place.folder)
        images = tuple(_apart(image, place.mark) for image in compose.images(there, self.found.environ))
        trouble = list[str]()

        def hear(event: object) -> None:
            if isinstance(event, Trouble):
                trouble.append(event.text)

        self.tell(Phase("against", fork.label))
        made = build.of(there, self.found, images, self.request, hear)
        place.took([result.build.digest for result in made.results if result.build.digest])
        if made.code:
            raise NotReady(f"it does not build: {(trouble or ['a step fails'])[-1]}", remedy="")
        self.tell(Phase("against", fork.label, made.seconds))
        weighed = size.weigh(there, self.found, images, hear)
        weights = {one.name: one for one in weighed.weights}
        return Then(fork, there, weights, Earlier(f"{fork.label}, built beside", tuple(weighed.images())))

    def _checked_out(self, fork: Fork, folder: Path) -> Config:
        """The repository as it was at a commit; it imports caches and exports none, which would be older than ours."""
        here = self.config
        root = git.check_out(here.root, here.environ, fork.commit, folder)
        if root is None or not root.is_dir():
            raise NotReady("git cannot check it out", remedy="git fetch --unshallow")
        environ = {name: value for name, value in here.environ.items() if name not in EXPORTS}
        there = config.load(root, environ, yes=here.yes)
        there.state.mkdir(exist_ok=True)
        shutil.copyfile(here.state / "key", there.state / "key")
        return replace(there, settings={name: value for name, value in there.settings.items() if name not in EXPORTS})


@contextmanager
def _beside(workshop: _Beside, fork: Fork | None, notes: list[str]) -> Iterator[Then | None]:
    """The images of a commit, gone in the end with all that was made of them.

    None where there is nothing to compare with; why they cannot be built is added to `notes`.
    """
    if fork is None:
        yield None
        return
    with scratch.opened(workshop.config, workshop.found, "then", workshop.tell) as place:
        then = None
        try:
            then = workshop.build(fork, place)
        except Problem as problem:
            said = f"there is no comparison with {fork.label}: {problem.message}"
            notes.append(said.replace(f"{place.folder}/", ""))
        yield then


def _apart(image: Image, mark: str) -> Image:
    return replace(image, tag=f"drydock-then/{copies.plain(image.name)}:then-{mark}", tags=(), cache_to=())


def _compared(config: Config, image: Image, made: Build, weight: Weight, then: Then | None) -> Compared:
    """An image beside what it was, with the steps that run again and why."""
    path = plan.shown(config, image.dockerfile)
    now = Compared(image.name, path, made.seconds, made.steps, made.cached, _sizes(weight))
    if then is None or image.name not in then.weights:
        return now
    now = replace(now, then=_sizes(then.weights[image.name]))
    between = explaining.between(config, then.config, image.name, made.detail)
    if between is None:
        return now
    why, grounds = between
    took = {(step.stage, step.line): step for step in made.detail}
    expected = ledger.expected(config, [image.name])
    reruns = []
    for one in grounds:
        step = took.get((one.stage, one.line))
        ran = step.seconds if step and not step.cached else None
        known = expected.get((image.name, one.stage, step.instruction)) if step and ran is None else ran
        reruns.append(Rerun(one.stage, one.line, one.text, known))
    return replace(now, reruns=tuple(reruns), why=why.words())


def _sizes(weight: Weight) -> Sizes:
    return Sizes(weight.pull_bytes, weight.disk_bytes, weight.own_bytes)


def _judged(config: Config, then: Then | None, tell: Tell) -> budgets.Report:
    """The budgets; growth since a branch is measured against what was built of it."""
    if not named(config.settings):
        return budgets.Report(())
    branches = {then.fork.branch: then.state} if then else {}
    return budgets.run(config, size.Request(), lower=False, tell=tell, branches=branches)


def _annotate(one: Compared, tell: Tell) -> None:
    """Say beside the line of the first step that runs again why it does."""
    if one.reruns and one.why:
        line = one.reruns[0].line or 0
        tell(Remark(github.annotation("notice", one.why, path=one.path, line=line, title="runs again")))


def _hidden(one: Compared, hide: Callable[[str], str]) -> Compared:
    reruns = tuple(replace(step, instruction=hide(step.instruction)) for step in one.reruns)
    return replace(one, why=hide(one.why), reruns=reruns)


def _veiled(config: Config, images: Sequence[Image]) -> Callable[[str], str]:
    """Hides in a text what looks secret among what the images are given, and the logins of addresses."""
    over = reading.veil(images, {image.name: plan.parsed(config, image) for image in images})
    return lambda text: veil.without_logins(over.hide(text))

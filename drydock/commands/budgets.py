"""The images held to their budgets, with what made those grow that exceed them; limits lowered that have slack."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from drydock import command, files, github
from drydock.commands import size
from drydock.commands.size import Request
from drydock.config import Config, Image
from drydock.engines import engine
from drydock.engines.engine import Engine
from drydock.errors import Misuse, NotReady, Shortfall
from drydock.events import Note, Remark, Tell, Trouble
from drydock.measures import budgets, earlier, evidence, excess, oci, ratchet, reruns, unsaved
from drydock.measures.anatomy import Anatomy
from drydock.measures.budgets import Figure, Judgement, Limit, State
from drydock.measures.earlier import Earlier
from drydock.measures.excess import Excess
from drydock.measures.ratchet import Lowered
from drydock.measures.weights import Weight
from drydock.services import choice, compose
from drydock.values import dataclass

NAMED = 5  # of what grew, unless --top says how many
KEYS = {
    Figure.PULL: "pull_bytes",
    Figure.DISK: "disk_bytes",
    Figure.OWN: "own_bytes",
    Figure.GROWTH: "disk_bytes",
}
SETTINGS = "pyproject.toml"
NONE: Mapping[str, Earlier] = {}


@dataclass(frozen=True)
class Report:
    """Every limit with the figure beside it, what made those grow that are exceeded, and which limits were lowered."""

    judged: tuple[Judgement, ...]
    excess: tuple[Excess, ...] = ()
    lowered: tuple[Lowered, ...] | None = None
    top: int = NAMED
    dry: bool = False

    @property
    def code(self) -> int:
        return Shortfall.code if any(one.state is State.HARD for one in self.judged) else 0

    def document(self) -> dict[str, Any]:
        """The report as plain data; sizes in bytes, steps as a number."""
        return {
            "budgets": [one.document() for one in self.judged],
            "excess": [one.document() for one in self.excess],
            "lowered": None if self.lowered is None or self.dry else [asdict(one) for one in self.lowered],
        }

    def text(self) -> str:
        """The table of limits, then what made images grow; after a ratchet what it lowered."""
        parts = [budgets.show(self.judged), *(one.text(self.top) for one in self.excess)]
        if self.lowered is not None:
            why = "a hard limit is exceeded" if self.code else "no limit has slack"
            lines = [ratchet.spoken(one, dry=self.dry) for one in self.lowered]
            parts.append("\n".join(lines) or f"{why}: nothing is lowered")
        return "\n\n".join(parts)


def run(config: Config, request: Request, *, lower: bool, tell: Tell, branches: Mapping[str, Earlier] = NONE) -> Report:
    """Hold the images to their budgets, and name what made those grow that exceed them.

    What that is shows a comparison with what is recorded of the image before, or with `request.against`; `branches`
    are states that were built to be compared with, and count before what is recorded of a branch of that name. With
    `lower`, limits that have slack are then lowered in pyproject.toml, unless a hard one is exceeded. Raises Misuse
    for a budget that cannot be read or is for no image that is built here, where there is none at all, and for a
    pyproject.toml to be written that has changes git does not hold; NotReady as `size.run` does.
    """
    if request.save:
        raise Misuse("--save goes with what inv size shows, not with budgets", remedy=f"inv size --save {request.save}")
    limits = {name: budgets.of(config.settings, name) for name in budgets.named(config.settings)}
    found = engine.find(config, buildx=False)
    images = _limited(limits, compose.images(config, found.environ), request.services)
    report = _judge(_Past(config, found, request.against, branches, tell), images, limits)
    report = replace(report, top=request.top or NAMED, dry=command.is_dry())
    return replace(report, lowered=() if report.code else _lower(config, report.judged)) if lower else report


def _judge(past: "_Past", images: Sequence[Image], limits: Mapping[str, Sequence[Limit]]) -> Report:
    weighed = size.weigh(past.config, past.found, images, past.tell)
    judged, exceeded = list[Judgement](), list[Excess]()
    for image, weight in zip(images, weighed.weights, strict=True):
        for limit in limits[image.name]:
            one = _judged(past, image, limit, weight)
            is_over = one.state in (State.SOFT, State.HARD)
            found = _excess(past, image, one, weighed.apart[image.name]) if is_over else None
            _tell(past.config, one, found, past.tell)
            judged.append(one)
            exceeded += [found] if found else []
    return Report(tuple(judged), tuple(exceeded))


def _lower(config: Config, judged: Sequence[Judgement]) -> tuple[Lowered, ...]:
    """Write lower limits where there is slack, if not dry; git must be able to give back what is overwritten."""
    lowered = tuple(change for one in judged for change in ratchet.lowered(one))
    if lowered:
        path = config.root / SETTINGS
        why = unsaved.reasons(config)(SETTINGS)
        if why not in ("", unsaved.OUTSIDE):  # outside git nobody can give it back, and nothing is asked
            raise Misuse(f"{SETTINGS}: {why}", remedy=f"commit {SETTINGS}, then inv size --ratchet")
        text = ratchet.rewritten(path.read_bytes().decode(), lowered)
        if not command.withheld(SETTINGS):
            files.replace(path, text)
    return lowered


def _limited(
    limits: Mapping[str, Sequence[Limit]], images: Sequence[Image], services: Sequence[str]
) -> tuple[Image, ...]:
    """Those of the chosen images that have a budget."""
    known = [image.name for image in images]
    if unknown := [name for name in limits if name not in known]:
        where = f"[tool.drydock.images.{unknown[0]}.budget]"
        raise Misuse(f"{where} is for no image that is built here", remedy=f"one of: {', '.join(known)}")
    chosen = choice.among(images, services, "size --check")
    limited = tuple(image for image in chosen if image.name in limits)
    missing = [image.name for image in chosen if image.name not in limits]
    if missing and (services or not limited):
        where = f"[tool.drydock.images.{missing[0]}.budget]"
        raise Misuse(f"there is no budget for {', '.join(missing)}", remedy=f'{where} with disk = "100 MB" sets one')
    return limited


@dataclass(frozen=True)
class _Past:
    """What images were before, asked for once a budget needs it; `against` is what the user wants to compare with.

    `branches` are states that are at hand, by the name of a branch.
    """

    config: Config
    found: Engine
    against: str
    branches: Mapping[str, Earlier]
    tell: Tell

    def state(self, image: Image, name: str) -> Earlier:
        """An image at a capture, at the newest build of a branch, or before it became what it is now (last)."""
        if name in self.branches:
            return self.branches[name]
        config, apart = self.config, size.recalled(self.config, self.found, self.tell)
        if name == earlier.LAST:
            return size.before(config, self.found, [image], name, apart)
        if name != earlier.MAIN and (evidence.folder(config.root) / f"{name}.json").is_file():
            return earlier.captured(config, name)
        return earlier.main(config, [image.name], apart, branch=name)

    def wanted(self, judged: Judgement) -> str:
        """What the user, or the limit itself, says to compare with; empty where neither does."""
        return self.against or judged.limit.against

    def states(self, image: Image, judged: Judgement) -> Iterator[Earlier]:
        """What an image that exceeds a limit can be compared with, the most telling first."""
        if wanted := self.wanted(judged):
            yield self.state(image, wanted)
            return
        yield from self.branches.values()
        digest = oci.inspect(self.found, [image.tag])[image.tag].digest
        apart = size.recalled(self.config, self.found, self.tell)
        key = KEYS[judged.limit.figure]
        if then := earlier.within(self.config, image.name, digest, key, judged.limited, apart):
            yield then
        if kept := earlier.captured_within(self.config, image.name, key, judged.limited):
            yield kept
        for name in (earlier.MAIN, earlier.LAST):
            try:
                yield self.state(image, name)
            except NotReady:
                continue


def _judged(past: _Past, image: Image, limit: Limit, weight: Weight) -> Judgement:
    judged = Judgement(image.name, limit, None)
    if limit.figure is Figure.STEPS:
        if ran := reruns.newest(past.config.root, image.name):
            return replace(judged, now=len(ran.instructions))
        return replace(
            judged,
            why="no capture tells what runs again after a source edit",
            remedy='inv bench --scenario "source edit" --save scenarios',
        )
    now: float | None = getattr(weight, KEYS[limit.figure])
    if limit.figure is Figure.GROWTH:
        try:
            then = _image(past.state(image, limit.against), image.name).get("disk_bytes")
        except NotReady as problem:
            return replace(judged, why=problem.message, remedy=problem.remedy)
        now = None if now is None or then is None else now - then
    if now is None:
        unknown = "what it weighs, or weighed then, is not known"
        return replace(judged, why=unknown, remedy=f"inv build --service {image.name}")
    return replace(judged, now=now)


def _excess(past: _Past, image: Image, judged: Judgement, now: Anatomy) -> Excess:
    figure = judged.limit.figure
    if figure is Figure.STEPS and (ran := reruns.newest(past.config.root, image.name)):
        return Excess(image.name, figure, f"the capture {ran.capture} of {ran.date[:10]}", steps=ran.instructions)
    for then in past.states(image, judged):
        found = excess.since(image.name, figure, then.label, _image(then, image.name), now)
        if found and (found.grown or past.wanted(judged)):  # main, say, may be just this image
            return found
    return excess.alone(image.name, figure, now)


def _image(then: Earlier, name: str) -> Mapping[str, Any]:
    return next((one for one in then.images if one["name"] == name), {})


def _tell(config: Config, one: Judgement, found: Excess | None, tell: Tell) -> None:
    """Say on stderr, and to a workflow at its line, what is not within its limit, and first what made it grow."""
    what = f"{one.image}, {budgets.SPOKEN[one.limit.figure]}"
    if one.state is State.UNKNOWN:
        tell(Note(f"{what}: not checked, {one.why}; {one.remedy}", warning=True))
    if found is None:
        return
    spell, grade = one.limit.spell, "hard" if one.state is State.HARD else "soft"
    text = f"{what}: {spell(one.now or 0)}, {spell(-(one.slack or 0))} over the {grade} limit of {spell(one.limited)}"
    text = f"{found.first}: {text}" if found.first else text
    line = budgets.line((config.root / SETTINGS).read_text(encoding="utf-8"), one.image, one.limit.figure)
    if one.state is State.HARD:
        remedy = f"take out what is not needed, or raise {one.limit.figure} in {SETTINGS} on purpose"
        tell(Trouble(text, remedy, path=SETTINGS, line=line))
    else:
        tell(Note(text, warning=True))
        tell(Remark(github.annotation("warning", text, path=SETTINGS, line=line)))

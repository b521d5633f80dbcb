"""Proofs made: the repository observed before, fixes tried together and, where they fail, in parts; gains measured."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace

from drydock.audit.finding import Finding, Identity
from drydock.audit.fixing import Fixed
from drydock.errors import Misuse
from drydock.events import Phase
from drydock.proofs import gains, reach, settling, timing, variant, workshop
from drydock.proofs.observing import SECONDS, Observer
from drydock.proofs.proof import Proof
from drydock.proofs.variant import AFTER, BEFORE, Variant
from drydock.proofs.workshop import Work, Workshop
from drydock.values import dataclass

RUNS = 3
Fix = Callable[[Callable[[Finding], str]], Fixed]  # fixes the repository, but for findings that are held back


@dataclass(frozen=True)
class Asked:
    """What is asked of a proof: images (all by default), runs of each scenario, see Observer for the rest."""

    names: tuple[str, ...] = ()
    runs: int = RUNS
    seconds: float = SECONDS
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass
class _Course:
    """How far a proof has come; `good` are the fixes that were last found to hold together."""

    shop: Workshop
    fix: Fix
    runs: int
    work: Work
    observer: Observer
    before: Variant
    touched: dict[Identity, frozenset[str]] = field(default_factory=dict)  # the images that a fix concerns
    good: tuple[tuple[Identity, ...], Fixed, Variant] | None = None

    @property
    def names(self) -> Sequence[str]:
        return self.observer.names

    def codes(self, fixed: Fixed) -> dict[str, tuple[str, ...]]:
        """The rules whose fixes concern each image."""
        return reach.codes(self.names, fixed.mended, self.touched)

    def changed(self, fixed: Fixed) -> dict[str, frozenset[str]]:
        """The files that the fixes write, below the context of each image."""
        images = [self.work.copy.image(name) for name in self.names]
        return reach.changed(self.work.copy.root, images, fixed.changed)


def prove(shop: Workshop, fix: Fix, asked: Asked) -> Proof:
    """Prove the fixes of a repository. Raises Misuse for a compose file that compose rejects, or an unknown image."""
    shop.tell(Phase("prove", "the repository as it is"))
    work = shop.copy(BEFORE, {})
    observer = Observer(shop, workshop.names(work, asked.names), asked.seconds, asked.paths)
    course = _Course(shop, fix, asked.runs, work, observer, observer.observe(work))
    everything = fix(lambda _: "")
    units, apart = _sorted(course, everything)
    settled = settling.settle(units, lambda some: _judge(course, some))
    refused = dict(settled.refused)
    proof = _measured(course, settled.kept, refused)
    taken_back = tuple((one, refused[one.identity]) for one in everything.mended if one.identity in refused)
    return replace(proof, refused=taken_back, apart=apart)


def contents(fixed: Fixed) -> dict[str, bytes]:
    """The files as the fixes leave them."""
    return {path: fixed.repository.tree.read(path) for path in fixed.changed}


def _sorted(course: _Course, fixed: Fixed) -> tuple[tuple[Identity, ...], tuple[tuple[Finding, str], ...]]:
    """The findings whose fixes can be tried here, and the others with the reason."""
    units, apart = dict[Identity, None](), list[tuple[Finding, str]]()
    images = [course.work.copy.image(name) for name in course.names]
    for finding in fixed.mended:
        concerned = reach.concerned(course.shop.config, course.work.copy.root, images, finding)
        course.touched[finding.identity] = concerned
        broken = sorted(name for name in concerned if course.before.images[name].trouble)
        if not concerned:
            apart.append((finding, "no build under proof reads what it changes; inv audit --fix writes it"))
        elif len(broken) == len(concerned):
            apart.append((finding, f"{', '.join(broken)} does not build before any fix, so nothing can be said of it"))
        else:
            units[finding.identity] = None
    return tuple(units), tuple(apart)


def _fixed(course: _Course, units: Sequence[Identity]) -> Fixed:
    """The repository with these fixes and no others."""
    return course.fix(lambda finding: "" if finding.identity in units else "it is not under trial")


def _judge(course: _Course, units: tuple[Identity, ...]) -> str:
    """Why these fixes must not stay together, "" where they may."""
    fixed = _fixed(course, units)
    if set(units) - {one.identity for one in fixed.mended}:
        return "it can only be applied together with a fix that was taken back"
    try:
        work = course.shop.copy(AFTER, contents(fixed))
        after = course.observer.observe(work, course.before)
    except Misuse as problem:
        return problem.message
    course.shop.forget(work)
    reason = next(variant.objections(course.before, after, course.codes(fixed), course.changed(fixed)), "")
    if reason:
        course.shop.tell(Phase("prove", f"{len(units)} fixes do not hold: {reason}"))
    else:
        course.good = (units, fixed, after)
    return reason


def _measured(course: _Course, kept: tuple[Identity, ...], refused: dict[Identity, str]) -> Proof:
    """The proof of the fixes that hold, once those are taken back (into `refused`) that gain nothing."""
    while True:
        proof = _timed(course, kept)
        useless = _useless(course, proof)
        if any(code in gains.TIME for code, *_ in useless):
            course.shop.tell(Phase("prove", "timing once more, before a fix is taken back for its times"))
            proof = _timed(course, kept)
            useless = {one: reason for one, reason in _useless(course, proof).items() if one in useless}
        if not useless:
            return proof
        settled = settling.settle([one for one in kept if one not in useless], lambda some: _judge(course, some))
        kept = settled.kept
        refused |= {**useless, **settled.refused}


def _timed(course: _Course, kept: tuple[Identity, ...]) -> Proof:
    """The proof of fixes that were judged to hold together."""
    told = (*course.shop.notes.values(), *variant.unestablished(course.before))
    if not kept or course.good is None:
        return Proof(course.before, course.before, unestablished=told)
    _, fixed, after = course.good
    concerned = {name for one in kept for name in course.touched[one]}
    names = [name for name in course.names if name in concerned and not course.before.images[name].trouble]
    copies = course.shop.copy(BEFORE, {}), course.shop.copy(AFTER, contents(fixed))
    times, notes = timing.times(course.shop, *copies, names, course.runs)
    codes, changed = course.codes(fixed), course.changed(fixed)
    expected = {
        name: variant.differences(was, after.images[name], codes[name], changed[name])
        for name, was in course.before.images.items()
        if not was.trouble
    }
    return Proof(
        course.before,
        after,
        kept=fixed.mended,
        contents=contents(fixed),
        expected=expected,
        times=times,
        unestablished=(*told, *notes),
    )


def _useless(course: _Course, proof: Proof) -> dict[Identity, str]:
    """The kept fixes that gain nothing in any image that they concern, with the reason."""
    idle = dict[str, Mapping[str, str]]()
    for name in course.names:
        codes = [one.code for one in proof.kept if name in course.touched[one.identity]]
        idle[name] = gains.idle(codes, proof.sized(name), proof.timed(name), runs=course.runs)
    found = {}
    for one in proof.kept:
        reasons = [idle[name].get(one.code, "") for name in sorted(course.touched[one.identity])]
        if reasons and all(reasons):
            found[one.identity] = reasons[0]
    return found

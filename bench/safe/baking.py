"""Many images built by one run of bake; those that cannot be built are taken out, and the others built without them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from drydock import command
from drydock.bases import bases
from drydock.bases.bases import Origin
from drydock.builds import baking, buildx, plan
from drydock.builds.baking import Run
from drydock.builds.plan import Plan
from drydock.causes import reading
from drydock.config import Config, Image
from drydock.engines.engine import Engine
from drydock.errors import Problem
from drydock.events import silent
from drydock.text import shortened
from tests.defects import loader

AGAIN = 2  # times that a build begins anew which failed before a step of its own
HEADERS = "python:3.12"
"""What stands in for a slim Python where extensions are compiled: its own stand-in holds no headers of Python.

The official slim image does hold them.
"""
MIRRORED = """\
FROM {base}
RUN pip install --no-cache-dir --no-deps poetry-plugin-pypi-mirror==0.6.5 && mkdir -p /root/.config/pypoetry
RUN python -c 'from pip._internal.models.index import PyPI as index; \\
    print("[plugins.pypi_mirror]"); print("url =", repr(index.simple_url + "/"))' > /root/.config/pypoetry/config.toml
"""
"""A base on which Poetry asks the package index as pip does: not every index that pip can use answers Poetry itself."""


@dataclass(frozen=True)
class Request:
    """Images to build, by names that no other has; of the `unwritten` ones only whether they can be built is wanted.

    `repositories` says which clean repository each is made of; `tag` is for a base that has to be made first.
    """

    images: Mapping[str, Image]
    unwritten: Collection[str]
    repositories: Mapping[str, str]
    tag: str


@dataclass(frozen=True)
class Outcome:
    """Why images were not built, by name; and the bases that the others were built on: name, reference, origin."""

    troubles: Mapping[str, str]
    bases: tuple[Mapping[str, str], ...]


def build(settings: Config, engine: Engine, folder: Path, request: Request) -> Outcome:
    """Build them all. `folder` is that of everything that is built; nothing is written there."""
    here = replace(settings, root=folder, compose=None)
    images = [replace(image, name=name) for name, image in request.images.items()]
    made, troubles = _planned(here, engine, images)
    options = plan.options(here, engine, _prepared(here, engine, made, request), silent)
    _bake(engine, folder, made, options, request.unwritten, [image.name for image in made.images], troubles)
    used = {one.name: one for found in made.bases.values() for one in found}
    told = tuple({"name": one.name, "reference": one.reference, "origin": one.origin.value} for one in used.values())
    return Outcome(troubles, told)


def _planned(here: Config, engine: Engine, images: Sequence[Image]) -> tuple[Plan, dict[str, str]]:
    """The plan of all images at once, or one by one where one of them cannot be planned, with the reason why."""
    try:
        return plan.make(here, engine, images, silent), {}
    except Problem:
        troubles, plans = dict[str, str](), list[Plan]()
    for image in images:
        try:
            plans.append(plan.make(here, engine, (image,), silent))
        except Problem as problem:
            troubles[image.name] = problem.message.replace(f"{here.root}/", "")
    made = Plan(
        tuple(image for one in plans for image in one.images),
        tuple(image for one in plans for image in one.chosen),
        {name: file for one in plans for name, file in one.files.items()},
        {name: found for one in plans for name, found in one.bases.items()},
    )
    return made, troubles


def _bake(
    engine: Engine,
    folder: Path,
    made: Plan,
    options: buildx.Options,
    unwritten: Collection[str],
    names: Sequence[str],
    troubles: dict[str, str],
) -> None:
    """Build these images. What fails among others is built once more alone, and only what fails alone is in trouble.

    A failure ends the builds beside it, so whatever shares its Dockerfile is built alone too. Among others even what is
    right may fail: where one step empties a cache that another one reads.
    """
    left, alone, again = list(names), list[str](), AGAIN
    files = {image.name: image.dockerfile for image in made.images}
    while left:
        run = _run(engine, folder, made, options, unwritten, left)
        if not run.code:
            break
        broken = run.progress.broken()
        if broken and again and not broken.place.is_step:  # the way to the engine, not the Dockerfile
            again -= 1
        elif len(left) == 1:
            troubles[left.pop()] = _reason(run)
        elif broken and (name := broken.place.image) in left:
            alone += [one for one in left if files[one] == files[name]]
            left = [one for one in left if files[one] != files[name]]
        else:  # no step failed: which of them is rejected is found by halves
            middle = len(left) // 2
            _bake(engine, folder, made, options, unwritten, left[:middle], troubles)
            left = left[middle:]
    for name in alone:
        _bake(engine, folder, made, options, unwritten, [name], troubles)


def _reason(run: Run) -> str:
    broken = run.progress.broken()
    if broken is None:
        return run.words[-1] if run.words else "bake gave up"
    reason = (broken.step.error or "").rpartition("did not complete successfully: ")[2]
    return f"{shortened(broken.place.text, 100)}: {shortened(reason, 100)}"


def _run(
    engine: Engine,
    folder: Path,
    made: Plan,
    options: buildx.Options,
    unwritten: Collection[str],
    names: Sequence[str],
) -> Run:
    document = buildx.bake(made.images, options, set(names))
    known = buildx.targets(made.images)
    for name in set(unwritten) & set(names):
        document["target"][known[name]]["output"] = ["type=cacheonly"]
    targets = {known[name]: name for name in names}
    return baking.run(engine, folder, document, options, targets, {}, silent, reading.veil(made.images, made.files))


def _prepared(settings: Config, engine: Engine, made: Plan, request: Request) -> Plan:
    """The plan with other bases in the place of stand-ins: what builds here behind a proxy that signs again.

    A Dockerfile that mounts a secret of our name knows nothing of what we mean by it, so all of them trust.
    """
    found, known = dict(made.bases), dict[tuple[str, str], str]()
    for name, had in made.bases.items():
        repository = request.repositories[name]
        for one in had:
            if one.origin is Origin.STANDIN and (repository, one.name) not in known:
                known[repository, one.name] = _reference(settings, engine, repository, one.name, request.tag)
        found[name] = tuple(replace(one, reference=known.get((repository, one.name), one.reference)) for one in had)
    return replace(made, bases=found)


def _reference(settings: Config, engine: Engine, repository: str, name: str, tag: str) -> str:
    compiles = repository in loader.NOT_ON_STANDINS and name == f"{HEADERS}-slim"
    (base,) = bases.resolve(settings, engine, (HEADERS if compiles else name,), silent, trusting=True)
    if repository not in loader.INDEX_WITH_JSON:
        return base.reference
    argv = ["docker", "buildx", "build", "--load", f"--tag={tag}", "-"]
    made = command.run(argv, env=engine.environ, stdin=MIRRORED.format(base=base.reference))
    return tag if made.ok else base.reference

"""Base images: present, mirrored, pulled, or made as a stand-in where no registry answers."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from enum import Enum
from functools import partial
from typing import Any, ParamSpec, TypeVar

from drydock import command
from drydock.bases import registries, standins
from drydock.bases.recipes import LABEL, RECIPE_LABEL, Recipe, familiar, tagged
from drydock.bases.registries import Answer
from drydock.config import Config
from drydock.engines.engine import Engine
from drydock.errors import Misuse, NotReady
from drydock.events import Note, Phase, Tell
from drydock.values import dataclass


class Origin(Enum):
    """Where a base comes from."""

    PRESENT = "present"
    MIRROR = "mirror"
    PULLED = "pulled"
    STANDIN = "standin"


@dataclass(frozen=True)
class Base:
    """A base image as a build will use it: the name in the Dockerfile, the image that serves for it, its digest.

    `note` is empty unless something must be said wherever a figure rests on this base; `triggers` says that it has
    steps of its own for whatever is built upon it (ONBUILD).
    """

    name: str
    reference: str
    origin: Origin
    digest: str
    note: str = ""
    triggers: bool = False


P = ParamSpec("P")
T = TypeVar("T")
Seen = Mapping[str, Mapping[str, Any]]


def here(engine: Engine, names: Mapping[str, Sequence[str]]) -> dict[str, tuple[Base, ...]]:
    """The bases of images by name, of which no digest is wanted; only whether those in the engine trigger steps."""
    wanted = tuple(dict.fromkeys(name for group in names.values() for name in group))
    seen = _inspect(engine, wanted) if wanted else {}
    found = {name: _base(name, name, Origin.PRESENT, seen) for name in wanted}
    return {image: tuple(replace(found[name], digest="") for name in group) for image, group in names.items()}


def resolve(
    config: Config, engine: Engine, names: Sequence[str], tell: Tell, trusting: bool = False, pull: bool = False
) -> tuple[Base, ...]:
    """Find what serves for each base image; with nothing to do this costs one `docker image inspect`.

    `trusting` asks for stand-ins that hold this machine's certificate authorities, for Dockerfiles of other people.
    `pull` asks the registries again for what is here already. A base that cannot be had raises NotReady.
    """
    if not names:
        return ()
    mirrors = _mirrors(config)
    recipes = {name: standins.recipe(config, name, trusting=trusting) for name in names}
    asked = [ref for name in names for ref in (name, *(_mirrored(mirror, name) for mirror in mirrors))]
    asked += [recipe.reference for recipe in recipes.values() if recipe]
    seen = _inspect(engine, asked)
    bases = {name: None if pull else _at_hand(config, name, mirrors, recipes[name], seen) for name in names}
    missing = [name for name in names if bases[name] is None]
    if missing:
        with ThreadPoolExecutor(4) as pool:
            asking = {name: _submit(pool, _fetch, config, engine, name, mirrors, tell) for name in missing}
            fetched = {name: answer.result() for name, answer in asking.items()}
        lacking = []
        for name, (reference, words) in fetched.items():
            if not reference and not _stays(seen.get(name), recipes[name]):
                lacking.append(_recipe(name, recipes[name], words))
        _provide(config, engine, [recipe for recipe in lacking if not _made(recipe, seen)], tell)
        seen = _inspect(engine, asked)
        for name, (reference, _) in fetched.items():
            bases[name] = _after(name, reference, recipes[name], seen)
    return tuple(base for name in names if (base := bases[name]))


def may_push(bases: Iterable[Base], tag: str) -> None:
    """Raise Misuse if something built on `bases` must not go where `tag` would send it.

    What rests on a stand-in is no copy of what others would build: only a registry on loopback may have it.
    """
    resting = [base.name for base in bases if base.origin is Origin.STANDIN]
    if resting and not registries.loopback(tag):
        raise Misuse(
            f"{tag} rests on a stand-in for {', '.join(resting)} and must not leave this machine",
            remedy="inv build --pull, once a registry can be reached",
        )


def _at_hand(config: Config, name: str, mirrors: Sequence[str], recipe: Recipe | None, seen: Seen) -> Base | None:
    """The base that needs no question to any registry."""
    if _stays(seen.get(name), recipe):
        return _base(name, name, Origin.PRESENT, seen)
    for reference in (_mirrored(one, name) for one in mirrors):
        if reference in seen:
            return _base(name, reference, Origin.MIRROR, seen)
    hosts = [registries.host(_mirrored(one, name)) for one in mirrors] + [registries.host(name)]
    if recipe and _made(recipe, seen) and all(registries.fell_silent(config.home, host) for host in hosts):
        return _after(name, "", recipe, seen)
    return None


def _fetch(config: Config, engine: Engine, name: str, mirrors: Sequence[str], tell: Tell) -> tuple[str, str]:
    """The reference that could be pulled, from the mirrors first, or empty and the last words of the registry."""
    words = ""
    for reference in [*(_mirrored(mirror, name) for mirror in mirrors), name]:
        tell(Phase("bases", f"asking for {reference}"))
        result = registries.pull(reference, engine.environ)
        if not command.is_dry():  # then nobody was asked
            registries.remember(config.home, registries.host(reference), silent=result.answer is Answer.SILENT)
        if result.answer is Answer.PULLED:
            return reference, ""
        if result.answer is Answer.REFUSED and reference == name:
            raise NotReady(f"{name} cannot be pulled: {result.words}", remedy="mend the name in FROM, or docker login")
        words = result.words
    return "", words


def _recipe(name: str, recipe: Recipe | None, words: str) -> Recipe:
    if recipe is None:
        said = f" ({words})" if words else ""  # names hosts and addresses, which no capture should hold
        remedy = f"make a registry reachable{said}, or name one as mirrors in [tool.drydock], or docker load the image"
        raise NotReady(f"{name} is not here, no registry answers, and it has no stand-in", remedy=remedy)
    return recipe


def announcement(recipes: Sequence[Recipe]) -> str:
    """What is said before stand-ins are made: for which bases, and where one is not quite what was asked for."""
    wanted = ", ".join(f"{one.name} ({one.note})" if one.note else one.name for one in recipes)
    return f"no registry answers: stand-ins are made from packages for {wanted}"


def _provide(config: Config, engine: Engine, recipes: Sequence[Recipe], tell: Tell) -> None:
    if not recipes:
        return
    tell(Note(announcement(recipes)))
    standins.equip(config, recipes, tell)
    with ThreadPoolExecutor(2) as pool:
        for done in [_submit(pool, standins.provide, config, engine.environ, one, tell) for one in recipes]:
            done.result()


def _submit(pool: ThreadPoolExecutor, body: Callable[P, T], *args: P.args, **flags: P.kwargs) -> Future[T]:
    """Start `body` in a thread that knows what its caller knows, such as that this is a dry run."""
    return pool.submit(partial(copy_context().run, body, *args, **flags))


def _after(name: str, reference: str, recipe: Recipe | None, seen: Seen) -> Base:
    if reference:
        return _base(name, reference, Origin.PULLED if reference == name else Origin.MIRROR, seen)
    if _stays(seen.get(name), recipe):
        return _base(name, name, Origin.PRESENT, seen, "kept: no registry answers")
    if recipe is None:
        raise AssertionError("a base without recipe was refused before")
    return _base(name, recipe.reference, Origin.STANDIN, seen, recipe.note)


def _base(name: str, reference: str, origin: Origin, seen: Seen, note: str = "") -> Base:
    """The base, which is a stand-in however it came here if it, or what it was built on, says so itself."""
    image = seen.get(reference, {})
    label = _labels(image).get(LABEL, "")
    words = "; ".join(filter(None, (label, note)))
    triggers = bool((image.get("Config") or {}).get("OnBuild"))
    return Base(name, reference, Origin.STANDIN if label else origin, _digest(image), words, triggers)


def _inspect(engine: Engine, references: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    result = command.run(["docker", "image", "inspect", *dict.fromkeys(references)], env=engine.environ)
    try:
        images = json.loads(result.out or "[]")
    except ValueError as error:
        raise NotReady(f"docker cannot list images: {result.last_words}", remedy="inv doctor") from error
    known: dict[str, Mapping[str, Any]] = {}
    for image in images:
        for reference in (*(image.get("RepoTags") or ()), *(image.get("RepoDigests") or ())):
            known[reference] = image
    found = {reference: known.get(tagged(familiar(reference))) or known.get(reference) for reference in references}
    return {reference: image for reference, image in found.items() if image}


def _made(recipe: Recipe, seen: Seen) -> bool:
    return _labels(seen.get(recipe.reference, {})).get(RECIPE_LABEL) == recipe.key


def _stays(image: Mapping[str, Any] | None, recipe: Recipe | None) -> bool:
    """Whether an image under the name itself is used: not if it is a stand-in, for which there is a better tag."""
    return image is not None and (LABEL not in _labels(image) or recipe is None)


def _labels(image: Mapping[str, Any]) -> Mapping[str, str]:
    return (image.get("Config") or {}).get("Labels") or {}


def _digest(image: Mapping[str, Any]) -> str:
    pinned = [str(one).partition("@")[2] for one in image.get("RepoDigests") or ()]
    return next(iter(pinned), str(image.get("Id", "")))


def _mirrors(config: Config) -> list[str]:
    mirrors = config.settings.get("mirrors", [])
    if not isinstance(mirrors, list) or not all(isinstance(one, str) and one for one in mirrors):
        remedy = 'write it as mirrors = ["HOST/PATH"]'
        raise Misuse("mirrors in [tool.drydock] is not a list of registries", remedy=remedy)
    return [one.rstrip("/") for one in mirrors]


def _mirrored(mirror: str, name: str) -> str:
    short = familiar(name)
    path = short.removeprefix(f"{registries.host(short)}/") if registries.host(short) else short
    return f"{mirror}/{path if '/' in path else 'library/' + path}"

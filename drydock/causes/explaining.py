"""Why each image of a build was rebuilt, from what the ledger holds of earlier ones; and what it keeps of this one."""

from collections.abc import Sequence
from dataclasses import replace

from drydock.causes import finding, grounds, manifest
from drydock.causes.cause import Why
from drydock.causes.difference import Files
from drydock.causes.finding import Past
from drydock.causes.gathering import Gathered
from drydock.causes.grounds import Ground, Grounds, keys
from drydock.causes.manifest import Manifest
from drydock.config import Config
from drydock.measures import bodies, ledger
from drydock.measures.bodies import Earlier, Kept
from drydock.measures.build import Step
from drydock.measures.storage import damaged


def look_back(config: Config, image: str, scenario: str, here: Grounds) -> tuple[Past, ...]:
    """The earlier builds of an image and scenario, newest first; Misuse for a damaged ledger.

    They end where the same engine has come through every step of this one: no older build says more of any.
    """
    found, missing = list[Past](), set(keys(here))
    for one in bodies.earlier(config, image, scenario):
        if missing and (past := _past(one)):
            found.append(past)
            if (past.grounds.key, past.grounds.engine) == (here.key, here.engine):
                missing -= past.held
    return tuple(found)


def explain(
    config: Config,
    image: str,
    before: Sequence[Past],
    steps: Sequence[Step],
    here: Gathered,
    missed: tuple[str, ...] = (),
) -> Why:
    """Why the first step of an image ran that an earlier build had; Misuse for a damaged ledger."""
    return finding.find(finding.present(image, here.grounds, steps, missed=missed), before, files(config, here))


def files(config: Config, here: Gathered) -> Files:
    """The files that grounds name, of this build or of one in the ledger; Misuse for a damaged one."""

    def held(of: Grounds, name: str) -> Manifest | None:
        return here.files.get(name) if of is here.grounds else _manifest(config, of, name)

    return held


def between(here: Config, there: Config, image: str, steps: Sequence[Step]) -> tuple[Why, tuple[Ground, ...]] | None:
    """The steps of the last build of an image that a builder runs which has the last build of `there`, and why.

    Whether they ran here does not matter: another build may have had them. The two ledgers hold hashes made with one
    key. None where no grounds are recorded.
    """
    last = [next(iter(bodies.earlier(one, image, "build")), None) for one in (here, there)]
    then = _past(last[1]) if last[1] else None
    if last[0] is None or then is None:
        return None
    now = grounds.read(last[0].body)
    told, mine = finding.present(image, now, steps), keys(now)
    fresh = frozenset(at for at in told.told if mine[at] not in then.held)

    def files(of: Grounds, name: str) -> Manifest | None:
        return _manifest(here if of is now else there, of, name)

    why = finding.find(replace(told, ran=fresh, strays=(), is_triggered=False), (then,), files)
    return why, tuple(now.steps[at] for at in sorted(fresh))


def recall(config: Config, before: Sequence[Past], steps: Sequence[Step], here: Gathered) -> tuple[Step, ...]:
    """The steps, those from the cache with the bytes that the last build recorded which had the very same step.

    The same is one that rests on the same grounds, and in the cache of the same engine.
    """
    mine = {(one.stage, one.line): key for one, key in zip(here.grounds.steps, keys(here.grounds), strict=True)}
    alike = [one for one in before if one.grounds.engine == here.grounds.engine]
    recorded: dict[int, dict[tuple[str, int | None], int | None]] = {}

    def known(step: Step) -> int | None:
        key = mine.get((step.stage, step.line)) if step.line else None
        last = next((one for one in alike if key in one.held), None)
        if key is None or last is None:
            return None
        if last.id not in recorded:
            found = ledger.find(config, last.id)
            recorded[last.id] = {(one.stage, one.line): one.bytes for one in found.detail} if found else {}
        there = last.grounds.steps[last.keys.index(key)]
        return recorded[last.id].get((there.stage, there.line))

    return tuple(replace(one, bytes=known(one)) if one.cached and one.bytes is None else one for one in steps)


def keep(here: Gathered, why: Why) -> Kept:
    """What the ledger keeps of a build."""
    digest, found = here.bodies()
    return Kept(digest, found, tuple(one for _, one in here.grounds.manifests), why.document())


def _manifest(config: Config, of: Grounds, name: str) -> Manifest | None:
    """The files of a context that grounds in the ledger rest on; None where they are not kept."""
    digest = dict(of.manifests).get(name)
    body = bodies.find(config, digest) if digest else None
    try:
        return None if body is None else manifest.read(body)
    except ValueError as error:
        raise damaged(config.ledger, error) from error


def _past(one: Earlier) -> Past | None:
    """An earlier build, or None where another version wrote its grounds."""

    def came_through(step: Ground) -> bool:
        return one.done or step.keyword == "FROM" or (step.stage, step.line) in one.steps

    try:
        return finding.past(one.id, grounds.read(one.body), came_through)
    except ValueError:
        return None

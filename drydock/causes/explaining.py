"""Why each image of a build was rebuilt, from what the ledger holds of earlier ones; and what it keeps of this one."""

from collections.abc import Sequence

from drydock.causes import finding, grounds, manifest
from drydock.causes.cause import Why
from drydock.causes.finding import Past
from drydock.causes.gathering import Gathered
from drydock.causes.grounds import Ground, Grounds
from drydock.causes.manifest import Manifest
from drydock.config import Config
from drydock.measures import bodies
from drydock.measures.bodies import Earlier, Kept
from drydock.measures.build import Step
from drydock.measures.storage import damaged


def explain(
    config: Config, image: str, scenario: str, steps: Sequence[Step], here: Gathered, missed: tuple[str, ...] = ()
) -> Why:
    """Why the first step of an image ran that an earlier build of its scenario had; Misuse for a damaged ledger."""
    before = [found for one in bodies.earlier(config, image, scenario) if (found := _past(one))]

    def files(of: Grounds, name: str) -> Manifest | None:
        if of is here.grounds:
            return here.files.get(name)
        digest = dict(of.manifests).get(name)
        body = bodies.manifest(config, digest) if digest else None
        try:
            return None if body is None else manifest.read(body)
        except ValueError as error:
            raise damaged(config.ledger, error) from error

    return finding.find(finding.present(image, here.grounds, steps, missed=missed), before, files)


def keep(here: Gathered, why: Why) -> Kept:
    """What the ledger keeps of a build."""
    digest, found = here.bodies()
    return Kept(digest, found, tuple(one for _, one in here.grounds.manifests), why.document())


def _past(one: Earlier) -> Past | None:
    """An earlier build, or None where another version wrote its grounds."""

    def came_through(step: Ground) -> bool:
        return one.done or step.keyword == "FROM" or (step.stage, step.line) in one.steps

    try:
        return finding.past(one.id, grounds.read(one.body), came_through)
    except ValueError:
        return None

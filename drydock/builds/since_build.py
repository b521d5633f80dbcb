"""What changed since each image was last built: what decides it now, held against the ledger and the engine."""

from collections.abc import Mapping, Sequence

from drydock.builds import selection
from drydock.builds.selection import Choice
from drydock.causes import changes, explaining, grounds
from drydock.causes.gathering import Gathered
from drydock.causes.grounds import Kind
from drydock.config import Config, Image
from drydock.engines.engine import Engine
from drydock.measures import bodies, oci
from drydock.measures.bodies import Last


def choose(
    config: Config,
    engine: Engine,
    images: Sequence[Image],
    gathered: Mapping[str, Gathered],
    wanted: Sequence[str],
    scenario: str,
) -> tuple[Choice, ...]:
    """The wanted images, each built unless nothing says that it would come out otherwise.

    `images` hold also what those are built upon. What is not recorded counts as changed.
    """
    last = bodies.last(config, [image.name for image in images], scenario)
    tags = [tag for image in images if image.name in last for tag in (image.tag, *image.tags)]
    held = {tag: one.digest for tag, one in oci.inspect(engine, tags).items()}

    def reason(image: Image) -> str:
        before, here = last.get(image.name), gathered[image.name]
        if before is None:
            return "there is no record of a build of it"
        different = "" if here.bodies()[0] == before.grounds else _different(config, here, before)
        return different or next(iter(_untold(here)), "") or selection.presence(image, before.digest, held)

    def kept(image: Image) -> str:
        return f"nothing changed since the build of {last[image.name].started[:16].replace('T', ' ')}"

    return selection.choose(images, reason, kept, wanted)


def _different(config: Config, here: Gathered, before: Last) -> str:
    unreadable = "what its last build rested on cannot be read"
    body = bodies.find(config, before.grounds)
    try:
        then = grounds.read(body or b"")
    except ValueError:
        return unreadable
    return changes.words(here.grounds, then, explaining.files(config, here)) or unreadable


def _untold(here: Gathered) -> list[str]:
    facts = [fact for step in here.grounds.steps for fact in step.facts]
    unknown = [f"the digest of {one.name} is not known" for one in facts if one.kind is Kind.BASE and not one.shown]
    return [*here.untold, *unknown]

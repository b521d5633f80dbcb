"""Images of a copy looked at: how they are configured, which files they ship, what is installed, what they weigh."""

import json
import tarfile
from dataclasses import replace

from drydock import command
from drydock.config import Image
from drydock.engines import engine as engines
from drydock.engines.scratch import LABEL
from drydock.errors import NotReady
from drydock.events import silent
from drydock.measures import dissection, inputs, oci
from drydock.proofs import application, settings, variant
from drydock.proofs.application import Context
from drydock.proofs.variant import Made
from drydock.proofs.workshop import Work, Workshop
from drydock.scenarios.trial import Trial


def look(shop: Workshop, work: Work, name: str) -> Made:
    """Build an image and take down what it is."""
    made = shop.build(work, name)
    if isinstance(made, str):
        return Made(name, made)
    image = work.copy.image(name)
    context = _context(image)
    sizes = {(image.context / path).stat().st_size for path in context.digests}
    seen = shop.docker("image", "inspect", image.tag)
    if not seen.ok:
        raise _unanswered(shop, seen.last_words)
    (told,) = json.loads(seen.out)
    runs = [one for one in work.model["services"] if shop.runs(work, one) == name]
    own = {one: settings.of(told["Config"], work.model["services"][one]) for one in runs}
    found = Made(
        name,
        settings=own or {"": settings.of(told["Config"], {})},
        files=_shipped(shop, image.tag, sizes),
        context=context,
        tag=image.tag,
    )
    return _weighed(shop, found, made)


def checked(shop: Workshop, tag: str) -> bool:
    """Whether an image has a health check."""
    seen = shop.docker("image", "inspect", "--format", "{{json .Config.Healthcheck}}", tag)
    if not seen.ok:  # docker has printed an empty line by then
        raise _unanswered(shop, seen.last_words)
    return "Test" in (json.loads(seen.out) or {})


def _context(image: Image) -> Context:
    rules = inputs.rules(inputs.ignore_file(image.context, image.dockerfile))
    tree = inputs.walk(image.context, rules)
    every = [path.relative_to(image.context).as_posix() for path in image.context.rglob("*") if path.is_file()]
    visible = frozenset(entry.path for entry in inputs.files(inputs.asked(tree, None)))
    return Context(application.digests(image.context, every), visible)


def _shipped(shop: Workshop, tag: str, sizes: set[int]) -> dict[str, str]:
    """The files of an image that may come from the context."""
    created = shop.docker("container", "create", "--label", f"{LABEL}={shop.mark}", tag, "true")
    name = created.out.strip()
    try:
        with command.start(["docker", "container", "export", name], env=shop.engine.environ) as child:
            return application.shipped(child.stdout, sizes) if child.stdout and created.ok else {}
    except tarfile.TarError as error:  # it is cut off
        raise _unanswered(shop, str(error)) from error
    finally:
        shop.docker("container", "rm", "--force", "--volumes", name)


def _unanswered(shop: Workshop, words: str) -> NotReady:
    """That an image cannot be looked at: the engine is gone, or what speaks with it was ended."""
    if engines.alive(shop.engine):
        return NotReady(f"an image under proof cannot be read: {words}", remedy="inv prove once more")
    return NotReady("the engine stopped in the middle of the proof", remedy="inv doctor --fix, then inv prove again")


def _weighed(shop: Workshop, made: Made, built: Trial) -> Made:
    references = [made.tag, *(base["reference"] for base in built.bases)]
    present = oci.inspect(shop.engine, references)
    if made.tag not in present:
        return made
    under = [present[one] for one in references[1:] if one in present]
    image = present[made.tag]
    measured, apart = dissection.known(shop.beside, shop.engine, [image], under, {}, silent)
    weight = oci.based(measured.sizes[made.tag], image, under, measured.weights)
    sizes = {name: getattr(weight, name) for name in ("pull_bytes", "disk_bytes", "own_bytes")}
    anatomy = apart[made.tag]
    is_read = anatomy.wasted_bytes is not None
    return replace(made, weight=sizes, packages=variant.packages(anatomy), is_read=is_read)

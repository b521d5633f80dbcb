"""Images taken apart, from their histories and from what is kept of their layers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from drydock import command
from drydock.config import Config
from drydock.engines.engine import Engine
from drydock.errors import Problem
from drydock.events import Note, Phase, Tell
from drydock.measures import anatomies, contents, ledger, oci, overlay, packages, stages
from drydock.measures.anatomy import Anatomy
from drydock.measures.oci import Measured, Present
from drydock.measures.stages import Origin


def dissect(
    config: Config, engine: Engine, image: Present, base: Present | None, measured: Measured, origin: Origin
) -> Anatomy:
    """An image over a base, all layers of which are measured.

    Where a layer was never read on this machine, the parts are left out.
    """
    history = measured.histories.get(image.reference) or oci.history(engine, image.reference)
    below = len(base.diff_ids) if base else 0
    shares = stages.shares(image.diff_ids, below, measured.weights, history, origin)
    if not all(contents.is_kept(config, diff_id) for diff_id in image.diff_ids):
        return Anatomy(shares)
    read = [found for diff_id in image.diff_ids if (found := contents.recall(config, diff_id))]
    if len(read) < len(image.diff_ids):
        return Anatomy(shares)
    tree = overlay.lay(read)
    return Anatomy(shares, packages.parts(tree, read, below), sum(body.size for body in tree.wasted()))


def known(
    config: Config,
    engine: Engine,
    images: Sequence[Present],
    bases: Sequence[Present],
    origins: Mapping[str, Origin],
    tell: Tell,
) -> tuple[Measured, dict[str, Anatomy]]:
    """What images weigh and are made of, by reference; what had to be found out for it is remembered.

    Layers of which only the weight was kept are read once more.
    """
    stored = {one.reference: anatomies.find(config, one.digest) for one in images}
    whole = {reference for reference, one in stored.items() if one and one.is_whole}
    needed = {diff_id for one in images if one.reference not in whole for diff_id in one.diff_ids}
    every = {diff_id for one in images for diff_id in one.diff_ids}
    weights = ledger.layers(config, every)
    usable = {name: one for name, one in weights.items() if name not in needed or contents.is_kept(config, name)}
    measured = oci.measure(engine, images, usable, lambda what: tell(Phase("weigh", what)), exact=True)
    contents.remember(config, (one.contents for one in measured.read))
    apart, fresh = dict[str, Anatomy](), dict[str, Anatomy]()
    for one in images:
        old = stored[one.reference]
        if old is None or one.reference not in whole:
            origin = origins.get(one.reference, Origin())
            new = dissect(config, engine, one, oci.under(one, bases), measured, origin)
            old = fresh[one.digest] = _as_built(new, old) if old else new
        apart[one.reference] = old
    _remember(config, measured, fresh, tell)
    return measured, apart


def _as_built(new: Anatomy, old: Anatomy) -> Anatomy:
    """What is known now, with instructions and stages as they were told when it was built."""
    pairs = zip(new.layers, old.layers, strict=True)
    layers = tuple(replace(now, instruction=was.instruction, stage=was.stage, line=was.line) for now, was in pairs)
    return replace(new, layers=layers)


def _remember(config: Config, measured: Measured, fresh: Mapping[str, Anatomy], tell: Tell) -> None:
    """Keep what was found out; a folder that cannot be written costs time at the next call, not this answer."""
    if command.is_dry() or not (measured.read or fresh):
        return
    try:
        ledger.append(config, (), [one.layer for one in measured.read], fresh)
    except Problem as problem:
        tell(Note(f"what images are made of is not remembered: {problem.message}", warning=True))

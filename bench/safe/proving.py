"""Safe fixes of some cases shown to hold: both variants built at once, compared, started, and removed again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bench.safe import baking, cases, imagefiles, starting, verdicts
from bench.safe.cases import AFTER, BEFORE, VARIANTS, Case, Written
from bench.safe.pairs import Batch, Pair, Shop
from bench.safe.verdicts import Result
from drydock.config import Image
from drydock.proofs import behaviour
from drydock.proofs.behaviour import Seen


def prove(shop: Shop, group: Sequence[Case]) -> tuple[list[Result], tuple[Mapping[str, str], ...]]:
    """What came of these cases, and the bases they were built on. Nothing of it is left on the engine."""
    pairs = [Pair(number, case, _on_disk(shop, number, case)) for number, case in enumerate(group)]
    batch = Batch(shop, pairs)
    images = {
        pair.key(variant, name): replace(
            image, tag=shop.tag(pair.key(variant, name)), tags=(), cache_from=(), cache_to=()
        )
        for pair in pairs
        for variant, written in pair.variants.items()
        for name, image in written.images.items()
    }
    try:
        outcome = baking.build(shop.settings, shop.engine, shop.folder, _request(shop, pairs, images))
        batch.troubles = outcome.troubles
        _look(batch)
        _start(batch)
        return [verdicts.judge(batch, pair) for pair in pairs], outcome.bases
    finally:
        tags = [shop.tag(pair.key(variant, name)) for pair in pairs for variant in VARIANTS for name in pair.shipped]
        shop.docker("image", "rm", *tags, shop.tag("base"))


def _on_disk(shop: Shop, number: int, case: Case) -> dict[str, Written]:
    folders = cases.write(case, shop.folder / str(number))
    repositories = {BEFORE: case.found, AFTER: case.fixed.repository}
    return {
        variant: cases.written(repositories[variant], folders[variant], shop.engine.environ) for variant in VARIANTS
    }


def _request(shop: Shop, pairs: Sequence[Pair], images: Mapping[str, Image]) -> baking.Request:
    shipped = {pair.key(variant, name) for pair in pairs for variant in VARIANTS for name in pair.shipped}
    repositories = {
        pair.key(variant, name): pair.case.defect.repository
        for pair in pairs
        for variant, written in pair.variants.items()
        for name in written.images
    }
    return baking.Request(images, set(images) - shipped, repositories, shop.tag("base"))


def _look(batch: Batch) -> None:
    """Ask for the configuration and the files of everything that was built in both variants."""
    shop = batch.shop
    keys = [pair.key(variant, name) for pair in batch.pairs for name in batch.built(pair) for variant in VARIANTS]
    tags = {shop.tag(key): key for key in keys}
    told = starting.configurations(shop.engine, list(tags))
    batch.configurations = {tags[tag]: one for tag, one in told.items()}
    batch.files = {tags[tag]: one for tag, one in imagefiles.read(shop.engine, list(tags)).items()} if tags else {}


def _start(batch: Batch) -> None:
    """Start what was built: together, but for cases whose compose file is fixed, which start in its own order.

    What does not run alike is started once more, with nothing beside it: a busy machine may have been too slow.
    """
    together, apart = list[Pair](), list[Pair]()
    for pair in batch.pairs:
        ordered = any(file.path in pair.case.changed for file in pair.case.found.composefiles)
        (apart if ordered else together).append(pair)
    batch.seen = _together(batch, together, batch.shop.mark)
    for pair in apart:
        batch.seen |= _ordered(batch, pair)
    for pair in together:
        if any(behaviour.worse(was, now) for was, now in batch.both(pair)):
            batch.seen |= _together(batch, [pair], f"{batch.shop.mark}-{pair.number}")


def _together(batch: Batch, pairs: Sequence[Pair], mark: str) -> dict[str, Seen]:
    services = [
        replace(one, name=pair.key(variant, one.name))
        for pair in pairs
        for variant in VARIANTS
        for one in batch.services(pair, variant)
    ]
    return starting.watch(batch.shop.engine, batch.shop.folder, mark, services)


def _ordered(batch: Batch, pair: Pair) -> dict[str, Seen]:
    seen = dict[str, Seen]()
    for variant in VARIANTS:
        services, mark = list(batch.services(pair, variant)), f"{batch.shop.mark}-{pair.key(variant, 'alone')}"
        found = starting.watch(batch.shop.engine, batch.shop.folder, mark, services, ordered=True)
        seen |= {pair.key(variant, name): one for name, one in found.items()}
    return seen

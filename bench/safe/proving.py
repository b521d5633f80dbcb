"""Safe fixes of some cases shown to hold: both variants built at once, compared, started, and removed again."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from bench.safe import baking, cases, comparing, imagefiles, starting
from bench.safe.cases import AFTER, BEFORE, VARIANTS, Case, Written
from bench.safe.imagefiles import Files
from drydock import command
from drydock.config import Config, Image
from drydock.engines.engine import Engine
from drydock.measures import inputs
from drydock.measures.inputs import Kind
from drydock.proofs import behaviour
from drydock.proofs.behaviour import Seen
from tests.defects import loader

SHOWN = 20  # differences of a case that are told


@dataclass(frozen=True)
class Result:
    """What came of a case. `images` are those that ship, `stages` the other targets.

    `trouble` says why it does not build before any fix, `broken` why it does not build after; `configuration`, `files`
    and `behaviour` what is another than before; `started` counts the services that ran before.
    """

    defect: str
    codes: tuple[str, ...]
    paths: tuple[str, ...]
    images: int
    stages: int
    trouble: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    configuration: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    services: int = 0
    started: int = 0
    behaviour: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing is worse than before."""
        return not (self.broken or self.configuration or self.files or self.behaviour)

    @property
    def plain(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Shop:
    """Where cases are built: the engine, a folder of its own, a mark in the names of all that is made here."""

    settings: Config
    engine: Engine
    folder: Path
    mark: str

    def docker(self, *words: str) -> command.Result:
        return command.run(["docker", *words], env=self.engine.environ)

    def tag(self, key: str) -> str:
        return f"drydock-safe-fix/{self.mark}:{key}"


@dataclass(frozen=True)
class Pair:
    """A case with both of its variants on disk, and the number that tells it from others."""

    number: int
    case: Case
    variants: Mapping[str, Written]

    def key(self, variant: str, name: str) -> str:
        """The name of one of its images among all."""
        return f"{self.number}-{variant}-{name}"

    @property
    def codes(self) -> tuple[str, ...]:
        return self.case.codes

    @property
    def shipped(self) -> list[str]:
        return sorted(self.variants[BEFORE].shipped)


@dataclass
class Batch:
    """Some cases built at once, with what is known of their images by key."""

    shop: Shop
    pairs: list[Pair]
    troubles: Mapping[str, str] = field(default_factory=dict)
    configurations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    files: Mapping[str, Files] = field(default_factory=dict)
    seen: dict[str, Seen] = field(default_factory=dict)

    def built(self, pair: Pair) -> list[str]:
        """The names of the images of a pair that ship and are built in both variants."""
        keys = {name: [pair.key(variant, name) for variant in VARIANTS] for name in pair.shipped}
        return [name for name, both in keys.items() if not any(key in self.troubles for key in both)]


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
        return [_result(batch, pair) for pair in pairs], outcome.bases
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
        if any(behaviour.worse(was, now) for was, now in _both(batch, pair)):
            batch.seen |= _together(batch, [pair], f"{batch.shop.mark}-{pair.number}")


def _together(batch: Batch, pairs: Sequence[Pair], mark: str) -> dict[str, Seen]:
    services = [
        replace(one, name=pair.key(variant, one.name))
        for pair in pairs
        for variant in VARIANTS
        for one in _services(batch, pair, variant)
    ]
    return starting.watch(batch.shop.engine, batch.shop.folder, mark, services)


def _ordered(batch: Batch, pair: Pair) -> dict[str, Seen]:
    seen = dict[str, Seen]()
    for variant in VARIANTS:
        services, mark = list(_services(batch, pair, variant)), f"{batch.shop.mark}-{pair.key(variant, 'alone')}"
        found = starting.watch(batch.shop.engine, batch.shop.folder, mark, services, ordered=True)
        seen |= {pair.key(variant, name): one for name, one in found.items()}
    return seen


def _both(batch: Batch, pair: Pair) -> list[tuple[Seen, Seen]]:
    """What was seen of each service of a pair before the fixes and after, under one name."""
    keys = [(one.name, pair.key(BEFORE, one.name)) for one in _services(batch, pair, BEFORE)]
    after = {name: batch.seen.get(pair.key(AFTER, name), Seen(name, "not there")) for name, _ in keys}
    return [(batch.seen[key], replace(after[name], service=key)) for name, key in keys if key in batch.seen]


def _services(batch: Batch, pair: Pair, variant: str) -> Iterator[starting.Started]:
    """The services of a variant that run what was built, and images that no service runs."""
    built, written = batch.built(pair), pair.variants[variant]
    for name, service, owner in written.services:
        if owner in built:
            key = pair.key(variant, owner)
            yield starting.Started(name, service, batch.shop.tag(key), batch.configurations[key])
    for name in set(built) - {owner for _, _, owner in written.services}:
        key = pair.key(variant, name)
        yield starting.Started(name, {}, batch.shop.tag(key), batch.configurations[key])


def _result(batch: Batch, pair: Pair) -> Result:
    before, after = (pair.variants[variant] for variant in VARIANTS)
    trouble = [f"{name}: {why}" for name in before.images if (why := batch.troubles.get(pair.key(BEFORE, name)))]
    broken = [
        f"{name}: {batch.troubles.get(pair.key(AFTER, name)) or 'it is gone'}"
        for name in before.images
        if pair.key(BEFORE, name) not in batch.troubles
        and (name not in after.images or pair.key(AFTER, name) in batch.troubles)
    ]
    broken += [note for note in after.notes if note not in before.notes]
    seen = _both(batch, pair)
    return Result(
        pair.case.defect.id,
        pair.codes,
        pair.case.changed,
        len(before.shipped),
        len(before.images) - len(before.shipped),
        tuple(trouble) + before.notes,
        tuple(broken),
        tuple(_configured(batch, pair)),
        tuple(_shipped(batch, pair))[:SHOWN],
        len(seen),
        sum(was.is_up for was, _ in seen),
        tuple(reason for was, now in seen for reason in behaviour.worse(was, now)),
    )


def _configured(batch: Batch, pair: Pair) -> Iterator[str]:
    """What is another in the configuration of an image alone, and with each service that runs it."""
    services = {
        variant: {name: (service, owner) for name, service, owner in pair.variants[variant].services}
        for variant in VARIANTS
    }
    runs: list[tuple[str, dict[str, Mapping[str, Any]]]] = [(name, {}) for name in batch.built(pair)]
    for name, (_, owner) in services[BEFORE].items():
        if owner in batch.built(pair):
            runs.append((owner, {one: services[one].get(name, ({}, ""))[0] for one in VARIANTS}))
    found = dict[str, None]()
    for name, told in runs:
        was, now = (
            comparing.configuration(batch.configurations[pair.key(one, name)], told.get(one, {})) for one in VARIANTS
        )
        found |= dict.fromkeys(f"{name}: {one.words}" for one in comparing.settings_changed(was, now, pair.codes))
    yield from found


def _shipped(batch: Batch, pair: Pair) -> Iterator[str]:
    compiles = pair.case.defect.repository in loader.NOT_ON_STANDINS
    for name in batch.built(pair):
        was, now = (batch.files[pair.key(variant, name)] for variant in VARIANTS)
        hidden = _visible(pair.variants[BEFORE].images[name]) - _visible(pair.variants[AFTER].images[name])
        for line in comparing.files_changed(was, now, pair.codes, pair.case.fixed.changed, hidden, compiles=compiles):
            yield f"{name}: {line}"


def _visible(image: Image) -> set[tuple[str, str]]:
    """What a build can see: paths below the context, and digests, "" for folders."""
    tree = inputs.walk(image.context, inputs.rules(inputs.ignore_file(image.context, image.dockerfile)))
    files = {(one.path, _digest(image.context / one.path)) for one in inputs.files(tree.entries)}
    return files | {(one.path, "") for one in tree.entries if one.kind is Kind.FOLDER}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

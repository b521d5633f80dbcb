"""What came of a case: whether it still builds, and what of it is another than before any fix."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.safe import comparing
from bench.safe.cases import AFTER, BEFORE, VARIANTS
from bench.safe.pairs import Batch, Pair
from drydock.config import Image
from drydock.measures import inputs
from drydock.measures.inputs import Kind
from drydock.proofs import behaviour
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


def judge(batch: Batch, pair: Pair) -> Result:
    """What came of a pair that was built and started."""
    before, after = (pair.variants[variant] for variant in VARIANTS)
    trouble = [f"{name}: {why}" for name in before.images if (why := batch.troubles.get(pair.key(BEFORE, name)))]
    broken = [
        f"{name}: {batch.troubles.get(pair.key(AFTER, name)) or 'it is gone'}"
        for name in before.images
        if pair.key(BEFORE, name) not in batch.troubles
        and (name not in after.images or pair.key(AFTER, name) in batch.troubles)
    ]
    broken += [note for note in after.notes if note not in before.notes]
    seen = batch.both(pair)
    return Result(
        pair.case.defect.id,
        pair.case.codes,
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
    """What is another in the configuration of an image alone, and in that of each service."""
    built = batch.built(pair)
    was, now = ({name: (service, owner) for name, service, owner in pair.variants[one].services} for one in VARIANTS)
    asked: list[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]] = [(name, name, {}, {}) for name in built]
    for name, (service, owner) in was.items():
        if owner in built or not owner:
            asked.append((name, owner, service, now[name][0] if name in now else {}))
    found = dict[str, None]()
    for name, image, then, later in asked:
        before, after = (batch.configurations.get(pair.key(variant, image), {}) for variant in VARIANTS)
        told = comparing.configuration(before, then), comparing.configuration(after, later)
        found |= dict.fromkeys(f"{name}: {one.words}" for one in comparing.settings_changed(*told, pair.case.codes))
    yield from found


def _shipped(batch: Batch, pair: Pair) -> Iterator[str]:
    """Which of the files of its images are others."""
    compiles = pair.case.defect.repository in loader.NOT_ON_STANDINS
    for name in batch.built(pair):
        was, now = (batch.files[pair.key(variant, name)] for variant in VARIANTS)
        hidden = _visible(pair.variants[BEFORE].images[name]) - _visible(pair.variants[AFTER].images[name])
        for line in comparing.files_changed(
            was, now, pair.case.codes, pair.case.fixed.changed, hidden, compiles=compiles
        ):
            yield f"{name}: {line}"


def _visible(image: Image) -> set[tuple[str, str]]:
    """What a build can see: paths below the context, and digests, "" for folders."""
    tree = inputs.walk(image.context, inputs.rules(inputs.ignore_file(image.context, image.dockerfile)))
    files = {(one.path, _digest(image.context / one.path)) for one in inputs.files(tree.entries)}
    return files | {(one.path, "") for one in tree.entries if one.kind is Kind.FOLDER}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

"""Cases with both of their variants on disk, and what is known of their images once these are built and started."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench.safe.cases import AFTER, BEFORE, VARIANTS, Case, Written
from bench.safe.imagefiles import Files
from bench.safe.starting import Started
from drydock import command
from drydock.config import Config
from drydock.engines.engine import Engine
from drydock.proofs.behaviour import Seen


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

    def services(self, pair: Pair, variant: str) -> Iterator[Started]:
        """The services of a variant that run what was built, and images that no service runs."""
        built, written = self.built(pair), pair.variants[variant]
        for name, service, owner in written.services:
            if owner in built:
                key = pair.key(variant, owner)
                yield Started(name, service, self.shop.tag(key), self.configurations[key])
        for name in set(built) - {owner for _, _, owner in written.services}:
            key = pair.key(variant, name)
            yield Started(name, {}, self.shop.tag(key), self.configurations[key])

    def both(self, pair: Pair) -> list[tuple[Seen, Seen]]:
        """What was seen of each service of a pair before the fixes and after, under one name."""
        keys = [(one.name, pair.key(BEFORE, one.name)) for one in self.services(pair, BEFORE)]
        after = {name: self.seen.get(pair.key(AFTER, name), Seen(name, "not there")) for name, _ in keys}
        return [(self.seen[key], replace(after[name], service=key)) for name, key in keys if key in self.seen]

"""`inv cache`: what BuildKit's cache mounts and layers hold, per image, and trimming them."""

from collections.abc import Mapping
from dataclasses import field
from functools import partial
from typing import Any

from drydock import command, dockerfile
from drydock.bases import archives, standins
from drydock.bases.archives import Archive
from drydock.builds import accounts, buildcache
from drydock.builds.buildcache import Kind, Record
from drydock.builds.worth import Account
from drydock.config import Config
from drydock.engines import engine, probe
from drydock.engines.engine import Engine
from drydock.errors import Failed, Misuse
from drydock.events import Note, Phase, Tell
from drydock.services import compose
from drydock.text import human_bytes, read_bytes, table
from drydock.values import dataclass

OTHERS = "(others)"
RENAMED = (0, 17)  # where buildx calls --keep-storage --reserved-space


@dataclass(frozen=True)
class Report:
    """Records of the cache, whose they are, and archives of stand-ins; `freed` in bytes after trimming, else None.

    `outside` are the accounts of caches that images keep outside the engine.
    """

    records: tuple[Record, ...]
    owners: Mapping[str, tuple[str, ...]]
    archives: tuple[Archive, ...] = ()
    outside: Mapping[str, Account] = field(default_factory=dict)
    freed: int | None = None
    code: int = 0

    def document(self) -> dict[str, Any]:
        mounts = [
            {"target": one.what, "id": one.mount_id, "bytes": one.size, "images": list(self.owners[one.id])}
            | {"last_used": one.last_used}
            for one in self._kind(Kind.MOUNT)
        ]
        layers = [
            {"instruction": one.what, "bytes": one.size, "images": list(self.owners[one.id]), "shared": one.shared}
            | {"last_used": one.last_used}
            for one in self._kind(Kind.LAYER)
        ]
        totals = {kind.value: sum(one.size for one in self._kind(kind)) for kind in Kind}
        totals["all"] = sum(totals.values())
        archives = [{"holds": one.holds, "bytes": one.size, "superseded": one.superseded} for one in self.archives]
        shown = {"mounts": mounts, "layers": layers, "images": self._images(), "archives": archives}
        outside = {name: {**one.document(), "verdict": one.verdict.value} for name, one in self.outside.items()}
        return {**shown, "bytes": totals, "outside": outside, "freed": self.freed}

    def text(self) -> str:
        rows = [
            [image, human_bytes(held["mounts"]), human_bytes(held["layers"]), str(held["records"])]
            for image, held in self._images().items()
        ]
        mounts = [[one.what, human_bytes(one.size), self._whose(one), one.last_used] for one in self._kind(Kind.MOUNT)]
        totals = {kind: sum(one.size for one in self._kind(kind)) for kind in Kind}
        parts = [table(("image", "mounts", "layers", "records"), rows, right=(1, 2, 3))]
        if mounts:
            parts.append(table(("cache mount", "size", "image", "last used"), mounts, right=(1,)))
        parts.append(
            f"total {human_bytes(sum(totals.values()))}: mounts {human_bytes(totals[Kind.MOUNT])}, "
            f"layers {human_bytes(totals[Kind.LAYER])}, contexts {human_bytes(totals[Kind.CONTEXT])}, "
            f"bases {human_bytes(totals[Kind.BASE])}"
        )
        if self.archives:
            parts.append(self._kept())
        if self.outside:
            parts.append("\n".join(one.words(name) for name, one in self.outside.items()))
        if self.freed is not None:
            parts.append(f"freed {human_bytes(self.freed)}")
        return "\n\n".join(parts)

    def _kept(self) -> str:
        old = sum(one.size for one in self.archives if one.superseded)
        words = f"archives of stand-ins {human_bytes(sum(one.size for one in self.archives))}"
        return words + (f", of which {human_bytes(old)} superseded (inv cache --prune removes them)" if old else "")

    def _kind(self, kind: Kind) -> list[Record]:
        return sorted((one for one in self.records if one.kind is kind), key=lambda one: -one.size)

    def _whose(self, record: Record) -> str:
        return ", ".join(self.owners.get(record.id, ())) or OTHERS

    def _images(self) -> dict[str, dict[str, int]]:
        """Bytes of mounts and layers by image; what several images share stands under all their names."""
        held: dict[str, dict[str, int]] = {}
        for one in (*self._kind(Kind.LAYER), *self._kind(Kind.MOUNT)):
            row = held.setdefault(self._whose(one), {"mounts": 0, "layers": 0, "records": 0})
            row[f"{one.kind.value}s"] += one.size
            row["records"] += 1
        return dict(sorted(held.items(), key=lambda item: (item[0] == OTHERS, item[0])))


def run(config: Config, *, prune: bool = False, keep: str = "", retry: bool = False, tell: Tell) -> Report:
    """Show the cache; with `prune`, trim it first, down to `keep` (a size such as 2GB; default nothing).

    Archives of stand-ins that another recipe has superseded are removed as well. With `retry`, what caches outside the
    engine took and saved is forgotten, so that those are used again that did not pay.
    """
    if keep and not prune:
        raise Misuse("--keep is for trimming", remedy="inv cache --prune --keep SIZE")
    try:
        limit = read_bytes(keep) if keep else 0
    except ValueError as error:
        raise Misuse(f"--keep: {error}", remedy="inv cache --prune --keep 2GB") from error
    found = engine.find(config)
    recipe_of = partial(standins.recipe_behind, config)
    if retry and not command.withheld(config.ledger):
        accounts.keep(config, {}, tell)
    outside = accounts.load(config)
    before = _records(found)
    if prune:
        _trim(found, limit, tell)
    if not prune or command.is_dry():
        return Report(before, _owners(config, found, before, tell), archives.listed(config, recipe_of), outside)
    after = _records(found)
    freed = max(0, sum(one.size for one in before) - sum(one.size for one in after))
    freed += archives.prune(config, recipe_of)
    return Report(after, _owners(config, found, after, tell), archives.listed(config, recipe_of), outside, freed)


def _records(found: Engine) -> tuple[Record, ...]:
    result = command.run(["docker", "buildx", "du", "--verbose"], env=found.environ, timeout=60)
    if not result.ok:
        raise Failed(f"the cache cannot be listed: {result.last_words}", remedy="docker buildx du")
    return buildcache.parse(result.out)


def _owners(config: Config, found: Engine, records: tuple[Record, ...], tell: Tell) -> dict[str, tuple[str, ...]]:
    files = {}
    try:
        for image in compose.images(config, found.environ):
            files[image.name] = dockerfile.parse(image.dockerfile.read_text(encoding="utf-8"), str(image.dockerfile))
    except (Misuse, OSError) as error:  # the cache can be shown and trimmed whatever the repository is like
        tell(Note(f"not told by image: {error}", warning=True))
    return buildcache.owners(records, files)


def _trim(found: Engine, limit: int, tell: Tell) -> None:
    tell(Phase("cache", "trimming"))
    flag = "--reserved-space" if probe.release(found.buildx) >= RENAMED else "--keep-storage"
    keep = [flag, str(limit)] if limit else []
    argv = ["docker", "buildx", "prune", "--force", *([] if limit else ["--all"]), *keep]
    result = command.run(argv, env=found.environ, changes=True)
    if not result.ok:
        raise Failed(f"the cache cannot be trimmed: {result.last_words}", remedy="docker buildx prune")
    if not command.is_dry():
        tell(Phase("cache", "trimmed", result.seconds))

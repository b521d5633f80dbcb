"""Seeded defects with what safe mode makes of them, as pairs of folders and the images that are built from these."""

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from drydock import config
from drydock.audit import fixing, tree
from drydock.audit.fixing import Fixed
from drydock.audit.repository import Repository
from drydock.config import Image
from drydock.errors import Misuse
from drydock.proofs.workshop import SYNTAX
from drydock.rules import RULES
from drydock.services import compose
from drydock.services import model as services
from tests.defects import loader, tables
from tests.defects.values import Defect

BEFORE, AFTER = "before", "after"
VARIANTS = (BEFORE, AFTER)
NO_BUILD = ".github/"  # where what is changed enters no build


@dataclass(frozen=True)
class Case:
    """A defect, its repository as it is found, and as safe mode leaves it."""

    defect: Defect
    found: Repository
    fixed: Fixed

    @property
    def changed(self) -> tuple[str, ...]:
        """The files that enter a build and that safe mode changes: Dockerfiles, ignore files, compose files."""
        return tuple(path for path in self.fixed.changed if not path.startswith(NO_BUILD))

    @property
    def codes(self) -> tuple[str, ...]:
        """The rules whose fixes these are."""
        return tuple(sorted({one.code for one in self.fixed.mended}))


@dataclass(frozen=True)
class Written:
    """One variant of a case on disk: its images, which of them ship, and the services of its compose files.

    `services` holds (name, service of the resolved model, image that it runs); `notes` says what cannot be built.
    """

    root: Path
    images: Mapping[str, Image]
    shipped: frozenset[str]
    services: tuple[tuple[str, Mapping[str, Any], str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class _Found:
    images: dict[str, Image] = field(default_factory=dict)
    services: list[tuple[str, Mapping[str, Any], str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def cases(defects: Sequence[Defect] = tables.DEFECTS) -> tuple[Case, ...]:
    """The defects in the order of their repositories, fixed in memory on the day that the tables are made for."""
    ordered = sorted(defects, key=lambda one: one.repository)
    repositories = ((one, Repository(tree.of(loader.files(one)), today=tables.TODAY)) for one in ordered)
    return tuple(Case(one, found, fixing.fix(found, RULES)) for one, found in repositories)


def write(case: Case, folder: Path) -> dict[str, Path]:
    """Both variants as folders that differ in what was fixed, and in nothing else: the history is the same too."""
    before, after = folder / BEFORE, folder / AFTER
    loader.write(loader.files(case.defect), before)
    shutil.copytree(before, after, symlinks=True)
    for path in case.fixed.changed:
        (after / path).parent.mkdir(parents=True, exist_ok=True)
        (after / path).write_bytes(case.fixed.repository.tree.read(path))
    return {BEFORE: before, AFTER: after}


def written(repository: Repository, root: Path, environ: Mapping[str, str]) -> Written:
    """Everything that can be built of a variant: what compose files name, Dockerfiles that none names, every stage.

    A stage that nobody ships is built to see that it does; its image is looked at no further.
    """
    found = _Found()
    for compose_file in repository.composefiles:
        if not compose_file.is_override:
            _add_services(found, root, compose_file.path, environ)
    named = {image.dockerfile for image in found.images.values()}
    for file in repository.buildfiles:
        if root / file.path not in named:
            for context in file.contexts:
                name = _plain(f"{file.path} {context.folder}")
                found.images[name] = Image(name, root / context.folder, root / file.path, name)
    shipped = frozenset(found.images)
    for file in repository.buildfiles:
        own = [found.images[name] for name in sorted(shipped) if found.images[name].dockerfile == root / file.path]
        for stage in file.file.stages:
            if own and stage.name and stage.name not in {image.target for image in own}:
                name = _plain(f"{file.path} stage {stage.name}")
                found.images[name] = replace(own[0], name=name, tag=name, tags=(), target=stage.name)
    for image in found.images.values():
        _use_own_frontend(image.dockerfile)
    return Written(root, found.images, shipped, tuple(found.services), tuple(found.notes))


def _add_services(found: _Found, root: Path, path: str, environ: Mapping[str, str]) -> None:
    here = replace(config.load(root, {**environ, **loader.ASKED_FOR}), compose=root / path)
    try:
        model = compose.model(here, here.environ)
        images = services.images(model, root)
    except Misuse as problem:
        found.notes.append(problem.message.replace(f"{root}/", ""))
        return
    owners = {image.tag: image.name for image in images}
    found.images |= {image.name: image for image in images}
    for name, service in model["services"].items():
        owner = name if "build" in service else owners.get(services.plain(service.get("image") or ""), "")
        found.services.append((name, service, owner))


def _use_own_frontend(dockerfile: Path) -> None:
    """Take a `# syntax=` line out of a copy: no registry has to answer for its frontend, and the engine has one."""
    if dockerfile.is_file() and (asked := SYNTAX.match(text := dockerfile.read_bytes())):
        dockerfile.write_bytes(text.replace(asked[0], asked[0].replace(b"syntax", b"without"), 1))


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")

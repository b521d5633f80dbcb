"""Where proofs are made: scratch copies of a repository, built and looked at on the engine, gone in the end."""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from drydock import command, config, files
from drydock.bases import bases
from drydock.builds import guarding
from drydock.builds.guarding import Limits
from drydock.config import Config, Image
from drydock.engines import engine as engines
from drydock.engines import scratch
from drydock.engines.engine import Engine
from drydock.engines.scratch import Scratch
from drydock.errors import Misuse, Problem
from drydock.events import Event, Tell, Trouble, silent
from drydock.proofs import confining, foreign
from drydock.scenarios import copies, trial
from drydock.scenarios.copies import Copy
from drydock.scenarios.trial import Trial
from drydock.services import choice, compose
from drydock.services import model as services
from drydock.values import dataclass

BUILD_SECONDS = 1800.0  # that one build may take
SYNTAX = re.compile(rb"#[ \t]*syntax[ \t]*=[ \t]*(\S+)", re.IGNORECASE)  # counts on the first line only
UNKNOWN = re.compile(r"env file (.+) not found")  # what compose says of an env_file that is not there


@dataclass(frozen=True)
class Work:
    """A scratch copy of the repository: its images under tags of their own, and its resolved compose model."""

    copy: Copy
    model: Mapping[str, Any]
    named: Mapping[str, str]  # the tag that the compose file gives an image -> its name


@dataclass
class Workshop:
    """The place of one proof; whatever is made here is removed when it is closed."""

    config: Config
    place: Scratch
    tell: Tell
    seconds: float = BUILD_SECONDS
    under: dict[str, Mapping[str, str]] = field(default_factory=dict)
    values: set[tuple[str, str]] = field(default_factory=set)  # variables of services, as name and value
    notes: dict[str, str] = field(default_factory=dict)  # by image or file: what is other than in the repository
    _had: dict[str, str] = field(default_factory=dict)
    _copies: int = 0

    @cached_property
    def limits(self) -> Limits:
        """What each build may use up."""
        return guarding.limits(self.engine, self.seconds)

    @property
    def engine(self) -> Engine:
        return self.place.engine

    @property
    def folder(self) -> Path:
        return self.place.folder

    @property
    def mark(self) -> str:
        return self.place.mark

    @property
    def inline(self) -> Path:
        """Where the Dockerfiles lie that a compose file holds."""
        return self.folder / "inline"

    def copy(self, name: str, changed: Mapping[str, bytes]) -> Work:
        """A copy of what git knows of the repository and of what is new and not ignored, with some files changed.

        Raises Misuse for a compose file that compose rejects, and where there is nothing to build.
        """
        self._copies += 1
        root = self.folder / f"{name}-{self._copies}" / (self.config.root.name or "repository")
        copies.copy_folder(self.config.root, root, self.config.environ)
        for path, data in changed.items():
            files.replace_below(root, path, data)
        here = config.load(root, self.config.environ)
        model = self._model(here)
        for service in model["services"].values():
            given = service.get("environment") or {}
            self.values.update((name, services.plain(value)) for name, value in given.items() if value is not None)
        images = compose.built(model, self.inline)
        if not images:  # a compose file that builds nothing starts nothing that is under proof
            images = services.found(root)
            model = {"name": root.name, "services": {image.name: {"build": {}} for image in images}}
        if not images:
            raise Misuse("nothing to build: no Dockerfile, and no service that is built", remedy="give --root PATH")
        for image in images:
            self._use_own_frontend(image, root)
        tagged = tuple(self._tagged(self._confined(image, root), name) for image in images)
        return Work(Copy(name, root, tagged), model, {image.tag: image.name for image in images})

    def build(self, work: Work, name: str) -> Trial | str:
        """Build an image of a copy; why it cannot be built, where that is so."""
        image = work.copy.image(name)
        if outside := confining.outside(image, work.copy.root, self.inline):
            return outside
        told = list[Trouble]()

        def hear(event: Event) -> None:
            if isinstance(event, Trouble):
                told.append(event)

        try:
            return self.made(work.copy, name, hear)
        except Problem as problem:
            if not engines.alive(self.engine):
                raise
            words = [told[-1].text, *told[-1].lines[-1:]] if told else [problem.message]
            return ": ".join(words).removeprefix(f"{name}: ")

    def made(self, copy: Copy, name: str, tell: Tell) -> Trial:
        """Build an image of a copy within the limits, and know of what that left and what it rests on."""
        with self.place.making([copy.image(name).tag]):
            made = trial.build(self.beside, self.engine, copy, (name,), tell, limits=self.limits)
        self.place.took(made.digests.values())
        self.under.update({base["name"]: base for base in made.bases})
        return made

    def runs(self, work: Work, service: str) -> str:
        """The image built here that a service runs; "" where it runs another."""
        told = work.model["services"][service]
        if "build" in told:
            return service
        return work.named.get(services.plain(told.get("image") or ""), "")

    def forget(self, work: Work) -> None:
        """Remove a copy that is no longer needed."""
        shutil.rmtree(work.copy.root.parent, ignore_errors=True)

    def _model(self, here: Config) -> Mapping[str, Any]:
        """The resolved model of a copy; what compose says against it names no folder of ours.

        An `env_file` that git does not know is there, empty, only while compose reads: no build may take it.
        """
        if not here.compose:
            return {"name": here.root.name, "services": {}}
        try:
            found, left = foreign.without(compose.model(here, self.engine.environ), here, self.engine.environ)
            self.notes.update((words, words) for words in left)
            return found
        except Misuse as problem:
            lacking = _lacking(here.root, problem.message)
            if lacking is None:
                raise Misuse(_relative(problem.message, here.root), remedy=problem.remedy) from problem
        name = lacking.relative_to(here.root).as_posix()
        self.notes[name] = f"{name} is taken as empty: git does not know it, so its values are not under proof"
        files.replace(lacking, "")
        try:
            return self._model(here)
        finally:
            lacking.unlink()

    def _use_own_frontend(self, image: Image, root: Path) -> None:
        """Take the `# syntax=` line out of a copy where its frontend cannot be had: the engine has one of its own."""
        if confining.outside(image, root, self.inline) or not image.dockerfile.is_file():
            return  # the build says so
        text = image.dockerfile.read_bytes()
        asked = SYNTAX.match(text)
        if asked and not self.reference(asked[1].decode("ascii", "replace")):
            files.replace(image.dockerfile, text.replace(asked[0], asked[0].replace(b"syntax", b"without"), 1))
            self.notes[image.name] = (
                f"{image.name}: its # syntax= line is left out, since that frontend cannot be had here"
            )

    def reference(self, name: str) -> str:
        """What serves for an image from outside, "" where it cannot be had; asked once."""
        if name not in self._had:
            try:
                (base,) = bases.resolve(self.beside, self.engine, (name,), silent)
                self._had[name] = base.reference
            except Problem:
                self._had[name] = ""
        return self._had[name]

    def _confined(self, image: Image, root: Path) -> Image:
        confined, left = confining.confine(image, root)
        for words in left:
            self.notes[f"{image.name} {words}"] = f"{image.name}: {words} is left out"
        return confined

    def _tagged(self, image: Image, variant: str) -> Image:
        tag = f"drydock-proof/{copies.plain(image.name)}:{variant}-{self.mark}"
        return replace(image, tag=tag, tags=(), cache_from=(), cache_to=(), platforms=image.platforms[:1])

    @property
    def beside(self) -> Config:
        """The configuration with state of its own, so that nothing is recorded of the repository."""
        return replace(self.config, root=self.folder / "state", compose=None)

    def docker(self, *words: str) -> command.Result:
        """What the engine says to a command."""
        return command.run(["docker", *words], env=self.engine.environ)


@contextmanager
def opened(config: Config, engine: Engine, tell: Tell, seconds: float = BUILD_SECONDS) -> Iterator[Workshop]:
    """A workshop in a folder that goes away with all that was made in it."""
    with scratch.opened(config, engine, "proof", tell) as place:
        (place.folder / "state").mkdir()
        yield Workshop(config, place, tell, seconds)


def _relative(words: str, root: Path) -> str:
    """A message that names paths as seen from the repository: nobody knows where its copies lie."""
    return words.replace(f"{root}/", "").replace(f"{root.parent}/", "../")


def _lacking(root: Path, said: str) -> Path | None:
    """The env_file below a folder of whose absence compose speaks, None where it speaks of something else."""
    told = UNKNOWN.search(said)
    path = Path(told[1]) if told else root
    return path if path.resolve().is_relative_to(root.resolve()) and not path.exists() else None


def names(work: Work, wanted: Sequence[str]) -> tuple[str, ...]:
    """The images of a copy that are asked for, all by default; Misuse for one that is not there."""
    known = [image.name for image in work.copy.images]
    asked = choice.chosen(known, wanted, "prove")
    return tuple(name for name in known if name in asked)

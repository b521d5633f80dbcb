"""A Dockerfile of the repository: parsed once, with what holds at each instruction and where it is built. Pure."""

import posixpath
from functools import cached_property

from drydock import ancestry
from drydock.audit import installs, shell, situation
from drydock.audit.context import Context
from drydock.audit.finding import Fix, Found
from drydock.audit.installs import Install
from drydock.audit.shell import Command
from drydock.audit.situation import Situation
from drydock.audit.source import Source
from drydock.dockerfile import Dockerfile, Instruction, Stage
from drydock.values import dataclass


@dataclass(frozen=True)
class BuildFile:
    """A Dockerfile; `contexts` are the folders it is built in, `targets` the stages that are asked for by name."""

    source: Source
    file: Dockerfile
    contexts: tuple[Context, ...]
    targets: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def context(self) -> Context:
        """The folder it is built in; the first, where there are several."""
        return self.contexts[0]

    @cached_property
    def shipped(self) -> tuple[Stage, ...]:
        """The stages that become images: those asked for by name, else the last."""
        named = [self.file.stage(target) for target in self.targets]
        return tuple(dict.fromkeys(stage for stage in named if stage)) or self.file.stages[-1:]

    def lineage(self, stage: Stage) -> tuple[Stage, ...]:
        """A stage and those of this file that it rests on, itself first."""
        return self._lineages[stage.index]

    def rests(self, stage: Stage, other: Stage) -> bool:
        """Whether a stage is another one of this file, or rests on it."""
        return any(one.index == other.index for one in self.lineage(stage))

    def feeds(self, stage: Stage) -> bool:
        """Whether a later stage takes something out of it: it builds for that one, even if somebody runs it."""
        takers = (spot for spot in self.spots("COPY") if spot.stage.index > stage.index)
        names = (one.filled(one.one.flag("from") or "") for one in takers)
        return any(self.file.stage(name) is stage for name in names if name)

    def base(self, stage: Stage) -> str:
        """What its FROM names, "" where that cannot be told."""
        return situation.base_of(self.file, stage)

    def before(self, one: Instruction) -> Situation:
        """What holds when an instruction runs."""
        return self._situations[0][one.start]

    def end(self, stage: Stage) -> Situation:
        """What holds at the end of a stage: what its image says."""
        return self._situations[1][stage.index]

    def result(self, target: str) -> Situation | None:
        """What the image of a target says; None where there is no such stage."""
        stage = self.file.goal(target)
        return self.end(stage) if stage else None

    def spots(self, *keywords: str) -> tuple["Spot", ...]:
        """Its instructions of these kinds, in the order of the file."""
        if keywords not in self._chosen:
            self._chosen[keywords] = tuple(spot for spot in self._spots if spot.one.keyword in keywords)
        return self._chosen[keywords]

    def spots_of(self, stage: Stage) -> tuple["Spot", ...]:
        """The instructions of a stage, its FROM first."""
        return tuple(spot for spot in self._spots if spot.stage.index == stage.index)

    def found(self, one: Instruction, message: str, fix: Fix | None = None, *, declined: str = "") -> Found:
        """A finding at an instruction."""
        return Found(self.source, one.start, message, fix, declined)

    @cached_property
    def _situations(self) -> tuple[dict[int, Situation], dict[int, Situation]]:
        return situation.situations(self.file)

    @cached_property
    def _lineages(self) -> tuple[tuple[Stage, ...], ...]:
        return tuple(ancestry.lineage(self.file, stage, {}) for stage in self.file.stages)

    @cached_property
    def _chosen(self) -> dict[tuple[str, ...], tuple["Spot", ...]]:
        return {}

    @cached_property
    def _spots(self) -> tuple["Spot", ...]:
        return tuple(Spot(self, stage, one) for stage in self.file.stages for one in stage.instructions)


@dataclass(frozen=True)
class Spot:
    """An instruction in its Dockerfile."""

    file: BuildFile
    stage: Stage
    one: Instruction

    @property
    def source(self) -> Source:
        return self.file.source

    @property
    def situation(self) -> Situation:
        """What holds before it runs."""
        return self.file.before(self.one)

    def filled(self, word: str) -> str:
        """A word as this instruction takes it: quotes off, variables filled in."""
        return situation.filled(word, self.situation, self.file.file.escape)

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        """The commands of a RUN, CMD or ENTRYPOINT."""
        if self.one.keyword not in ("RUN", "CMD", "ENTRYPOINT"):
            return ()
        return shell.commands(self.one, self.file.file.escape)

    @cached_property
    def installs(self) -> tuple[Install, ...]:
        """Those of its commands that install packages."""
        return tuple(installs.of(self.commands))

    @cached_property
    def context_sources(self) -> tuple[str, ...]:
        """The sources of a COPY or ADD that lie in the build's own context, variables filled in."""
        if self.one.keyword not in ("COPY", "ADD") or self.one.flag("from"):
            return ()
        words = (self.filled(one) for one in self.one.sources())
        return tuple(posixpath.normpath(word.lstrip("/") or ".") for word in words)

    @property
    def later(self) -> tuple["Spot", ...]:
        """The instructions of its stage behind it."""
        return tuple(one for one in self.file.spots_of(self.stage) if one.one.start > self.one.start)

    @property
    def sender(self) -> Stage | None:
        """The stage that a COPY takes from, if it is one."""
        name = self.filled(self.one.flag("from") or "")
        return self.file.file.earlier(self.stage, name, numbered=True)

    @property
    def body(self) -> int:
        """Where the command of a RUN begins, behind its flags."""
        return shell.body_start(self.one, self.file.file.escape)

    @property
    def earlier(self) -> tuple["Spot", ...]:
        """The instructions of its stage before it, and those of the stages it rests on; the nearest first."""
        stages = {stage.index for stage in self.file.lineage(self.stage)}
        spots = [one for one in self.file._spots if one.stage.index in stages and one.one.start < self.one.start]
        return tuple(reversed(spots))

    def found(self, message: str, fix: Fix | None = None, *, at: int | None = None, declined: str = "") -> Found:
        """A finding here, or at another offset of the file."""
        return Found(self.source, self.one.start if at is None else at, message, fix, declined)

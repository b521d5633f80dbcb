"""What a service runs: the compose file and the Dockerfile it is built from, taken together. Pure."""

import posixpath
import re
import shlex
from collections.abc import Iterator
from functools import cached_property

from drydock.audit import entries, shell
from drydock.audit.buildfile import BuildFile
from drydock.audit.composefile import Build, ComposeFile, Service
from drydock.audit.repository import Repository
from drydock.audit.shell import Command
from drydock.audit.situation import Situation
from drydock.audit.yamltree import Node, Shape
from drydock.dockerfile import Stage
from drydock.values import dataclass

PORT = re.compile(r"(?:^|[\s:=])(\d{2,5})$")
PORT_FLAGS = ("--port", "-p", "--bind", "-b", "--listen", "--http", "--address", "--addr", "-l", "--server.port")


@dataclass(frozen=True)
class Served:
    """A service with its other halves in the files beside it, and the stage that its image ends with.

    `file` and `stage` are None where the image is not built from a Dockerfile of this repository.
    """

    compose: ComposeFile
    service: Service
    halves: tuple[Service, ...]
    build: Build | None
    file: BuildFile | None
    stage: Stage | None

    @property
    def folder(self) -> str:
        """Where its compose file lies, which paths in it begin at."""
        return posixpath.dirname(self.compose.path)

    @cached_property
    def end(self) -> Situation | None:
        """What its image says."""
        return self.file.end(self.stage) if self.file and self.stage else None

    @property
    def is_half(self) -> bool:
        """Whether something that completes it may stand elsewhere."""
        named = self.service.get("image") is not None or self.service.get("build", "context") is not None
        short = (build := self.service.get("build")) is not None and build.shape is Shape.SCALAR
        return self.service.get("extends") is not None or not (named or short) or self.compose.is_override

    def says(self, *names: str) -> bool:
        """Whether it, or another half, has one of these keys."""
        return any(one.get(name) is not None for one in (self.service, *self.halves) for name in names)

    @cached_property
    def exposed(self) -> frozenset[str]:
        """The ports its image declares, without protocol, ranges spelled out."""
        found = set[str]()
        for word in self.end.exposed if self.end else ():
            first, _, last = word.partition("/")[0].partition("-")
            if first.isdecimal() and (last or first).isdecimal():
                found |= {str(one) for one in range(int(first), min(int(last or first), int(first) + 1000) + 1)}
        return frozenset(found)


def each(repository: Repository) -> Iterator[Served]:
    """Every service of every compose file."""
    for file in repository.composefiles:
        beside = [one for one in repository.beside(file) if one is not file]
        builds = {one.service: one for one in file.builds}
        named = {image: builds[one.name] for one in file.services if one.name in builds if (image := _image(one))}
        for service in file.services:
            halves = tuple(half for one in beside if (half := one.service(service.name)))
            build = builds.get(service.name) or named.get(_image(service))
            found = repository.buildfile(build.dockerfile) if build else None
            stage = found.file.goal(build.target) if found and build else None
            yield Served(file, service, halves, build, found, stage)


def commands(node: Node | None) -> tuple[Command, ...]:
    """The commands of `command`, `entrypoint` or a health check's `test`; their places count for nothing."""
    if node is None or node.shape is Shape.MAPPING:
        return ()
    if node.shape is Shape.SCALAR:
        return shell.script(node.text.replace("$$", "$"))
    words = [word.replace("$$", "$") for word in node.words()]
    if words[:1] == ["CMD-SHELL"]:
        return shell.script(" ".join(words[1:]))
    return shell.script(shlex.join(words[1:] if words[:1] == ["CMD"] else words))


def listened(found: tuple[Command, ...]) -> frozenset[str]:
    """The ports that flags such as --port and --bind name."""
    ports = set[str]()
    for command in found:
        words = [word.text for word in command.words]
        for word, following in zip(words, [*words[1:], ""], strict=True):
            name, sign, value = word.partition("=")
            if name in PORT_FLAGS and (match := PORT.search(value if sign else following)):
                ports.add(match[1])
        if "runserver" in words and (match := PORT.search(words[-1])):
            ports.add(match[1])
    return frozenset(ports)


def _image(service: Service) -> str:
    return entries.text(service.get("image"))

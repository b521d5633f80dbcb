"""Which images a finding concerns: those that its file builds, and in a compose file the one of its service. Pure."""

from collections.abc import Iterator, Mapping

from drydock.audit.composefile import Build, ComposeFile, Service
from drydock.audit.finding import Finding
from drydock.audit.repository import Repository
from drydock.values import dataclass


@dataclass(frozen=True)
class Concern:
    """The images of a repository.

    `compose` is the path of the compose file that says which there are; those beside it complete it. Where there is
    none, `named` has the image that each Dockerfile makes.
    """

    repository: Repository
    compose: str
    named: Mapping[str, str]

    def images(self, finding: Finding) -> tuple[str, ...]:
        """The names of the images that a finding concerns, none where it is of no one image."""
        if not self.compose:
            files = [file for file in self.repository.buildfiles if file.path in self.named]
            found = [
                self.named[file.path]
                for file in files
                if finding.path in (file.path, *(one.ignored_by for one in file.contexts))
            ]
            return tuple(dict.fromkeys(found))
        found = [build.service for build in self._builds() if self._rests(build, finding.path)]
        found += [name for file in self._files() if file.path == finding.path for name in _around(file, finding)]
        return tuple(dict.fromkeys(found))

    def _files(self) -> tuple[ComposeFile, ...]:
        main = self.repository.composefile(self.compose)
        return self.repository.beside(main) if main else ()

    def _builds(self) -> Iterator[Build]:
        return (build for file in self._files() for build in file.builds)

    def _rests(self, build: Build, path: str) -> bool:
        """Whether a build reads the file at `path` as its Dockerfile, or as the ignore file of its context."""
        file = self.repository.buildfile(build.dockerfile)
        ignored = [one.ignored_by for one in file.contexts if one.folder == build.folder] if file else []
        return path in (build.dockerfile, *ignored)


def _around(file: ComposeFile, finding: Finding) -> Iterator[str]:
    """The service that the finding stands in, if it builds an image."""
    at = file.source.line_start(finding.line) + finding.column - 1
    built = {build.service for build in file.builds}
    for service in file.services:
        if service.name in built and _holds(service, at):
            yield service.name


def _holds(service: Service, at: int) -> bool:
    return service.key.start <= at < max(service.node.end, service.key.end)

"""What rules may ask of a repository: its four kinds of files, parsed once, and what links them. No process starts."""

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from datetime import date
from functools import cached_property

from drydock import dockerfile
from drydock.audit import kinds, source, yamltree
from drydock.audit.buildfile import BuildFile
from drydock.audit.composefile import Build, ComposeFile
from drydock.audit.context import Context, guessed
from drydock.audit.finding import Found
from drydock.audit.ignorefile import IgnoreFile
from drydock.audit.source import Source
from drydock.audit.tree import MOST, Tree
from drydock.audit.workflowfile import WorkflowFile
from drydock.audit.yamltree import Node, Shape
from drydock.errors import Misuse
from drydock.measures import ignore
from drydock.measures.ignore import Ignore
from drydock.values import dataclass

Parsed = dict[tuple[str, bytes], object]


@dataclass(frozen=True)
class Repository:
    """A tree of files, read lazily. `parsed` is shared by all versions of it, so that a fix parses one file again.

    `named` are files that the configuration calls compose files, whatever their names; `today` is None where no rule is
    to ask for the day.
    """

    tree: Tree
    named: tuple[str, ...] = ()
    today: date | None = None
    parsed: Parsed = field(default_factory=dict, repr=False, compare=False)

    def with_changed(self, contents: Mapping[str, bytes]) -> "Repository":
        """The same repository with other contents for some files."""
        return replace(self, tree=self.tree.with_changed(contents))

    @cached_property
    def buildfiles(self) -> tuple[BuildFile, ...]:
        """Its Dockerfiles: found by name, or named by a compose file."""
        names = {path for path in self._names if kinds.is_dockerfile(path)} | set(self._builds)
        return tuple(one for path in sorted(names) if (one := self._buildfile(path)) is not None)

    @cached_property
    def composefiles(self) -> tuple[ComposeFile, ...]:
        names = [path for path in self._names if kinds.is_compose_file(path) or path in self.named]
        found = []
        for path in names:
            root = self._yaml(path)
            if root is not None and root.get("services") is not None:
                found.append(ComposeFile(self._source(path), root, kinds.is_override(path)))  # type: ignore[arg-type]
        return tuple(found)

    @cached_property
    def workflows(self) -> tuple[WorkflowFile, ...]:
        names = [path for path in self._names if kinds.is_workflow(path)]
        found = [(self._source(path), self._yaml(path)) for path in names]
        return tuple(WorkflowFile(text, root) for text, root in found if text is not None and root is not None)

    @cached_property
    def ignorefiles(self) -> tuple[IgnoreFile, ...]:
        found = []
        for path in self._names:
            if kinds.is_ignore_file(path):
                text, rules = self._source(path), self._ignore(path)
                users = [one for file in self.buildfiles for one in file.contexts if one.ignored_by == path]
                if text is not None and rules is not None:
                    found.append(IgnoreFile(text, rules, tuple({one.folder: one for one in users}.values())))
        return tuple(found)

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """The texts of all files of the four kinds that could be read."""
        found = [file.source for file in self.buildfiles]
        found += [file.source for file in self.composefiles]
        found += [file.source for file in self.workflows]
        found += [file.source for file in self.ignorefiles]
        return tuple({source.path: source for source in found}.values())

    @cached_property
    def unreadable(self) -> tuple[Found, ...]:
        """What could not be read: a finding for each file, of the line where reading ended, and for what is cut off."""
        if self.tree.is_cut:
            self._trouble(Source(".", ""), 0, f"there are more than {MOST} files and folders: the rest is not audited")
        _ = self.buildfiles, self.composefiles, self.workflows, self.ignorefiles
        return tuple(self._troubles.values())

    def has_health_check(self, file: ComposeFile, name: str) -> bool:
        """Whether a service of a compose file has a health check: there, in a file beside it, or in its Dockerfile."""
        for one in (file, *self.beside(file)):
            check = found.get("healthcheck") if (found := one.service(name)) else None
            if check is not None and (test := check.get("test") or check.get("disable")) is not None:
                return check.get("disable") is None and test.words()[:1] != ("NONE",)
        built = [(self.buildfile(one.dockerfile), one.target) for one in file.builds if one.service == name]
        ends = [one.result(target) for one, target in built if one]
        return any(end is not None and end.is_checked for end in ends)

    def buildfile(self, path: str) -> BuildFile | None:
        """The Dockerfile at a path."""
        return self._by_path.get(path)

    def composefile(self, path: str) -> ComposeFile | None:
        """The compose file at a path."""
        return next((one for one in self.composefiles if one.path == path), None)

    def built_in(self, folder: str) -> tuple[BuildFile, ...]:
        """The Dockerfiles that are built in a context."""
        return self._by_context.get(folder, ())

    def built_by(self, path: str) -> tuple[tuple[ComposeFile, Build], ...]:
        """What builds a Dockerfile, with the compose file that says so."""
        return self._builds.get(path, ())

    def beside(self, file: ComposeFile) -> tuple[ComposeFile, ...]:
        """The compose files of the same folder, itself among them."""
        return self._composed[posixpath.dirname(file.path)]

    def read(self, path: str) -> Source | None:
        """A file's text; None where there is none or it cannot be read."""
        return self._source(path) if path in self.tree.files else None

    def texts(self, paths: Iterable[str]) -> dict[str, Source]:
        """The texts of those of these files that are there and can be read, by path."""
        return {path: text for path in dict.fromkeys(paths) if (text := self.read(path))}

    @cached_property
    def _composed(self) -> Mapping[str, tuple[ComposeFile, ...]]:
        """Compose files by their folder."""
        found = dict[str, tuple[ComposeFile, ...]]()
        for file in self.composefiles:
            folder = posixpath.dirname(file.path)
            found[folder] = (*found.get(folder, ()), file)
        return found

    @cached_property
    def _by_path(self) -> Mapping[str, BuildFile]:
        return {file.path: file for file in self.buildfiles}

    @cached_property
    def _by_context(self) -> Mapping[str, tuple[BuildFile, ...]]:
        found = dict[str, tuple[BuildFile, ...]]()
        for file in self.buildfiles:
            for context in file.contexts:
                found[context.folder] = (*found.get(context.folder, ()), file)
        return found

    @cached_property
    def _troubles(self) -> dict[str, Found]:
        return {}

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(sorted(self.tree.files))

    @cached_property
    def _builds(self) -> Mapping[str, tuple[tuple[ComposeFile, Build], ...]]:
        """By Dockerfile: what builds it."""
        found = dict[str, tuple[tuple[ComposeFile, Build], ...]]()
        for file in self.composefiles:
            for build in file.builds:
                if build.dockerfile in self.tree.files:
                    found[build.dockerfile] = (*found.get(build.dockerfile, ()), (file, build))
        return found

    def _buildfile(self, path: str) -> BuildFile | None:
        text = self._source(path)
        file = text and self._once(path, "dockerfile", text, lambda: dockerfile.parse(text.text, path))
        if text is None or not isinstance(file, dockerfile.Dockerfile):
            return None
        builds = [build for _, build in self.built_by(path)]
        named = [one.folder for one in builds if one.folder is not None]
        folders = dict.fromkeys(named or [guessed(self.tree, path, file)])
        contexts = tuple(self._context(path, folder, sure=bool(named)) for folder in folders)
        return BuildFile(text, file, contexts, tuple(dict.fromkeys(one.target for one in builds)))

    def _context(self, path: str, folder: str, *, sure: bool) -> Context:
        names = (f"{path}.dockerignore", posixpath.join(folder, ".dockerignore"))
        counts = next((one for one in names if one in self.tree.files or one in self.tree.links), "")
        rules = self._ignore(counts) if counts in self.tree.files else None  # links are not followed
        return Context(folder, self.tree, rules or Ignore(), counts, sure)

    def _ignore(self, path: str) -> Ignore | None:
        text = self._source(path)
        found = text and self._once(path, "ignore", text, lambda: ignore.parse(text.text, path))
        return found if isinstance(found, Ignore) else None

    def _yaml(self, path: str) -> Node | None:
        """The mapping that a YAML file holds. A blank file and another root are troubles; comments alone are not."""
        text = self._source(path)
        found = text and self._once(path, "yaml", text, lambda: yamltree.parse(text.text, path))
        if text is None or not isinstance(found, tuple):
            return None
        root = found[0] if found else None
        if not text.text.strip():
            self._trouble(text, 0, "cannot be read: it is empty")
        elif root is not None and root.shape is not Shape.MAPPING and (root.shape is Shape.SEQUENCE or root.text):
            self._trouble(text, root.start, "cannot be read: it is no mapping")
        return root if root is not None and root.shape is Shape.MAPPING else None

    def _source(self, path: str) -> Source | None:
        try:
            return source.read(path, self.tree.read(path))
        except UnicodeDecodeError:
            self._trouble(Source(path, ""), 0, "cannot be read: it is neither UTF-8 nor UTF-16")
        except OSError as error:
            self._trouble(Source(path, ""), 0, f"cannot be read: {error.strerror or error}")
        return None

    def _once(self, path: str, kind: str, text: Source, parse: Callable[[], object]) -> object:
        """What parsing gives, or the Misuse it ends with, which becomes a finding."""
        key = (f"{kind} {path}", text.data)
        if key not in self.parsed:
            try:
                self.parsed[key] = parse()
            except Misuse as problem:
                self.parsed[key] = problem
        found = self.parsed[key]
        if isinstance(found, Misuse):
            self._trouble(text, *_reason(found, text))
        return found

    def _trouble(self, text: Source, start: int, reason: str) -> None:
        if "{{" in text.path or "{%" in text.path:
            return  # a template of cookiecutter or copier, whose folders show it: no Dockerfile or YAML until rendered
        self._troubles.setdefault(text.path, Found(text, start, reason))


def _reason(problem: Misuse, text: Source) -> tuple[int, str]:
    """Where reading ended, and why, out of `PATH:LINE: why`."""
    place = re.match(r":(\d+): ", problem.message.removeprefix(text.path))
    start = text.line_start(int(place[1])) if place else 0
    said = problem.message.removeprefix(text.path)[place.end() if place else 0 :]
    return min(start, len(text.text)), f"cannot be read: {said.strip(': ')}"

"""A Dockerfile as grounds: what BuildKit's cache key of each step is made of, without the files it reads. Pure.

docs/decisions/0024-what-decides-a-rerun.md says what was tried on the engine.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace

from drydock import ancestry
from drydock.causes.grounds import Fact, Ground, Kind
from drydock.causes.veil import Seal, Veil, over
from drydock.config import Image
from drydock.dockerfile import Dockerfile, Instruction, Stage
from drydock.measures import asked
from drydock.secrecy import may_be_secret
from drydock.values import dataclass

VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")
WIDTH = 200  # signs of an instruction or a value that are kept to be shown
PROXIES = frozenset(("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"))  # in no key


@dataclass(frozen=True)
class Given:
    """What is given to one build beside its Dockerfile.

    `args` hold the platform's own; `contexts` are the named ones as written; `bases` are digests by the name in the
    Dockerfile; `images` tell what is known of images that are built beside this one, by the name of the context.
    """

    target: str | None
    args: Mapping[str, str]
    contexts: Mapping[str, str] = field(default_factory=dict)
    bases: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Scope:
    """What is in force at one place of a stage, each with the line that sets it."""

    args: dict[str, tuple[str, int]] = field(default_factory=dict)
    env: dict[str, tuple[str, int]] = field(default_factory=dict)
    settings: dict[str, tuple[str, int]] = field(default_factory=dict)  # USER, WORKDIR, SHELL

    @property
    def known(self) -> dict[str, str]:
        return {name: value for name, (value, _) in {**self.args, **self.env}.items()}

    def copy(self) -> "Scope":
        return Scope(dict(self.args), dict(self.env), dict(self.settings))


def veil(images: Iterable[Image], files: Mapping[str, Dockerfile], mounted: Iterable[tuple[str, str]] = ()) -> Veil:
    """Over every value that looks secret, among those given to images and those that their Dockerfiles write down.

    `mounted` are names and values of build secrets.
    """
    found = (
        pair
        for image in images
        for pair in (*image.args.items(), *(written(files[image.name]) if image.name in files else ()))
    )
    return over(found, mounted)


def read(file: Dockerfile, given: Given, seal: Seal) -> tuple[Ground, ...]:
    """The grounds of every step on the way to the target; what they read of contexts is left to be hashed."""
    return tuple(_Reading(file, given, seal).all())


class _Reading:
    """One pass over the stages that are built."""

    def __init__(self, file: Dockerfile, given: Given, seal: Seal) -> None:
        self._file, self._given, self._seal = file, given, seal
        self._veil = over([*given.args.items(), *written(file)])
        self._named = {name.lower(): name for name in given.contexts}
        self._stages, _ = ancestry.reachable(file, given.target, given.args, given.contexts)
        self._globals = ancestry.global_args(file, given.args)
        self._last: dict[int, int] = {}  # by stage: the position of its last ground
        self._scopes: dict[int, Scope] = {}
        self._found: list[Ground] = []

    def all(self) -> list[Ground]:
        for stage in self._stages:
            scope = self._open(stage)
            for one in asked.triggered(self._file, stage, self._given.args, self._named):
                self._take(stage, one, scope, line=None)
            for one in stage.instructions[1:]:
                self._take(stage, one, scope, line=one.line)
            self._scopes[stage.index] = scope
        return self._found

    def _open(self, stage: Stage) -> Scope:
        base = ancestry.base_name(self._file, stage, self._given.args)
        below = self._stage(base, stage, numbered=False)
        facts, reads, rests = tuple[Fact, ...](), tuple[tuple[str, str], ...](), tuple[int, ...]()
        if below is not None:
            rests = (self._last[below.index],)
        elif base.lower() in self._named and self._is_folder(base):
            reads = ((self._named[base.lower()], asked.EVERYTHING),)
        elif base.lower() != "scratch":
            facts = (*self._chosen(stage), self._outside(base, stage.opening.line), *self._fixed())
        text = self._shown(f"FROM {base}")
        self._add(stage, Ground(stage.title, stage.opening.line, text, facts, reads, rests))
        return self._scopes[below.index].copy() if below else Scope()

    def _take(self, stage: Stage, one: Instruction, scope: Scope, *, line: int | None) -> None:
        if one.keyword in ("RUN", "COPY", "ADD", "WORKDIR"):
            facts = [*self._run(one, scope)] if one.keyword == "RUN" else [*self._written(one, scope)]
            rests, reads = [self._last[stage.index]], list[tuple[str, str]]()
            for name in one.senders():
                other = self._stage(name, stage, numbered=True)
                if other is not None:
                    rests.append(self._last[other.index])
                elif not (name.lower() in self._named and self._is_folder(name)):
                    facts.append(self._outside(name, one.line))
            for request in asked.of_step(self._file, one, scope.known, self._named):
                if not request.context or self._is_folder(request.context):
                    reads.append((request.context, request.path))
            text = self._shown(one.joined)
            found = Ground(stage.title, line, text, tuple(facts), tuple(dict.fromkeys(reads)), tuple(rests))
            self._add(stage, found)
        self._learn(one, scope)

    def _add(self, stage: Stage, found: Ground) -> None:
        self._last[stage.index] = len(self._found)
        self._found.append(found)

    def _run(self, one: Instruction, scope: Scope) -> Iterator[Fact]:
        """Every variable in force counts, used or not, and the order in which they were set."""
        yield self._line(one, [*one.flags, *(word.strip() for word in one.args)])
        yield from self._heredocs(one)
        args = {name: at for name, at in scope.args.items() if name not in scope.env and name.upper() not in PROXIES}
        for name, (value, line) in args.items():
            yield self._fact(Kind.ARGUMENT, name, value, line)
        for name, (value, line) in scope.env.items():
            yield self._fact(Kind.ENVIRONMENT, name, value, line)
        yield Fact(Kind.ORDER, "", self._seal.of(" ".join([*args, *scope.env])))
        wanted = ("USER", "WORKDIR") if one.json else ("USER", "WORKDIR", "SHELL")
        yield from (self._fact(Kind.SETTING, name, *scope.settings[name]) for name in wanted if name in scope.settings)
        if network := self._given.settings.get("network"):
            yield self._fact(Kind.SETTING, "network", network, None)

    def _written(self, one: Instruction, scope: Scope) -> Iterator[Fact]:
        """Only the variables that are used count, and the folder only where a path begins in it."""
        yield self._line(one, [*one.flags, *one.args])
        yield from self._heredocs(one)
        bodies = [doc.content for doc in one.heredocs]
        for name in dict.fromkeys(VARIABLE.findall(" ".join([*one.flags, *one.args, *bodies]))):
            for kind, held in ((Kind.ENVIRONMENT, scope.env), (Kind.ARGUMENT, scope.args)):
                if name in held:
                    yield self._fact(kind, name, *held[name])
                    break
        if not one.args[-1].startswith(("/", "$")) and "WORKDIR" in scope.settings:
            yield self._fact(Kind.SETTING, "WORKDIR", *scope.settings["WORKDIR"])

    def _line(self, one: Instruction, words: list[str]) -> Fact:
        return Fact(
            Kind.LINE, one.keyword, self._seal.of("\0".join([one.keyword, *words])), self._shown(one.joined), one.line
        )

    def _heredocs(self, one: Instruction) -> Iterator[Fact]:
        for doc in one.heredocs:
            yield Fact(Kind.HEREDOC, doc.name, self._seal.of(doc.content), None, one.line)

    def _chosen(self, stage: Stage) -> Iterator[Fact]:
        """The arguments that say which base it is."""
        lines = {name: one.line for one in self._file.preamble for name, _ in one.settings()}
        for name in dict.fromkeys(VARIABLE.findall(stage.base)):
            if name in self._globals:
                yield replace(self._fact(Kind.ARGUMENT, name, self._globals[name], lines.get(name)), chooses=True)

    def _fixed(self) -> Iterator[Fact]:
        if platform := self._given.settings.get("platform"):
            yield self._fact(Kind.SETTING, "platform", platform, None)

    def _outside(self, name: str, line: int) -> Fact:
        context = self._named.get(name.lower())
        if context is not None:
            what = self._given.contexts[context]
            told = self._given.images.get(context, what)
            return replace(self._fact(Kind.IMAGE, context, what, None), hash=self._seal.of(told))
        digest = self._given.bases.get(name, "")
        return Fact(Kind.BASE, name, self._seal.of(digest or name), digest or None, line)

    def _fact(self, kind: Kind, name: str, value: str, line: int | None) -> Fact:
        shown = None if may_be_secret(name, value) else self._shown(value)
        return Fact(kind, name, self._seal.of(value), shown, line)

    def _shown(self, text: str) -> str:
        return self._veil.hide(" ".join(text.split()))[:WIDTH]

    def _learn(self, one: Instruction, scope: Scope) -> None:
        if one.keyword == "ENV":
            fresh = {name: (self._filled(one, value or "", scope), one.line) for name, value in one.settings()}
            scope.env.update(fresh)
        elif one.keyword == "ARG":
            found = ancestry.arguments(self._file, one, scope.known, self._given.args, self._globals)
            scope.args.update({name: (value, one.line) for name, value in found.items()})
        elif one.keyword == "WORKDIR":
            scope.settings["WORKDIR"] = (self._folder(one, scope), one.line)
        elif one.keyword in ("USER", "SHELL"):
            scope.settings[one.keyword] = (self._filled(one, " ".join(one.args), scope), one.line)

    def _folder(self, one: Instruction, scope: Scope) -> str:
        path = self._filled(one, one.args[0], scope)
        above = scope.settings.get("WORKDIR", ("", 0))[0]
        return path if path.startswith("/") else f"{above}/{path}"

    def _filled(self, one: Instruction, word: str, scope: Scope) -> str:
        return self._file.filled(word, scope.known, one.line)

    def _stage(self, name: str, stage: Stage, *, numbered: bool) -> Stage | None:
        if name.lower() in self._named:
            return None
        return self._file.earlier(stage, name, numbered=numbered)

    def _is_folder(self, name: str) -> bool:
        value = self._given.contexts.get(self._named.get(name.lower(), name), "")
        return "://" not in value and ":" not in value[:8]


def written(file: Dockerfile) -> Iterator[tuple[str, str]]:
    """Names and values of ENV and ARG as written, and without quotes."""
    variables = (one for one in file.instructions if one.keyword in ("ENV", "ARG"))
    for name, value in (pair for one in variables for pair in one.settings()):
        if value is not None:
            yield name, value
            yield name, value.strip("'\"")

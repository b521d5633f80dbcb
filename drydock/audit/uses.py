"""Who runs an image, and which programs are called in it: compose files, workflows, scripts, the source. Pure."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from drydock.audit.buildfile import BuildFile
from drydock.audit.composefile import ComposeFile, Service
from drydock.audit.repository import Repository
from drydock.dockerfile import Stage

SCRIPTS = (".sh", ".bash", ".mk", ".conf", ".ini", ".cfg")
SOURCES = (".py", ".js", ".mjs", ".cjs", ".ts", ".rb", ".php", ".pl", ".json", ".toml")
MOST = 1000  # files of a context that are looked at
LARGEST = 200_000  # bytes of one; what is larger was not written by hand


def services(repository: Repository, file: BuildFile, stage: Stage) -> Iterator[tuple[ComposeFile, Service]]:
    """The services that run the image of a stage; with what other files of the same folder say of them."""
    for name, compose in _building(repository, file, stage):
        for other in repository.beside(compose):
            if (found := other.service(name)) is not None:
                yield other, found


def _building(repository: Repository, file: BuildFile, stage: Stage) -> tuple[tuple[str, ComposeFile], ...]:
    """The services that build the image of a stage, each once in a folder."""
    found = dict[tuple[str, str], ComposeFile]()
    for compose, build in repository.built_by(file.path):
        wanted = file.file.goal(build.target)
        if wanted is not None and wanted.index == stage.index:
            found.setdefault((build.service, posixpath.dirname(compose.path)), compose)
    return tuple((name, compose) for (name, _), compose in found.items())


def runs(repository: Repository, file: BuildFile, stage: Stage) -> Iterator[tuple[str, str]]:
    """What starts in a stage's container, as (where, words): its own instructions and those of services."""
    end = file.end(stage)
    for one in (end.entrypoint, end.command, end.healthcheck):
        if one is not None:
            yield f"{file.path}:{one.line}", " ".join(one.args)
    for compose, service in services(repository, file, stage):
        for key in (("command",), ("entrypoint",), ("healthcheck", "test")):
            if (node := service.get(*key)) is not None:
                yield compose.path, " ".join(node.words())


def callers(repository: Repository, file: BuildFile, stage: Stage, programs: Sequence[str]) -> Iterator[str]:
    """Where one of these programs may be called in the container; better once too often than once too rarely."""
    if not programs:
        return
    word, quoted = _patterns(tuple(programs))
    yield from (where for where, words in runs(repository, file, stage) if word.search(words))
    around = {other.path: other for _, one in _building(repository, file, stage) for other in repository.beside(one)}
    yield from (path for path, compose in around.items() if _holds(word, compose.source.text))
    for workflow in repository.workflows:
        if _holds(word, _about_docker(workflow.source.text)):
            yield workflow.path
    for path, text in texts(file):
        pattern = quoted if path.endswith(SOURCES) else word
        if pattern.search(text):
            yield path


def texts(file: BuildFile) -> Iterator[tuple[str, str]]:
    """Scripts and sources that the build can see, as (path, text)."""
    for context in file.contexts:
        for number, path in enumerate(context.files()):
            if number >= MOST:
                return
            name = posixpath.basename(path)
            listed = "require" in path and name.endswith((".txt", ".in"))
            if not listed and not path.endswith(SCRIPTS + SOURCES) and ("." in name or name == "Dockerfile"):
                continue
            is_small = context.tree.files[context.path(path)] <= LARGEST
            if is_small and (text := context.read(path)) is not None:
                yield path, text.text


def is_test(path: str) -> bool:
    """Whether a file is one of the tests or of the tools around the program, which do not run in its container."""
    parts = path.split("/")
    return bool({"tests", "test", "__tests__", "docs"} & set(parts)) or parts[-1].startswith(
        ("test_", "noxfile", "tasks")
    )


@lru_cache(512)
def _holds(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a text that many images share holds something."""
    return pattern.search(text) is not None


@lru_cache(512)
def _about_docker(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "docker" in line)


@cache
def _patterns(programs: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The programs as words of a script, and as the beginning of a quoted text."""
    names = "|".join(re.escape(one) for one in programs)
    word = re.compile(rf"(?<![\w.@-])(?:{names})(?![\w.=:@/-])")
    return word, re.compile(rf"[\"'`](?:[^\"'`\n]*[\s/;&|])?(?:{names})(?=[\"'`\s])")

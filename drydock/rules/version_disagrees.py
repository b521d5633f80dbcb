"""Files name different versions of Python or Node for the same code: the Dockerfile, a workflow, a manifest.

What the tests ran on is then not what ships. Found are `.python-version`, `.nvmrc` and `.node-version`, `engines` of a
package.json, `requires-python` of a pyproject.toml, and the setup actions of workflows, each held to the Dockerfile
that is built in the same folder.

A range says what the code can run on, so the Dockerfile that ships something else is where it is said; a file or a
workflow that names another version is told where it stands.

Nothing is said where Dockerfiles of one folder differ among themselves, of a matrix or a list that names the
Dockerfile's version too, where any other step tests that version, nor of a range that is not a simple one.

There is no fix: which of them is right, only you know.

Bad:

    FROM python:3.12-slim
    --- .python-version
    3.13

Bad (a range):

    FROM node:22-slim
    --- package.json
    {"engines": {"node": ">=24"}}

Good:

    FROM node:22-slim AS web
    FROM python:3.12-slim
    --- .python-version
    3.12.4
    --- package.json
    {"engines": {"node": "^20 || >=22"}}
    --- .nvmrc
    lts/*
"""

import posixpath
import re
from collections.abc import Iterator, Sequence

from drydock.audit import entries, versions
from drydock.audit.buildfile import BuildFile
from drydock.audit.finding import Found, Severity
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.source import Source
from drydock.audit.versions import Version
from drydock.audit.workflowfile import Job, WorkflowFile, WorkStep
from drydock.dockerfile import Instruction

FILES = {".python-version": "python", ".nvmrc": "node", ".node-version": "node"}
RANGES = {
    "package.json": ("node", re.compile(r'"engines"\s*:\s*\{[^{}]*?"node"\s*:\s*"(?P<range>[^"]*)"')),
    "pyproject.toml": ("python", re.compile(r"^requires-python\s*=\s*['\"](?P<range>[^'\"]*)['\"]", re.MULTILINE)),
}
PLACES = {"python": 2, "node": 1}
MANIFESTS = {"python": ("pyproject.toml", "requirements.txt", "setup.py"), "node": ("package.json",)}
INPUTS = {"actions/setup-python": ("python", "python-version"), "actions/setup-node": ("node", "node-version")}


def check(repository: Repository) -> Iterator[Found]:
    shipped = _shipped(repository)
    for (folder, tool), version in shipped.items():
        openings = _openings(repository, folder, tool)
        for name, its in FILES.items():
            text = repository.read(posixpath.join(folder, name)) if its == tool else None
            if text is not None:
                yield from _named(text, tool, version)
        for name, (its, pattern) in RANGES.items():
            text = repository.read(posixpath.join(folder, name)) if its == tool else None
            if text is not None:
                yield from _ranged(text, pattern, f"{tool} {_dotted(version)}", version, openings)
    yield from _workflows(repository, shipped)


def _shipped(repository: Repository) -> dict[tuple[str, str], Version]:
    """By folder and tool: the version that its Dockerfiles ship, where they agree."""
    found = dict[tuple[str, str], set[Version]]()
    for file in repository.buildfiles:
        for stage in file.file.stages:
            end = file.end(stage)
            version = versions.number(end.tag)
            if end.image in PLACES and version is not None:
                for context in file.contexts:
                    found.setdefault((context.folder, end.image), set()).add(version[: PLACES[end.image]])
    return {key: next(iter(some)) for key, some in found.items() if len(some) == 1}


def _named(text: Source, tool: str, version: Version) -> Iterator[Found]:
    line = next((line for line in text.text.splitlines() if line.strip() and not line.startswith("#")), "")
    wanted = versions.number(line)
    if wanted is not None and not versions.agree(wanted, version, PLACES[tool]):
        yield Found(text, text.text.index(line), _message(f"{line.strip()} is named", tool, version))


def _openings(repository: Repository, folder: str, tool: str) -> list[tuple[BuildFile, Instruction]]:
    """Each Dockerfile that is built in a folder and rests on a tool's image, with the first FROM that does."""
    files = repository.built_in(folder)
    found = [(file, [one.opening for one in file.file.stages if file.end(one).image == tool]) for file in files]
    return [(file, openings[0]) for file, openings in found if openings]


def _ranged(
    text: Source,
    pattern: re.Pattern[str],
    shipped: str,
    version: Version,
    openings: Sequence[tuple[BuildFile, Instruction]],
) -> Iterator[Found]:
    match = pattern.search(text.text)
    if match and versions.allows(match["range"], version) is False:
        for file, opening in openings:
            yield file.found(opening, f"{shipped} is shipped, {text.path} asks for {match['range']}")


def _message(said: str, tool: str, version: Version) -> str:
    return f"{said}, the Dockerfile ships {tool} {_dotted(version)}"


def _dotted(version: Version) -> str:
    return ".".join(str(part) for part in version)


def _workflows(repository: Repository, shipped: dict[tuple[str, str], Version]) -> Iterator[Found]:
    steps = [(file, job, step) for file in repository.workflows for job, step in file.steps if step.action in INPUTS]
    wishes = [(INPUTS[step.action][0], _wanted(step, INPUTS[step.action][1])) for _, _, step in steps]
    tested = {(tool, one[: PLACES[tool]]) for tool, wanted in wishes for one in wanted}
    for (file, job, step), (tool, wanted) in zip(steps, wishes, strict=True):
        given, name = step.node.get("with"), INPUTS[step.action][1]
        version = _meant(repository, shipped, file, job, tool) if wanted else None
        if given is None or version is None or any(versions.agree(one, version, PLACES[tool]) for one in wanted):
            continue
        if (tool, version) not in tested:
            key, value = next((key, value) for key, value in given.entries() if key.text == name)
            yield file.found(key, _message(f"{value.text.strip()} is set up", tool, version))


def _wanted(step: WorkStep, name: str) -> list[Version]:
    """The versions that a step sets up; none where a variable or a range says them."""
    lines = (step.given(name) or "").splitlines()
    found = [versions.number(line.removesuffix(".x")) for line in lines if line.strip()]
    return [one for one in found if one is not None] if None not in found else []


def _meant(
    repository: Repository, shipped: dict[tuple[str, str], Version], file: WorkflowFile, job: Job, tool: str
) -> Version | None:
    """The version of the code that a job works on: that of its folder, or of the one Dockerfile of a bare root."""
    places = [entries.text(step.node.get("working-directory")) for step in job.steps]
    places += [entries.text(node.get("defaults", "run", "working-directory")) for node in (job.node, file.root)]
    folders = {posixpath.normpath(one) for one in places if one} - {"."}
    if len(folders) == 1:
        return shipped.get((folders.pop(), tool))
    if folders or ("", tool) in shipped:
        return None if folders else shipped["", tool]
    if any(name in repository.tree.files for name in MANIFESTS[tool]):
        return None  # the root is a project of its own
    found = {version for (_, its), version in shipped.items() if its == tool}
    return found.pop() if len(found) == 1 else None


RULE = rule(__name__, __doc__, Severity.WARNING, check)

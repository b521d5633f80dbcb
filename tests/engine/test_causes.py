"""Planted causes over Python and Node images: what is named first as the reason of a rerun."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from drydock import command, config, events
from drydock.builds.report import Result
from drydock.causes.cause import Kind
from drydock.commands import build, why
from drydock.config import Config
from drydock.engines import daemon, leftovers, place
from tests.engine.own import spacious
from tests.repositories import PROJECT

pytestmark = pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="a private engine needs root")

RIGHT = 0.95
NAMED_BELOW = {"content", "run-text", "arg-secret"}
PYTHON, NODE = "FROM python:3.12-slim", "FROM node:20-alpine"
SECRET = "hunter2-never-to-be-seen"  # noqa: S105 - planted to be looked for
Act = Callable[[Path], object]


@dataclass(frozen=True)
class Plant:
    """An image, what is done to it between two builds, and what must be named: kind, name and change, None for nothing.

    `text` is the Dockerfile; its files hold the plant's name, so that no two plants share a step. `first` and `then`
    are its compose build section before and after.
    """

    name: str
    text: str
    act: Act
    cause: tuple[Kind, str, str] | None
    files: Mapping[str, str] = field(default_factory=dict)
    first: Mapping[str, Any] = field(default_factory=dict)
    then: Mapping[str, Any] | None = None

    def make(self, folder: Path) -> None:
        files = {
            "src/a.py": "a",
            "src/b.py": "b",
            "lock": "lock",
            ".dockerignore": "Dockerfile*\n.dockerignore\nnotes\n",
        }
        for path, content in {**files, **self.files}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(content if path.endswith("ignore") else f"{self.name} {path} {content}\n")
        (folder / "Dockerfile").write_text(self.text)

    def section(self, folder: Path, later: bool) -> Mapping[str, Any]:
        more = self.then if later and self.then is not None else self.first
        contexts = {name: str(folder / path) for name, path in more.get("additional_contexts", {}).items()}
        named = {"additional_contexts": contexts} if contexts else {}
        return {"context": str(folder), "args": {"PLANT": self.name}, **more, **named} | (
            {"args": {"PLANT": self.name, **more["args"]}} if "args" in more else {}
        )


def edit(path: str, old: str = "", new: str = "edited") -> Act:
    """Put `new` in the place of `old`, or at the end."""

    def act(folder: Path) -> None:
        text = (folder / path).read_text()
        assert old in text
        (folder / path).write_text(text.replace(old, new) if old else text + new)

    return act


def write(path: str, text: str = "fresh\n") -> Act:
    def act(folder: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)

    return act


def rename(old: str, new: str) -> Act:
    return lambda folder: (folder / old).rename(folder / new)


def link(path: str, target: str) -> Act:
    def act(folder: Path) -> None:
        (folder / path).unlink(missing_ok=True)
        (folder / path).symlink_to(target)

    return act


def both(*acts: Act) -> Act:
    return lambda folder: [act(folder) for act in acts]


def nothing(_: Path) -> None:
    """Leave the folder as it is."""


def app(*lines: str, base: str = PYTHON) -> str:
    """A Dockerfile whose variables keep it apart from all others."""
    return "\n".join([base, *lines, ""])


RUN = "RUN echo $PLANT"
SOURCE = app("ARG PLANT", "WORKDIR /app", "COPY lock .", f"{RUN} install", "COPY src src", f"{RUN} build")
WIDE = app("WORKDIR /srv", "COPY . .", RUN.replace("$PLANT", "built"), base=NODE)
TWO = app(
    "ARG PLANT",
    "COPY lock /lock",
    f"{RUN} deps > /deps",
    f"{PYTHON} AS last",
    "COPY --from=0 /deps /deps",
    "COPY src /src",
    "RUN echo last",
)
BOUND = app("ARG PLANT", "RUN --mount=type=bind,source=src,target=/src --mount=type=cache,target=/c ls /", base=NODE)
HERE = app("ARG PLANT", "RUN <<END\necho one\necho $PLANT\nEND", "COPY <<FILE /file\nhello $PLANT\nFILE", "RUN true")
IMAGES = app("ARG PLANT", "COPY src/*.py /app/", f"{RUN} glob")
SET = app("ARG PLANT", "ENV MODE=one OTHER=x", f"{RUN} set", "WORKDIR /a", f"{RUN} more")
GIVEN = app("ARG PLANT", "ARG LEVEL=low", f"{RUN} given", "COPY src /src")
LATE = app("ARG PLANT", f"{RUN} early", "COPY src /src", "ARG LATE=1", "RUN echo late")
SECRETS = app("ARG PLANT", "ARG API_TOKEN", "RUN echo $API_TOKEN | wc -c", "COPY src /src")
NAMED = app("ARG PLANT", f"{RUN} named", "COPY --from=extra . /extra", "RUN echo on")

PLANTS = (
    Plant("content", SOURCE, edit("src/a.py"), (Kind.FILE, "src/a.py", "content")),
    Plant("content-of-two", SOURCE, both(edit("src/a.py"), edit("src/b.py")), (Kind.FILE, "src/a.py", "content")),
    Plant("lock", SOURCE, edit("lock"), (Kind.FILE, "lock", "content")),
    Plant("lock-and-source", SOURCE, both(edit("lock"), edit("src/a.py")), (Kind.FILE, "lock", "content")),
    Plant("mode", SOURCE, lambda folder: (folder / "src/a.py").chmod(0o755), (Kind.FILE, "src/a.py", "mode")),
    Plant("added", SOURCE, write("src/new.py"), (Kind.FILE, "src/new.py", "added")),
    Plant("added-deep", WIDE, write("src/deep/er/new.js"), (Kind.FILE, "src/deep", "added")),
    Plant("removed", SOURCE, lambda folder: (folder / "src/b.py").unlink(), (Kind.FILE, "src/b.py", "removed")),
    Plant("renamed", SOURCE, rename("src/a.py", "src/z.py"), (Kind.FILE, "src/z.py", "renamed")),
    Plant("other-case", SOURCE, rename("src/a.py", "src/A.py"), (Kind.FILE, "src/A.py", "renamed")),
    Plant("empty-folder", WIDE, lambda folder: (folder / "empty").mkdir(), (Kind.FILE, "empty", "added")),
    Plant("link", WIDE, link("latest", "src/b.py"), (Kind.FILE, "latest", "added")),
    Plant("link-retargeted", WIDE + "# l\n", link("src/a.py", "b.py"), (Kind.FILE, "src/a.py", "kind")),
    Plant("glob", IMAGES, write("src/c.py"), (Kind.FILE, "src/c.py", "added")),
    Plant("glob-missed", IMAGES, write("src/c.txt"), None),
    Plant("wide", WIDE, edit("lock"), (Kind.FILE, "lock", "content")),
    Plant("ignored", WIDE, write("notes/today"), None),
    Plant("touched", WIDE, lambda folder: os.utime(folder / "lock", (1, 1)), None),
    Plant("folder-mode", WIDE, lambda folder: (folder / "src").chmod(0o700), None),
    Plant("ignore-file", WIDE, edit(".dockerignore", new="lock\n"), (Kind.FILE, "lock", "removed")),
    Plant(
        "own-ignore-file",
        WIDE,
        write("Dockerfile.dockerignore", "Dockerfile*\n.dockerignore\nsrc/b.py\n"),
        (Kind.FILE, "src/b.py", "removed"),
        {"Dockerfile.dockerignore": "Dockerfile*\n.dockerignore\n"},
    ),
    Plant("ignore-comment", WIDE, edit(".dockerignore", new="# a comment\n"), None),
    Plant("comment", SOURCE, edit("Dockerfile", "WORKDIR", "# a comment\nWORKDIR"), None),
    Plant("run-text", SOURCE, edit("Dockerfile", "install", "install --fast"), (Kind.LINE, "", "changed")),
    Plant("run-added", SOURCE, edit("Dockerfile", "COPY src", "RUN true\nCOPY src"), (Kind.LINE, "", "added")),
    Plant("run-removed", TWO, edit("Dockerfile", "COPY lock /lock\n", ""), (Kind.LINE, "", "removed")),
    Plant(
        "moved",
        SOURCE,
        edit(
            "Dockerfile", f"COPY lock .\n{RUN} install\nCOPY src src\n", f"COPY src src\nCOPY lock .\n{RUN} install\n"
        ),
        (Kind.LINE, "", "moved"),
    ),
    Plant("workdir", SOURCE, edit("Dockerfile", "WORKDIR /app", "WORKDIR /opt"), (Kind.LINE, "", "changed")),
    Plant("copy-to", SOURCE, edit("Dockerfile", "COPY src src", "COPY src source"), (Kind.LINE, "", "changed")),
    Plant("chmod", SOURCE, edit("Dockerfile", "COPY src", "COPY --chmod=700 src"), (Kind.LINE, "", "changed")),
    Plant("add", SOURCE, edit("Dockerfile", "COPY src", "ADD src"), (Kind.LINE, "", "changed")),
    Plant("env", SET, edit("Dockerfile", "MODE=one", "MODE=two"), (Kind.ENVIRONMENT, "MODE", "changed")),
    Plant("env-added", SET, edit("Dockerfile", "OTHER=x", "OTHER=x NEW=y"), (Kind.ENVIRONMENT, "NEW", "added")),
    Plant("env-removed", SET, edit("Dockerfile", " OTHER=x", ""), (Kind.ENVIRONMENT, "OTHER", "removed")),
    Plant("env-order", SET, edit("Dockerfile", "MODE=one OTHER=x", "OTHER=x MODE=one"), (Kind.LINE, "", "order")),
    Plant("user", SET, edit("Dockerfile", "ENV MODE", "USER 7\nENV MODE"), (Kind.SETTING, "USER", "added")),
    Plant(
        "shell",
        SET,
        edit("Dockerfile", "ENV MODE", 'SHELL ["/bin/bash", "-c"]\nENV MODE'),
        (Kind.SETTING, "SHELL", "added"),
    ),
    Plant("label", SET, edit("Dockerfile", "ENV MODE", "LABEL a=b\nENV MODE"), None),
    Plant("arg-default", GIVEN, edit("Dockerfile", "LEVEL=low", "LEVEL=high"), (Kind.ARGUMENT, "LEVEL", "changed")),
    Plant(
        "arg-given",
        GIVEN,
        nothing,
        (Kind.ARGUMENT, "LEVEL", "changed"),
        first={"args": {"LEVEL": "one"}},
        then={"args": {"LEVEL": "two"}},
    ),
    Plant("arg-undeclared", SOURCE, nothing, None, first={"args": {"X": "1"}}, then={"args": {"X": "2"}}),
    Plant(
        "arg-late",
        LATE,
        nothing,
        (Kind.ARGUMENT, "LATE", "changed"),
        first={"args": {"LATE": "1"}},
        then={"args": {"LATE": "2"}},
    ),
    Plant(
        "arg-secret",
        SECRETS,
        nothing,
        (Kind.ARGUMENT, "API_TOKEN", "changed"),
        first={"args": {"API_TOKEN": SECRET}},
        then={"args": {"API_TOKEN": f"{SECRET}-2"}},
    ),
    Plant(
        "arg-of-from",
        f"ARG TAG=3.12-slim\nFROM python:$TAG\nARG PLANT\n{RUN} from\n",
        edit("Dockerfile", "FROM python:$TAG", NODE),
        (Kind.BASE, "node:20-alpine", "added"),
    ),
    Plant(
        "arg-that-chooses",
        f"ARG BASE=python:3.12-slim\nFROM $BASE\nARG PLANT\n{RUN} from\n",
        nothing,
        (Kind.ARGUMENT, "BASE", "changed"),
        then={"args": {"BASE": "node:20-alpine"}},
    ),
    Plant("base", SOURCE, edit("Dockerfile", PYTHON, NODE), (Kind.BASE, "node:20-alpine", "added")),
    Plant("bind", BOUND, edit("src/a.py"), (Kind.FILE, "src/a.py", "content")),
    Plant("bind-beside", BOUND, edit("lock"), None),
    Plant("bind-target", BOUND, edit("Dockerfile", "target=/src", "target=/other"), (Kind.LINE, "", "changed")),
    Plant("sharing", BOUND, edit("Dockerfile", "target=/c", "target=/c,sharing=locked"), (Kind.LINE, "", "changed")),
    Plant("heredoc-run", HERE, edit("Dockerfile", "echo one", "echo two"), (Kind.LINE, "END", "changed")),
    Plant("heredoc-copy", HERE, edit("Dockerfile", "hello", "hallo"), (Kind.LINE, "FILE", "changed")),
    Plant("other-stage", TWO, edit("lock"), (Kind.FILE, "lock", "content")),
    Plant("after-stage", TWO, edit("src/b.py"), (Kind.FILE, "src/b.py", "content")),
    Plant("stage-name", TWO, edit("Dockerfile", " AS last", " AS final"), None),
    Plant(
        "named",
        NAMED,
        edit("extra/x"),
        (Kind.FILE, "extra/x", "content"),
        {"extra/x": "x"},
        first={"additional_contexts": {"extra": "extra"}},
    ),
    Plant(
        "trigger",
        app("ARG PLANT", "ONBUILD COPY src /src", f"{RUN} below", "FROM 0")
        .replace(PYTHON, f"{PYTHON} AS low")
        .replace("FROM 0", f"FROM low\n{RUN} above"),
        edit("src/a.py"),
        (Kind.FILE, "src/a.py", "content"),
    ),
)


@dataclass(frozen=True)
class Repository:
    """A repository whose compose file has a service for each plant, on an engine of its own."""

    settings: Config
    root: Path

    def write(self, plants: Sequence[Plant], *, later: bool = False) -> None:
        services = {
            one.name: {"image": f"planted/{one.name}:local", "build": one.section(self.root / one.name, later)}
            for one in plants
        }
        (self.root / "compose.yaml").write_text(json.dumps({"name": "planted", "services": services}))

    def build(self, **words: Any) -> dict[str, Result]:
        settings = config.load(self.root, self.settings.environ)
        told: list[object] = []
        report = build.run(settings, build.Request(**words), told.append)
        assert report.code == 0, [one for one in told if isinstance(one, events.Trouble)]
        return {result.build.image: result for result in report.results}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """An engine for these tests alone, with the stand-ins that are made already."""
    ours = config.load(Path(), os.environ)
    with spacious() as folder:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DOCKER_", "DRYDOCK_"))}
        home = {"DRYDOCK_HOME": f"{folder}/h", "DOCKER_CONFIG": f"{folder}/settings", "DRYDOCK_YES": "1"}
        settings = config.load(folder, {**kept, **home, "DOCKER_HOST": f"unix://{folder}/h/engine/docker.sock"})
        if (ours.home / "bases").is_dir():
            shutil.copytree(ours.home / "bases", settings.home / "bases", copy_function=os.symlink)
        try:
            daemon.start(settings, events.silent)
            yield settings
        finally:
            daemon.stop(settings, events.silent)
            leftovers.remove_data(place.of(settings), place.environ(settings))


@pytest.fixture(scope="module")
def plants() -> Sequence[Plant]:
    """Each third, and those that tests name; the session `long` takes all."""
    return [one for at, one in enumerate(PLANTS) if at % 3 == 0 or one.name in NAMED_BELOW]


@pytest.fixture(scope="module")
def planted(
    engine: Config, plants: Sequence[Plant], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Repository, Mapping[str, Result]]:
    """Plants built, built again without any change, and built once more after what was done to them."""
    repository = Repository(engine, tmp_path_factory.mktemp("planted"))
    for plant in plants:
        plant.make(repository.root / plant.name)
    repository.write(plants)
    repository.build()
    again = repository.build()
    assert {
        name: one.why.words() for name, one in again.items() if one.why and one.build.cached < one.build.steps
    } == {}
    for plant in plants:
        plant.act(repository.root / plant.name)
    repository.write(plants, later=True)
    return repository, repository.build()


def test_the_first_named_cause_is_the_planted_one(
    plants: Sequence[Plant], planted: tuple[Repository, Mapping[str, Result]]
) -> None:
    wrong = []
    for plant in plants:
        found = planted[1][plant.name].why
        assert found is not None
        named = (found.cause.kind, found.cause.name, found.cause.change) if found.cause else None
        if named != plant.cause:
            wrong.append(f"{plant.name}: {named} for {plant.cause}; {found.words()} {found.notes}")
    sys.stdout.write("\n".join(wrong) + "\n")
    assert len(wrong) <= (1 - RIGHT) * len(plants), wrong


def test_no_secret_is_kept_or_shown(planted: tuple[Repository, Mapping[str, Result]]) -> None:
    repository, results = planted
    told = json.dumps([result.why.document() for result in results.values() if result.why])
    listed = json.dumps(why.run(config.load(repository.root, repository.settings.environ)).document())
    steps = json.dumps([step.instruction for result in results.values() for step in result.build.detail])
    assert "$API_TOKEN" in steps
    assert SECRET not in told + listed + steps
    for path in repository.root.glob(".drydock/*"):
        assert path.name in ("compose.json", "inline") or SECRET.encode() not in path.read_bytes()


def test_an_emptied_cache_is_named(
    planted: tuple[Repository, Mapping[str, Result]],
) -> None:
    repository, _ = planted
    environ = repository.settings.environ
    assert command.run(["docker", "builder", "prune", "--all", "--force"], env=environ, timeout=300).ok
    found = repository.build(services=("content", "run-text"))
    assert {one.why.cause.kind for one in found.values() if one.why and one.why.cause} == {Kind.CACHE}
    assert not any(one.why.agrees for one in found.values() if one.why)
    again = repository.build(services=("content", "run-text"))
    assert [one.why.words() for one in again.values() if one.why] == ["", ""]


def test_no_secret_is_in_what_is_printed_even_where_a_build_fails(
    planted: tuple[Repository, Mapping[str, Result]], tmp_path: Path
) -> None:
    repository, _ = planted
    (tmp_path / "web").mkdir()
    text = f"{PYTHON}\nARG API_TOKEN\nRUN echo $API_TOKEN; test x = $API_TOKEN\n"
    (tmp_path / "web" / "Dockerfile").write_text(text)
    services = {"web": {"image": "planted/web:secret", "build": {"context": "web", "args": {"API_TOKEN": SECRET}}}}
    (tmp_path / "compose.yaml").write_text(json.dumps({"services": services}))
    environ, path = repository.settings.environ, tmp_path / ".drydock" / "ledger.db"
    for words, code in ((("build", "--verbose"), 4), (("build", "--json"), 4), (("builds",), 0), (("why",), 0)):
        argv = [sys.executable, "-m", "drydock", *words, "--root", str(tmp_path)]
        result = command.run(argv, env=environ, cwd=PROJECT, timeout=300)
        assert result.code == code, result.err
        assert SECRET not in result.out + result.err
    argv = [sys.executable, "-m", "drydock", "--dry", "build", "--root", str(tmp_path)]
    shown = command.run(argv, env=environ, cwd=PROJECT, timeout=300)
    assert "API_TOKEN" in shown.err
    assert SECRET not in shown.out + shown.err
    assert SECRET.encode() not in path.read_bytes()


def test_an_engine_that_starts_anew_is_named(engine: Config, tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "a").write_text("a")
    (tmp_path / "web" / "Dockerfile").write_text("FROM scratch\nCOPY a /a\n")
    settings = config.load(tmp_path, engine.environ)
    assert build.run(settings, build.Request(), events.silent).code == 0
    daemon.stop(engine, events.silent)
    leftovers.remove_data(place.of(engine), place.environ(engine))
    daemon.start(engine, events.silent)
    (result,) = build.run(settings, build.Request(), events.silent).results
    assert result.why is not None
    assert result.why.cause is not None
    assert (result.why.cause.kind, result.why.agrees) == (Kind.ENGINE, False)

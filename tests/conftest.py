"""A fake docker on PATH, and a home of its own for every unit test."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ENGINE_TESTS = Path(__file__).parent / "engine"

SCRIPT = """#!{python} -IS
import json, os, sys
folder = os.path.dirname(os.path.abspath(__file__))
words = sys.argv[1:]
with open(os.path.join(folder, "calls"), "a") as calls:
    calls.write(json.dumps(words) + "\\n")
with open(os.path.join(folder, "answers")) as file:
    answers = [json.loads(line) for line in file]
fitting = [a for a in answers if words[: len(a["words"])] == a["words"]]
if not fitting:
    sys.exit(f"the fake docker has no answer for {{words}}")
answer = max(fitting, key=lambda a: len(a["words"]))
sys.stdout.write(answer["out"])
sys.stdout.flush()
sys.stderr.write(answer["err"])
sys.exit(answer["code"])
"""


@dataclass(frozen=True)
class FakeDocker:
    """A program named docker that answers by the words it is called with; the longest fitting beginning wins."""

    folder: Path

    def says(self, *words: str, out: str = "", err: str = "", code: int = 0) -> None:
        """From now on, `docker words…` prints `out` and `err` and ends with `code`."""
        answer = {"words": words, "out": out, "err": err, "code": code}
        with (self.folder / "answers").open("a") as file:
            file.write(json.dumps(answer) + "\n")

    @property
    def calls(self) -> list[list[str]]:
        """The words of every call so far, in order."""
        return [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]

    @property
    def environ(self) -> Mapping[str, str]:
        """An environment in which this is the docker that is found."""
        return {**os.environ, "PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    """The fake docker, first on PATH."""
    folder = tmp_path / "fake-docker"
    folder.mkdir()
    (folder / "answers").touch()
    (folder / "calls").touch()
    program = folder / "docker"
    program.write_text(SCRIPT.format(python=sys.executable))
    program.chmod(0o755)
    fake = FakeDocker(folder)
    monkeypatch.setenv("PATH", fake.environ["PATH"])
    return fake


@pytest.fixture(autouse=True)
def a_home_of_its_own(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No unit test sees or touches the user's own home, engine or settings; those on the real engine do."""
    if ENGINE_TESTS not in request.path.parents:
        monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        monkeypatch.setenv("USERPROFILE", os.environ["HOME"])
        for name in [*os.environ]:
            if name.startswith(("DRYDOCK_", "DOCKER_", "XDG_", "GITHUB_", "INVOKE_")):
                monkeypatch.delenv(name)
        for name in ("CI", "NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name, raising=False)

"""`drydock size --check` and `--ratchet` on the real engine: what is planted is named first, what is clean passes."""

import hashlib
import json
import os
import subprocess
import sys
import tomllib
import uuid
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from drydock import command, config
from drydock.engines import engine

Call = Callable[..., "subprocess.CompletedProcess[str]"]

PLANTED = 5_000_000
DOCKERFILE = """FROM python:3.12-slim
RUN --mount=type=bind,source=wheels,target=/wheels pip install --no-index --no-compile /wheels/*.whl
COPY node_modules /srv/node_modules
COPY app /srv/app
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A repository whose image holds a wheel, an npm package and a source; its images are removed in the end."""
    root = tmp_path_factory.mktemp("budgets")
    tag = f"drydock-budgets/{uuid.uuid4().hex[:12]}:local"
    context = root / "app"
    (context / "app").mkdir(parents=True)
    (context / "Dockerfile").write_text(DOCKERFILE)
    (context / "app" / "main.py").write_text("print('hello')\n")
    wheel(context, "tiny", 20_000)
    module(context, "small", 30_000)
    (root / "compose.yaml").write_text(json.dumps({"services": {"app": {"image": tag, "build": "./app"}}}))
    yield root
    settings = config.load(root, os.environ)
    command.run(["docker", "image", "rm", tag], env=engine.find(settings).environ)


@pytest.fixture(scope="module")
def drydock(root: Path) -> Call:
    def call(*words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        argv = [sys.executable, "-m", "drydock", *words, "--root", str(root)]
        return subprocess.run(
            argv, capture_output=True, text=True, timeout=300, check=False, env={**os.environ, **environ}
        )

    return call


@pytest.fixture(scope="module")
def clean(root: Path, drydock: Call) -> dict[str, Any]:
    """The image without anything planted, within a budget that leaves it a megabyte, and saved as a capture."""
    assert drydock("build").returncode == 0
    (image,) = json.loads(drydock("size", "--save", "then", "--json").stdout)["images"]
    limits = {"pull": image["pull_bytes"], "disk": image["disk_bytes"], "own": image["own_bytes"]}
    lines = [f'{name} = "{(size + 1_000_000) / 1000:.3f} kB"  # {name}' for name, size in limits.items()]
    lines += ['growth = { against = "then", hard = "1 MB" }', ""]
    (root / "pyproject.toml").write_text("\r\n".join(["[tool.drydock.images.app.budget]", *lines]), newline="")
    return dict(image)


def test_a_clean_image_is_within_its_budget(drydock: Call, clean: dict[str, Any]) -> None:
    answer = drydock("size", "--check")
    assert answer.returncode == 0, answer.stderr
    assert [line.split()[0] for line in answer.stdout.splitlines()[1:]] == ["ok"] * 4


@pytest.mark.parametrize("plant", ["pip", "npm", "file"])
@pytest.mark.parametrize("beside", [0, 400_000], ids=["alone", "beside what grew less"])
def test_a_planted_dependency_is_named_first(
    root: Path, drydock: Call, clean: dict[str, Any], plant: str, beside: int
) -> None:
    context = root / "app"
    source = context / "app" / "main.py"
    source.write_text("print('hello')\n" + "#" * beside)
    made = {"pip": wheel, "npm": module, "file": blob}[plant](context, "planted", PLANTED)
    try:
        assert drydock("build").returncode == 0
        answer = drydock("size", "--check", "--json", GITHUB_ACTIONS="true")
        assert answer.returncode == 1, answer.stderr
        report = json.loads(answer.stdout)
        assert [one["state"] for one in report["budgets"]] == ["fail"] * 4
        for cause in report["excess"]:
            first = cause["grown"][0]
            assert (first["kind"], first["name"].endswith("planted")) == (plant, True), cause
            assert PLANTED <= first["bytes"] < PLANTED + 2_000
        begin = "::error file=pyproject.toml,line="
        annotated = [line for line in answer.stderr.splitlines() if line.startswith(begin)]
        assert [int(line.removeprefix(begin).partition("::")[0]) for line in annotated] == [2, 3, 4, 5]
        assert all("planted" in line.removeprefix(begin).split("(")[0] for line in annotated)
        assert "lowered" not in drydock("size", "--ratchet").stdout.replace("nothing is lowered", "")
    finally:
        for path in made:
            path.unlink()
        source.write_text("print('hello')\n")
        assert drydock("build").returncode == 0


def test_a_ratchet_lowers_limits_once_and_the_image_stays_within_them(
    root: Path, drydock: Call, clean: dict[str, Any]
) -> None:
    path = root / "pyproject.toml"
    before = path.read_bytes()
    answer = drydock("size", "--ratchet", "--json")
    assert answer.returncode == 0, answer.stderr
    assert {one["limit"]["figure"] for one in json.loads(answer.stdout)["lowered"]} >= {"own"}
    after = path.read_bytes()
    assert after != before
    assert [line.partition(b"#")[2] for line in after.splitlines()] == [
        line.partition(b"#")[2] for line in before.splitlines()
    ]
    assert after.count(b"\r\n") == before.count(b"\r\n") == before.count(b"\n")
    limits = tomllib.loads(after.decode())["tool"]["drydock"]["images"]["app"]["budget"]
    assert limits["growth"] == {"against": "then", "hard": "1 MB"}
    assert drydock("size", "--check").returncode == 0
    assert drydock("size", "--ratchet").stdout.splitlines()[-1] == "no limit has slack: nothing is lowered"
    assert path.read_bytes() == after


def wheel(context: Path, name: str, size: int) -> list[Path]:
    """A wheel that holds a module and so many bytes of data, which pip installs without a network."""
    info = f"{name}-1.0.dist-info"
    members = {
        f"{name}/__init__.py": b"",
        f"{name}/data.bin": os.urandom(size),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digests = {path: urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=") for path, data in members.items()}
    record = "".join(f"{path},sha256={digests[path].decode()},{len(data)}\n" for path, data in members.items())
    path = context / "wheels" / f"{name}-1.0-py3-none-any.whl"
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in {**members, f"{info}/RECORD": f"{record}{info}/RECORD,,\n".encode()}.items():
            archive.writestr(member, data)
    return [path]


def module(context: Path, name: str, size: int) -> list[Path]:
    """A package as npm lays it out."""
    folder = context / "node_modules" / name
    folder.mkdir(parents=True, exist_ok=True)
    made = [folder / "package.json", folder / "data.bin"]
    made[0].write_text(json.dumps({"name": name, "version": "1.0.0"}))
    made[1].write_bytes(os.urandom(size))
    return made


def blob(context: Path, name: str, size: int) -> list[Path]:
    path = context / "app" / name
    path.write_bytes(os.urandom(size))
    return [path]

"""The installed command in a repository that is not ours: from an environment of its own, and from pipx."""

import json
import os
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.release.conftest import ROOT, Dist, Installed, run


@pytest.fixture(params=["installed", "pipx"], ids=["an environment of its own", "pipx"])
def drydock(request: pytest.FixtureRequest) -> Installed:
    """The command, as each way of installing it leaves it."""
    found: Installed = request.getfixturevalue(request.param)
    return found


def test_it_is_the_wheels_version_that_is_shown(drydock: Installed, dist: Dist, tmp_path: Path) -> None:
    shown = drydock("--version", cwd=tmp_path)
    assert (shown.returncode, shown.stdout) == (0, f"Drydock {dist.wheel.name.split('-')[1]}\n")


def test_every_module_is_there_and_none_is_taken_from_the_source(
    installed: Installed, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    script = """
import importlib, pkgutil, drydock
names = [one.name for one in pkgutil.walk_packages(drydock.__path__, "drydock.") if one.name != "drydock.__main__"]
for name in names:
    importlib.import_module(name)
print(len(names), drydock.__file__)
"""
    assert installed.python
    ran = subprocess.run(
        [installed.python, "-c", script], cwd=tmp_path, env=installed.environ, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    count, place = ran.stdout.split(maxsplit=1)
    assert int(count) > 200
    record_property("modules", int(count))
    assert not Path(place.strip()).is_relative_to(ROOT)


def test_the_package_is_a_program_too(installed: Installed, tmp_path: Path) -> None:
    assert installed.python
    ran = subprocess.run(
        [installed.python, "-m", "drydock", "--help"],
        cwd=tmp_path,
        env=installed.environ,
        capture_output=True,
        text=True,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "\n  build " in ran.stdout


def test_the_doctor_looks_at_everything_and_names_its_remedies(drydock: Installed, shop: Path) -> None:
    told = drydock("doctor", "--json", cwd=shop)
    assert told.returncode in (0, 3), told.stderr  # what it says of this machine is not the matter here
    checks = {one["check"]: one for one in json.loads(told.stdout)["checks"]}
    assert {"client", "engine", "buildx", "disk", "git"} <= set(checks)
    assert checks["git"]["state"] == "ok"


def test_the_audit_finds_mends_and_shows_the_pages_of_its_rules(drydock: Installed, shop: Path) -> None:
    found = drydock("audit", "--json", cwd=shop)
    assert found.returncode == 1, found.stderr
    codes = {one["code"] for one in json.loads(found.stdout)["findings"]}
    assert {"ignore-missing", "copy-too-wide"} & codes
    assert drydock("audit", "--fix", cwd=shop).returncode in (0, 1)
    assert (shop / ".dockerignore").read_text()
    sarif = json.loads(drydock("audit", "--format", "sarif", "--severity", "note", cwd=shop).stdout)
    assert sarif["runs"][0]["tool"]["driver"]["rules"][0]["fullDescription"]


def test_adopt_writes_its_files_and_its_tasks_run(drydock: Installed, shop: Path) -> None:
    told = drydock("adopt", "--json", cwd=shop)
    assert told.returncode == 0, told.stderr
    written = json.loads(told.stdout)["written"]
    assert {"tasks.py", "noxfile.py", "pyproject.toml"} <= set(written)
    invoke = drydock.command.resolve().parent / "inv"
    listed = subprocess.run([invoke, "--list"], cwd=shop, env=drydock.environ, capture_output=True, text=True)
    assert listed.returncode == 0, listed.stderr
    assert "\n  build " in listed.stdout


def test_documents_are_rendered_and_then_pass_their_check(drydock: Installed, shop: Path) -> None:
    assert drydock("docs", "--check", cwd=shop).returncode == 1
    rendered = drydock("docs", cwd=shop)
    assert rendered.returncode == 0, rendered.stderr
    assert "build" in (shop / "README.md").read_text()
    assert drydock("docs", "--check", cwd=shop).returncode == 0


@pytest.fixture
def cleared(drydock: Installed, shop: Path) -> Iterator[None]:
    """What was built is removed from the engine that the command uses."""
    yield
    lines = drydock("engine", "--env", cwd=shop).stdout.splitlines()
    words = [shlex.split(line.removeprefix("export "))[0] for line in lines if line.startswith("export ")]
    environ = {**drydock.environ, **dict(word.split("=", 1) for word in words)}
    run("docker", "image", "rm", "--force", f"{shop.name}:local", cwd=shop, environ=environ)


@pytest.mark.usefixtures("cleared")
def test_an_image_is_built_recorded_and_weighed_on_the_real_engine(drydock: Installed, shop: Path) -> None:
    (shop / ".dockerignore").write_text(".drydock/\n.git/\n")
    built = drydock("build", "--json", cwd=shop)
    assert built.returncode == 0, built.stderr
    assert [image["name"] for image in json.loads(built.stdout)["images"]] == [shop.name]
    again = json.loads(drydock("build", "--json", cwd=shop).stdout)
    assert [step["cached"] for image in again["images"] for step in image["steps"]] == [True]
    (shop / "more").write_text(str(shop))
    assert drydock("build", cwd=shop).returncode == 0
    why = drydock("why", cwd=shop)
    assert "more" in why.stdout, why.stderr
    assert drydock("size", cwd=shop).returncode == 0


def test_without_an_engine_and_without_consent_the_remedy_is_the_installed_command(
    drydock: Installed, shop: Path
) -> None:
    gone = {"DOCKER_HOST": f"unix://{shop}/nobody.sock", "DRYDOCK_YES": "", "PATH": os.defpath}
    told = drydock("build", cwd=shop, **gone)
    assert told.returncode == 3
    assert "where no engine answers" in told.stderr
    assert "inv " not in told.stderr

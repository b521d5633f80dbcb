"""What the shipped images are, as tools from elsewhere see it; `docker-test` builds the images before."""

import json
import sys
from pathlib import Path

import pytest

from drydock import command
from tests.engine.conftest import Docker
from tests.repositories import PROJECT

TOOLS = Path(sys.executable).parent  # they come with the lock of the session
IMAGES = ("backend", "frontend")
WEIGH = """
import pathlib
paths = [path for top in ("/opt/venv/lib", "/srv/app") for path in pathlib.Path(top).rglob("*")]
print(sum(path.stat().st_size for path in paths if path.is_file() and not path.is_symlink()))
"""  # the packages and the source


def shown(docker: Docker, tool: str, *words: str, **environ: str) -> str:
    """What a tool prints of an image that it is content with."""
    result = command.run([str(TOOLS / tool), *words], env={**docker.found.environ, **environ}, timeout=120)
    assert result.ok, result.out + result.err
    return result.out + result.err


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_has_the_structure_that_is_written_down(docker: Docker, image: str) -> None:
    where = PROJECT / "infra" / "structure" / f"{image}.yaml"
    said = shown(docker, "container-structure-test", "test", f"--image=drydock/{image}:local", f"--config={where}")
    assert "Failures:    0" in said
    assert said.count("--- PASS") >= 10


@pytest.mark.parametrize("image", IMAGES)
def test_dive_finds_almost_no_byte_wasted(docker: Docker, image: str, tmp_path: Path) -> None:
    limits = ("--lowestEfficiency=0.98", "--highestUserWastedPercent=0.02", "--highestWastedBytes=1MB")
    said = shown(docker, "dive", "--ci", *limits, f"drydock/{image}:local", CI="true", HOME=str(tmp_path))
    assert "PASS: lowestEfficiency" in said


def test_the_figures_of_size_hold_what_the_images_may_weigh_over_their_bases(docker: Docker) -> None:
    argv = [sys.executable, "-m", "drydock", "size", "--json", "--root", str(PROJECT)]
    told = command.run(argv, env={**docker.found.environ, "PYTHONPATH": str(PROJECT)}, timeout=120)
    own = {image["name"]: image["own_bytes"] for image in json.loads(told.out)["images"]}
    assert 1_000_000 < own["frontend"] <= 40_000_000
    needed = int(docker("run", "--rm", "drydock/backend:local", "python", "-c", WEIGH))
    assert needed <= own["backend"] <= needed + 2_000_000

"""A build cache that goes from one engine to another, through a registry and a folder."""

import os
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine import workflow_cache
from tests.engine.distribution import Distribution
from tests.engine.own import Own, names

pytestmark = pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="a private engine needs root")

DOCKERFILE = """\
FROM python:3.12-slim AS builder
COPY lock /lock
RUN pip install --no-index --find-links=/lock --target=/site --requirement=/lock/requirements.txt

FROM python:3.12-slim
COPY --from=builder /site /site
COPY source /source
"""
INSTALL = "RUN pip install"
WHEEL = {
    "travelled.py": "NAME = 'travelled'\n",
    "travelled-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: travelled\nVersion: 1.0\n",
    "travelled-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "travelled-1.0.dist-info/RECORD": "",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository whose image installs a package, never in a cache from before."""
    made = tmp_path / "a repository"
    (made / "lock").mkdir(parents=True)
    (made / "Dockerfile").write_text(DOCKERFILE)
    (made / "source").write_text("one\n")
    (made / "lock" / "requirements.txt").write_text(f"# {tmp_path}\ntravelled==1.0\n")
    with zipfile.ZipFile(made / "lock" / "travelled-1.0-py3-none-any.whl", "w") as wheel:
        for name, text in WHEEL.items():
            wheel.writestr(name, text)
    names(made, "drydock-travel-test/app:one")
    return made


def clone(root: Path) -> Path:
    """The repository as another machine has it, whose ledger does not know what a cache costs for so small an image."""
    made = root.with_name(f"{root.name} again")
    shutil.rmtree(made, ignore_errors=True)
    return Path(shutil.copytree(root, made, ignore=shutil.ignore_patterns(".drydock")))


@pytest.mark.parametrize("place", ["a registry that flags name", "a folder that pyproject names"])
def test_an_empty_engine_rebuilds_after_a_source_edit_and_installs_nothing(
    roomy: Own,
    plain: Own,
    root: Path,
    distribution: Distribution,
    place: str,
    record_property: Callable[[str, object], None],
) -> None:
    ref, folder = f"{distribution.host}/cache/{{image}}:main", root.parent / "kept"
    if "folder" in place:
        there, back, flags = (
            f"type=local,dest={folder},mode=max,compression=uncompressed",
            f"type=local,src={folder}",
            list[str](),
        )
        (root / "pyproject.toml").write_text(f'[tool.drydock]\ncache_from = ["{back}"]\ncache_to = ["{there}"]\n')
    else:
        flags = [f"--cache-to=type=registry,ref={ref},mode=max", f"--cache-from=type=registry,ref={ref}"]
    plain.clear()
    first = roomy.build(root, *flags)
    assert [step["cached"] for step in first["steps"] if step["instruction"].startswith(INSTALL)] == [False]
    (root / "source").write_text("two\n")
    again = plain.build(clone(root), *flags[1:])
    ran = {step["instruction"] for step in again["steps"] if not step["cached"]}
    assert ran == {"COPY source /source"}
    assert [step["cached"] for step in again["steps"] if step["instruction"].startswith(INSTALL)] == [True]
    record_property("steps of the first build", len(first["steps"]))
    record_property("steps that run again", len(ran))
    run = plain.docker("run", "--rm", "--network=none", again["tag"], "cat", "/site/travelled.py", "/source")
    assert run == WHEEL["travelled.py"] + "two\n"


def test_a_workflows_cache_travels_where_its_token_is_handed_on(roomy: Own, plain: Own, root: Path) -> None:
    (root / "Dockerfile").write_text("FROM scratch\nCOPY lock /lock\nCOPY source /source\n")  # no stand-in may leave
    with workflow_cache.serving() as cache:
        kept = {**cache.environ, "DRYDOCK_CACHE_FROM": "type=gha", "DRYDOCK_CACHE_TO": "type=gha,mode=max"}
        roomy.forget(roomy.build(root, **kept))
        (root / "source").write_text("two\n")
        again = roomy.build(clone(root), **kept)
        assert [step["instruction"] for step in again["steps"] if not step["cached"]] == ["COPY source /source"]
        stranger = roomy.run(clone(root), "build", **{**kept, "ACTIONS_RUNTIME_TOKEN": "no.token.atall"})
        assert stranger.returncode == 0, stranger.stderr
        assert "; built again without cache-to" in stranger.stderr
        left_out = plain.run(clone(root), "build", **kept)
        assert "DRYDOCK_CACHE_TO leaves out type=gha,mode=max: this builder exports no gha cache" in left_out.stderr

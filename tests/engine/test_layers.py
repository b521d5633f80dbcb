"""What images are made of, on engines of both stores: the same bytes, known waste, packages; and what a push costs."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from drydock import events
from drydock.commands import size
from tests.engine.conftest import Docker
from tests.engine.own import Own
from tests.engine.registry import serving

pytestmark = pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="a private engine needs root")

TAG = "drydock-layers-test/app:local"
# By hand. A file that a RUN moves, or gives a second name, is copied up first, so its bytes below are wasted.
WASTED = (
    1_000_000  # over: overwritten by the second COPY
    + 200_000 * 2  # gone: moved, and then deleted from where it was moved to
    + 30_000 + 4_000  # twice: overwritten, then deleted
    + 70_000  # shared: copied up for its second name, which is left when the first is deleted
    + 500 * 2  # both: copied up for its second name, then both are deleted
)  # fmt: skip
DOCKERFILE = """\
FROM python:3.12-slim AS tools
COPY site /opt/venv/lib/python3.12/site-packages

FROM python:3.12-slim
WORKDIR /srv
COPY first /srv/data
RUN cd /srv/data && ln shared other && ln both both2 && mkdir d && mv gone d/ && ln -s /srv/data /srv/link
COPY second /srv/data
RUN cd /srv/data && rm -r d shared both both2 twice
COPY --from=tools /opt /opt
COPY node_modules node_modules
"""
FIRST = {"over": 1_000_000, "gone": 200_000, "twice": 30_000, "shared": 70_000, "both": 500, "kept": 11}
SECOND = {"over": 300, "twice": 4_000}


def fill(path: Path, count: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(os.urandom(count))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository of one image with known waste, a package of pip and one of npm."""
    made = tmp_path / "a repository"
    made.mkdir()
    (made / "Dockerfile").write_text(DOCKERFILE)
    (made / "compose.yaml").write_text(json.dumps({"services": {"app": {"build": ".", "image": TAG}}}))
    for folder, files in (("first", FIRST), ("second", SECOND)):
        for name, count in files.items():
            fill(made / folder / name, count)
    fill(made / "site" / "thing" / "__init__.py", 20_000)
    fill(made / "site" / "thing" / "__pycache__" / "__init__.cpython-312.pyc", 30_000)
    record = made / "site" / "thing-1.5.dist-info" / "RECORD"
    record.parent.mkdir()
    record.write_text("thing/__init__.py,,\nthing-1.5.dist-info/RECORD,,\n")
    fill(made / "node_modules" / "@some" / "module" / "index.js", 40_000)
    (made / "node_modules" / "@some" / "module" / "package.json").write_text(
        '{"name": "@some/module", "version": "2.0"}'
    )
    return made


def weighed(own: Own, root: Path, *words: str) -> Any:
    ended = own.run(root, "size", "--json", *words)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_an_image_is_taken_apart_alike_on_both_stores(plain: Own, roomy: Own, root: Path) -> None:
    assert taken_apart(plain, root) == taken_apart(roomy, root)


def taken_apart(own: Own, root: Path) -> tuple[object, ...]:
    """What is said of the image by an engine that has not read its layers yet, after a look that it is true."""
    (own.home / "layers.json").unlink(missing_ok=True)
    own.build(root)
    (image,) = weighed(own, root)["images"]
    anatomy = image["anatomy"]
    assert anatomy["wasted_bytes"] - wasted_by_base(own, root) == WASTED
    assert sum(part["disk_bytes"] for part in anatomy["parts"]) + anatomy["wasted_bytes"] == image["disk_bytes"]
    assert sum(layer["disk_bytes"] for layer in anatomy["layers"]) == image["disk_bytes"]
    packages = {part["name"]: part for part in anatomy["parts"] if not part["base"]}
    written = root / "site" / "thing-1.5.dist-info" / "RECORD"
    assert (packages["thing"]["kind"], packages["thing"]["version"]) == ("pip", "1.5")
    assert packages["thing"]["disk_bytes"] == 50_000 + written.stat().st_size
    assert (packages["@some/module"]["kind"], packages["@some/module"]["version"]) == ("npm", "2.0")
    assert {part["kind"] for part in anatomy["parts"] if part["base"]} >= {"apt", "pip", "rest"}
    assert [(layer["stage"], layer["line"]) for layer in anatomy["layers"] if not layer["base"]][-2:] == [
        ("tools", 10),
        ("1", 11),
    ]
    stages = {one["stage"]: one["disk_bytes"] for one in anatomy["stages"]}
    assert stages["tools"] == packages["thing"]["disk_bytes"]
    told = [(layer["instruction"], layer["stage"], layer["disk_bytes"]) for layer in anatomy["layers"]]
    return image["disk_bytes"], image["base_bytes"], image["own_bytes"], told


def wasted_by_base(own: Own, root: Path) -> int:
    """What the base alone wastes."""
    alone = root.parent / "alone"
    alone.mkdir(exist_ok=True)
    (alone / "Dockerfile").write_text("FROM python:3.12-slim\nENV A=1\n")
    (alone / "compose.yaml").write_text(json.dumps({"services": {"app": {"build": ".", "image": f"{TAG}-alone"}}}))
    own.build(alone)
    return int(weighed(own, alone)["images"][0]["anatomy"]["wasted_bytes"])


@pytest.mark.parametrize("image", ["drydock/backend:local", "drydock/frontend:local"])
def test_what_is_counted_to_pull_is_what_a_push_stores_within_a_hundredth(docker: Docker, image: str) -> None:
    report = size.run(docker.settings, size.Request(), events.silent)
    (counted,) = [one.pull_bytes for one in report.weights if one.tag == image]
    stored = pushed(docker, image)
    assert counted == pytest.approx(stored, rel=0.01)


def pushed(docker: Docker, image: str) -> int:
    """The bytes of the layers that a push of the image leaves in a registry."""
    with serving() as registry:
        name = f"{registry.host}/drydock-layers/pushed:1"
        docker("tag", image, name)
        try:
            docker("push", "--quiet", name)
        finally:
            docker("image", "rm", name)
        return sum(layer["size"] for layer in registry.manifest("drydock-layers/pushed", "1")["layers"])

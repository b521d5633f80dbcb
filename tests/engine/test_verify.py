"""Images that leave the machine: dated like the commit, the same from two fresh engines, attested on request."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drydock.verification import archive
from tests.defects import loader
from tests.engine.own import Own, started

pytestmark = pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="a private engine needs root")

SAME = """\
FROM python:3.12-slim
WORKDIR /srv
COPY note note
RUN python -c "print('made', file=open('made', 'w'))" && touch -d @9999999999 late
"""
OTHER = "FROM python:3.12-slim\nRUN date +%s%N > /when && touch /plain\n"
SCAN = """\
import json, os
document = {"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://spdx.dev/Document"}
with open(os.environ["BUILDKIT_SCAN_DESTINATION"] + "/all.spdx.json", "w") as file:
    json.dump({**document, "predicate": {"spdxVersion": "SPDX-2.3", "name": "looked-for"}}, file)
"""
SCANNER = 'FROM python:3.12-slim\nCOPY scan.py /scan.py\nENTRYPOINT ["python3", "/scan.py"]\n'
COMPOSE = {
    "services": {
        "same": {"build": {"context": "same"}, "image": "drydock-verify-test/same"},
        "other": {"build": {"context": "other"}, "image": "drydock-verify-test/other"},
        "scanner": {"build": {"context": "scanner"}, "image": "drydock-verify-test/scanner:1"},
    }
}
FILES = {
    "compose.yaml": json.dumps(COMPOSE),
    "pyproject.toml": '[tool.drydock]\nsbom_scanner = "drydock-verify-test/scanner:1"\n',
    "same/Dockerfile": SAME,
    "same/note": "a note\n",
    "other/Dockerfile": OTHER,
    "scanner/Dockerfile": SCANNER,
    "scanner/scan.py": SCAN,
}


@pytest.fixture(scope="module")
def own() -> Iterator[Own]:
    """An engine with the containerd store."""
    with tempfile.TemporaryDirectory(prefix="dd") as folder:
        yield from started(Path(folder), "containerd")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return loader.write({path: text.encode() for path, text in FILES.items()}, tmp_path / "r")


def committed(root: Path) -> int:
    """When the commit was made, in seconds."""
    return int(subprocess.check_output(["git", "log", "-1", "--format=%ct"], cwd=root))


def test_of_two_builds_from_nothing_each_file_that_differs_is_named(own: Own, root: Path) -> None:
    ended = own.run(root, "verify", "--service=same", "--service=other", "--json")
    assert ended.returncode == 1, ended.stderr
    told = json.loads(ended.stdout)
    found = {one["image"]: one for one in told["images"]}
    assert told["epoch"] == committed(root)
    assert (found["same"]["differences"], len(set(found["same"]["digests"]))) == ([], 1)
    (only,) = found["other"]["differences"]
    assert (only["path"], only["what"]) == ("when", ["content"])
    assert "date" in only["where"]
    assert not list(own.home.glob("bench-*")), "the engines of both builds are gone"


def test_an_archive_is_dated_like_its_commit_and_attested_on_request(own: Own, root: Path) -> None:
    own.build(root, "--service=scanner")
    image = own.build(root, "--service=same", "--oci=out")
    (plain,) = archive.read(root / "out" / "same.tar")
    moments = [entry.time for layer in plain.layers for entry in archive.entries(plain, layer).values()]
    assert max(moments) == committed(root)
    assert image["digest"] != plain.digest, "the engine's own image keeps the times of its files"
    own.build(root, "--service=same", "--oci=out", "--provenance", "--sbom")
    (attested,) = archive.read(root / "out" / "same.tar")
    assert attested.digest == plain.digest
    statements = documents(root / "out" / "same.tar")
    assert [one for one in statements if "slsa.dev/provenance" in str(one.get("predicateType"))]
    assert [one for one in statements if one.get("predicate", {}).get("name") == "looked-for"]


def documents(path: Path) -> list[Any]:
    import tarfile

    with tarfile.open(path) as tar:
        blobs = [tar.extractfile(one) for one in tar if one.isreg() and one.size < 100_000]
        texts = [blob.read() for blob in blobs if blob]
    return [json.loads(text) for text in texts if text[:1] == b"{"]


def test_a_build_that_fails_leaves_the_archive_of_before(own: Own, root: Path) -> None:
    own.build(root, "--service=same", "--oci=out")
    before = (root / "out" / "same.tar").read_bytes()
    (root / "same" / "Dockerfile").write_text(SAME + "RUN false\n")
    ended = own.run(root, "build", "--service=same", "--oci=out")
    assert ended.returncode == 4
    assert [path.name for path in (root / "out").iterdir()] == ["same.tar"]
    assert (root / "out" / "same.tar").read_bytes() == before


def test_what_cannot_be_attested_is_refused(own: Own, root: Path) -> None:
    shutil.rmtree(root / ".drydock", ignore_errors=True)
    assert "carries no attestation" in own.refuses(root, "--service=same", "--sbom")
    shutil.rmtree(root / ".drydock", ignore_errors=True)
    ended = own.run(root, "build", "--service=same", "--no-buildkit", "--oci=out")
    assert (ended.returncode, ended.stderr.count("needs BuildKit")) == (2, 1)


def test_a_scanner_that_cannot_be_had_is_named(own: Own, root: Path) -> None:
    (root / "pyproject.toml").write_text('[tool.drydock]\nsbom_scanner = "registry.invalid/scanner:1"\n')
    ended = own.run(root, "build", "--service=same", "--oci=out", "--sbom")
    assert ended.returncode == 3, ended.stderr
    errors = [line for line in ended.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert "registry.invalid/scanner:1, which looks for packages, cannot be had" in errors[0]

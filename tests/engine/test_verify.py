"""Images that leave the machine: dated like the commit, attested on request, never by half."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from drydock.verification import archive
from tests.defects import loader
from tests.engine.own import Own

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
        "app": {"build": {"context": "app"}, "image": "drydock-verify-test/app"},
        "same": {"build": {"context": "same"}, "image": "drydock-verify-test/same"},
        "other": {"build": {"context": "other"}, "image": "drydock-verify-test/other"},
        "scanner": {"build": {"context": "scanner"}, "image": "drydock-verify-test/scanner:1"},
    }
}
FILES = {
    "compose.yaml": json.dumps(COMPOSE),
    "app/Dockerfile": "FROM scratch\nWORKDIR /srv\nCOPY note late /srv/\n",
    "app/note": "a note\n",
    "app/late": "from tomorrow\n",
    "pyproject.toml": '[tool.drydock]\nsbom_scanner = "drydock-verify-test/scanner:1"\n',
    "same/Dockerfile": SAME,
    "same/note": "a note\n",
    "other/Dockerfile": OTHER,
    "scanner/Dockerfile": SCANNER,
    "scanner/scan.py": SCAN,
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository of small images, and of two whose steps need a base; a file of one is from the future."""
    made = loader.write({path: text.encode() for path, text in FILES.items()}, tmp_path / "r")
    os.utime(made / "app" / "late", (9_999_999_999, 9_999_999_999))
    return made


def committed(root: Path) -> int:
    """When the commit was made, in seconds."""
    return int(subprocess.check_output(["git", "log", "-1", "--format=%ct"], cwd=root))


def test_an_archive_is_dated_like_its_commit_and_attested_on_request(roomy: Own, root: Path) -> None:
    roomy.build(root, "--service=scanner")
    image = roomy.build(root, "--service=app", "--oci=out")
    (plain,) = archive.read(root / "out" / "app.tar")
    moments = [entry.time for layer in plain.layers for entry in archive.entries(plain, layer).values()]
    assert max(moments) == committed(root)
    assert image["digest"] != plain.digest, "the engine's own image keeps the times of its files"
    roomy.build(root, "--service=app", "--oci=out", "--provenance", "--sbom")
    (attested,) = archive.read(root / "out" / "app.tar")
    assert attested.digest == plain.digest
    statements = documents(root / "out" / "app.tar")
    assert [one for one in statements if "slsa.dev/provenance" in str(one.get("predicateType"))]
    assert [one for one in statements if one.get("predicate", {}).get("name") == "looked-for"]


def documents(path: Path) -> list[Any]:
    import tarfile

    with tarfile.open(path) as tar:
        blobs = [tar.extractfile(one) for one in tar if one.isreg() and one.size < 100_000]
        texts = [blob.read() for blob in blobs if blob]
    return [json.loads(text) for text in texts if text[:1] == b"{"]


def test_a_build_that_fails_leaves_the_archive_of_before(roomy: Own, root: Path) -> None:
    roomy.build(root, "--service=app", "--oci=out")
    before = (root / "out" / "app.tar").read_bytes()
    (root / "app" / "Dockerfile").write_text("FROM scratch\nCOPY missing /\n")
    ended = roomy.run(root, "build", "--service=app", "--oci=out")
    assert ended.returncode == 4
    assert [path.name for path in (root / "out").iterdir()] == ["app.tar"]
    assert (root / "out" / "app.tar").read_bytes() == before


def test_what_cannot_be_attested_is_refused(roomy: Own, root: Path) -> None:
    shutil.rmtree(root / ".drydock", ignore_errors=True)
    assert "carries no attestation" in roomy.refuses(root, "--service=app", "--sbom")
    shutil.rmtree(root / ".drydock", ignore_errors=True)
    ended = roomy.run(root, "build", "--service=app", "--no-buildkit", "--oci=out")
    assert (ended.returncode, ended.stderr.count("needs BuildKit")) == (2, 1)


def test_a_scanner_that_cannot_be_had_is_named(roomy: Own, root: Path) -> None:
    (root / "pyproject.toml").write_text('[tool.drydock]\nsbom_scanner = "registry.invalid/scanner:1"\n')
    ended = roomy.run(root, "build", "--service=app", "--oci=out", "--sbom")
    assert ended.returncode == 3, ended.stderr
    errors = [line for line in ended.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert "registry.invalid/scanner:1, which looks for packages, cannot be had" in errors[0]

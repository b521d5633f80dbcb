"""What layers weigh, from archives as an engine writes them."""

import gzip
import hashlib
import io
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from drydock import config
from drydock.config import Config
from drydock.engines.engine import Engine, Origin
from drydock.errors import NotReady
from drydock.measures import oci
from drydock.measures.layers import Layer
from drydock.measures.oci import Present

HEAVY = hashlib.shake_128(b"noise").digest(600_000) + b"x" * 600_000  # above what is not read to be weighed


def tar(**files: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.LNKTYPE, next(iter(files), "none")
        archive.addfile(link)
    return stream.getvalue()


def diff_id(layer: bytes) -> str:
    return f"sha256:{hashlib.sha256(layer).hexdigest()}"


def present(*layers: bytes, size: int = 10**9, reference: str = "web:local") -> Present:
    return Present(reference, "sha256:i", "linux/amd64", tuple(diff_id(layer) for layer in layers), size)


@pytest.fixture
def repository(tmp_path: Path) -> Config:
    return config.load(tmp_path, os.environ)


def engine(environ: Any, store: str = "overlay2") -> Engine:
    words = {"host": "unix:///x", "origin": Origin.ENVIRONMENT, "version": "26", "api": "1", "buildkit": True}
    tools = {"buildx": "0.13", "compose": "2.26", "store": store, "driver": "docker", "platforms": ("linux/amd64",)}
    return Engine(**words, **tools, environ=environ)  # type: ignore[arg-type]


class Saving:
    """A docker whose `image save` writes one archive."""

    def __init__(self, folder: Path, blobs: list[bytes], code: int = 0) -> None:
        members = {f"blobs/sha256/{hashlib.sha256(blob).hexdigest()}": blob for blob in blobs}
        (folder / "archive").write_bytes(tar(**members, **{"manifest.json": b"[]"}))
        program = folder / "docker"
        program.write_text(f'#!/bin/sh\necho "$@" >> "{folder}/asked"\ncat "{folder}/archive"\nexit {code}\n')
        program.chmod(0o755)
        self.environ = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
        self.folder = folder

    @property
    def asked(self) -> list[str]:
        path = self.folder / "asked"
        return path.read_text().splitlines() if path.exists() else []


@pytest.mark.parametrize("store", ["overlay2", "containerd"])
def test_unknown_layers_are_read_out_of_the_engine_once(tmp_path: Path, store: str) -> None:
    base, own = tar(base=HEAVY), tar(own=HEAVY * 2)
    pack = gzip.compress if store == "containerd" else bytes
    docker = Saving(tmp_path, [pack(base), pack(own), b'{"layers": []}'])
    images = [present(base, own), present(base, reference="api:local")]
    said: list[str] = []
    found = oci.measure(engine(docker.environ, store), images, {}, said.append)
    sizes = found.sizes
    assert sizes["web:local"].disk_bytes == len(HEAVY) * 3
    assert sizes["api:local"].disk_bytes == len(HEAVY)
    assert {one.layer.diff_id for one in found.read} == {diff_id(base), diff_id(own)}
    assert said == ["web:local, api:local"]
    assert docker.asked == ["image save web:local api:local"]


def test_known_layers_are_not_read_again(tmp_path: Path) -> None:
    base = tar(base=HEAVY)
    docker = Saving(tmp_path, [])
    known = {diff_id(base): Layer(diff_id(base), 7, 3)}
    found = oci.measure(engine(docker.environ), [present(base)], known, lambda _: None)
    assert (found.sizes["web:local"], found.read, docker.asked) == (oci.Size(7, 3), (), [])


def test_a_source_edit_reads_nothing_out_of_a_store_that_knows_unpacked_sizes(repository: Config, docker: Any) -> None:
    base, edit = tar(base=HEAVY), tar(a=b"1" * 500)
    known = {diff_id(base): Layer(diff_id(base), len(HEAVY), len(HEAVY) // 4)}
    image = present(base, edit, size=len(HEAVY) + 516)  # the store counts links
    lines = [("COPY app /srv # buildkit", "500"), ("ENV A=1", "0"), ("ADD root.tar / # buildkit", str(len(HEAVY) + 16))]
    said = "".join(json.dumps({"CreatedBy": text, "Size": size}) + "\n" for text, size in lines)
    docker.says("image", "history", out=said)
    found = oci.measure(engine(docker.environ), [image], known, lambda _: None)
    assert found.sizes["web:local"] == oci.Size(len(HEAVY) + 500, len(HEAVY) // 4 + 125)  # packs as well as the rest
    assert [call[:2] for call in docker.calls] == [["image", "history"]]
    assert found.read == ()


def test_a_history_that_breaks_off_is_none(docker: Any) -> None:
    docker.says("image", "history", out='{"CreatedBy": "RUN', code=-9)
    assert oci.history(engine(docker.environ), "web:1") == ()


@pytest.mark.parametrize(("store", "exact"), [("containerd", False), ("overlay2", True)])
def test_small_new_layers_are_read_where_the_store_does_not_tell_and_where_it_matters(
    tmp_path: Path, store: str, exact: bool
) -> None:
    base, edit = tar(base=HEAVY), tar(a=b"1" * 500)
    known = {diff_id(base): Layer(diff_id(base), len(HEAVY), 100)}
    saving = Saving(tmp_path, [base, edit])
    image = present(base, edit, size=len(HEAVY) + 500)
    found = oci.measure(engine(saving.environ, store), [image], known, lambda _: None, exact=exact)
    assert found.sizes["web:local"].disk_bytes == len(HEAVY) + 500
    assert [one.layer.diff_id for one in found.read] == [diff_id(edit)]
    assert saving.asked == ["image save web:local"]


def test_the_base_is_the_longest_whose_layers_the_image_begins_with(tmp_path: Path) -> None:
    one, two, own = tar(a=b"1"), tar(b=b"2"), tar(c=b"3")
    known = {diff_id(layer): Layer(diff_id(layer), 10, 5) for layer in (one, two, own)}
    image, bases = present(one, two, own), [present(one), present(one, two), present(two, own)]
    found = oci.based(oci.Size(30, 15), image, bases, known)
    assert found.base_bytes == 20
    assert oci.based(oci.Size(30, 15), image, [present(own)], known).base_bytes is None


def test_an_archive_that_breaks_off_is_the_machine_s_fault(tmp_path: Path) -> None:
    docker = Saving(tmp_path, [tar(a=HEAVY)], code=1)
    archive = tmp_path / "archive"
    archive.write_bytes(archive.read_bytes()[:100_000])
    with pytest.raises(NotReady, match="cannot be read"):
        oci.measure(engine(docker.environ), [present(tar(a=HEAVY))], {}, lambda _: None)


def test_images_that_the_engine_does_not_hold_are_left_out(repository: Config, docker: Any) -> None:
    entry = {"Id": "sha256:i", "RepoTags": ["b:1"], "Os": "linux", "Architecture": "arm", "Variant": "v7", "Size": 5}
    docker.says("image", "inspect", out=json.dumps([entry]), err="No such image: a:1", code=1)
    found = oci.inspect(engine(docker.environ), ["a:1", "b:1"])
    assert found == {"b:1": Present("b:1", "sha256:i", "linux/arm/v7", (), 5)}
    assert oci.inspect(engine(docker.environ), []) == {}

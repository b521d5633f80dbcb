"""Two builds of an image held against each other, down to the file."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from drydock.verification import archive, difference

COPY, RUN = "COPY a /a", "RUN make"
Layer = Sequence[tuple[str, bytes, Mapping[str, Any]]]
BASE: Layer = [("etc", b"", {"type": tarfile.DIRTYPE, "mode": 0o755}), ("etc/a", b"one", {})]
MADE: Layer = [("out", b"made", {}), ("link", b"", {"type": tarfile.SYMTYPE, "linkname": "out"})]


def layer(files: Layer) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as made:
        for name, content, words in files:
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(content), 5
            for key, value in words.items():
                setattr(member, key, value)
            made.addfile(member, io.BytesIO(content))
    return gzip.compress(stream.getvalue(), mtime=0)


def written(path: Path, layers: Sequence[Layer], settings: Mapping[str, Any], *, attested: bool = False) -> Path:
    """An OCI archive as BuildKit writes it, of one image; with an attestation the image stands in an inner index."""
    blobs: dict[str, bytes] = {}

    def blob(content: bytes) -> dict[str, Any]:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        blobs[f"blobs/{digest.replace(':', '/')}"] = content
        return {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": len(content)}

    made = [blob(layer(one)) for one in layers]
    history = [{"created_by": COPY}, {"created_by": "CMD x", "empty_layer": True}, {"created_by": RUN}]
    config = {"os": "linux", "architecture": "amd64", "config": settings, "rootfs": {"diff_ids": [str(made)]}}
    manifest = {"config": blob(json.dumps({**config, "history": history}).encode()), "layers": made}
    top = [blob(json.dumps(manifest).encode())]
    if attested:
        noted = {**blob(json.dumps({"in": "toto"}).encode()), "annotations": {archive.ATTESTATION: "attestation"}}
        top = [{**blob(json.dumps({"manifests": [*top, noted]}).encode()), "mediaType": archive.INDEXES[0]}]
    with tarfile.open(path, "w") as stream:
        for name, content in {**blobs, "index.json": json.dumps({"manifests": top}).encode()}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            stream.addfile(member, io.BytesIO(content))
    return path


def found(
    tmp_path: Path, second: Sequence[Layer], settings: Mapping[str, Any]
) -> list[tuple[str, str, tuple[str, ...]]]:
    (one,) = archive.read(written(tmp_path / "1", [BASE, MADE], {"Env": ["A=1"]}))
    (other,) = archive.read(written(tmp_path / "2", second, settings))
    return [(each.where, each.path, each.what) for each in difference.between(one, other, archive.entries)]


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param([("out", b"other", {}), MADE[1]], [(RUN, "out", ("content",))], id="another content"),
        pytest.param([("out", b"made", {"mode": 0o600}), MADE[1]], [(RUN, "out", ("mode",))], id="another mode"),
        pytest.param([("out", b"made", {"uid": 7}), MADE[1]], [(RUN, "out", ("owner",))], id="another owner"),
        pytest.param([("out", b"made", {"mtime": 6}), MADE[1]], [(RUN, "out", ("time",))], id="another time"),
        pytest.param(
            [("out", b"made", {"pax_headers": {"SCHILY.xattr.user.x": "1"}}), MADE[1]],
            [(RUN, "out", ("attributes",))],
            id="another attribute",
        ),
        pytest.param(
            [MADE[0], ("link", b"", {"type": tarfile.SYMTYPE, "linkname": "in"})],
            [(RUN, "link", ("link",))],
            id="another target",
        ),
        pytest.param([MADE[0], ("link", b"made", {})], [(RUN, "link", ("kind", "link", "content"))], id="another kind"),
        pytest.param([MADE[0]], [(RUN, "link", (difference.FIRST,))], id="one less"),
        pytest.param([*MADE, ("more", b"", {})], [(RUN, "more", (difference.SECOND,))], id="one more"),
        pytest.param(MADE[::-1], [(RUN, "", (difference.PACKING,))], id="another order"),
    ],
)
def test_each_difference_of_a_file_is_named_with_its_instruction(
    tmp_path: Path, second: Layer, expected: list[Any]
) -> None:
    assert found(tmp_path, [BASE, second], {"Env": ["A=1"]}) == expected


def test_the_same_has_no_difference(tmp_path: Path) -> None:
    assert found(tmp_path, [BASE, MADE], {"Env": ["A=1"]}) == []


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"Env": ["A=2"]}, [("configuration", "config.Env.0", ("value",))]),
        ({"Env": []}, [("configuration", "config.Env.0", (difference.FIRST,))]),
        ({"Env": ["A=1"], "User": "me"}, [("configuration", "config.User", (difference.SECOND,))]),
    ],
)
def test_settings_are_named_by_their_place(tmp_path: Path, settings: Mapping[str, Any], expected: list[Any]) -> None:
    assert found(tmp_path, [BASE, MADE], settings) == expected


def test_a_layer_too_few_is_named_and_no_file_of_it(tmp_path: Path) -> None:
    assert found(tmp_path, [BASE], {"Env": ["A=1"]}) == [(RUN, "", (difference.FIRST,))]


def test_attestations_are_no_images(tmp_path: Path) -> None:
    (one,) = archive.read(written(tmp_path / "1", [BASE], {}, attested=True))
    assert (one.platform, one.layers[0].instruction) == ("linux/amd64", COPY)

"""An OCI archive: the images in it, their layers, and what is in each layer.

The form is that of the OCI image layout, https://github.com/opencontainers/image-spec/blob/main/image-layout.md.
"""

import hashlib
import json
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from drydock.values import dataclass

INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
ATTESTATION = "vnd.docker.reference.type"
PIECE = 1 << 16  # bytes: at each header tarfile copies what it has read ahead


@dataclass(frozen=True)
class Layer:
    """One layer: its digest as it is stored, and the instruction that made it, as the history tells it."""

    digest: str
    instruction: str


@dataclass(frozen=True)
class Archived:
    """One image of an archive, for one platform; `digest` is that of its manifest."""

    path: Path
    platform: str
    digest: str
    config: Mapping[str, Any]
    layers: tuple[Layer, ...]


@dataclass(frozen=True)
class Entry:
    """One entry of a layer, with all that could be different of it; `content` is the SHA-256 of a file, `time` seconds.

    `kind` is the type flag of tar, `target` what a link points to, `more` the extended attributes.
    """

    kind: str
    mode: str
    owner: str
    time: float
    target: str
    content: str
    more: tuple[tuple[str, str], ...]


def read(path: Path) -> tuple[Archived, ...]:
    """The images of an archive, by platform; attestations are left out."""
    with tarfile.open(path) as archive:
        return tuple(sorted(_images(archive, path, _document(archive, "index.json")), key=lambda one: one.platform))


def entries(image: Archived, layer: Layer) -> dict[str, Entry]:
    """What is in a layer, by path. Of a path that is there twice the last counts, as when it is unpacked."""
    found = dict[str, Entry]()
    with (
        tarfile.open(image.path) as archive,
        _member(archive, _name(layer.digest)) as blob,
        tarfile.open(fileobj=blob, mode="r|*", bufsize=PIECE) as content,
    ):
        for member in content:
            found[member.name] = _entry(content, member)
    return found


def _images(archive: tarfile.TarFile, path: Path, index: Mapping[str, Any]) -> Iterator[Archived]:
    for one in index["manifests"]:
        if one["mediaType"] in INDEXES:
            yield from _images(archive, path, _document(archive, _name(one["digest"])))
        elif ATTESTATION not in one.get("annotations", {}):
            yield _image(archive, path, one["digest"])


def _image(archive: tarfile.TarFile, path: Path, digest: str) -> Archived:
    manifest = _document(archive, _name(digest))
    config = _document(archive, _name(manifest["config"]["digest"]))
    made = [line.get("created_by", "") for line in config.get("history", ()) if not line.get("empty_layer")]
    blobs = [layer["digest"] for layer in manifest["layers"]]
    made += [""] * (len(blobs) - len(made))
    layers = tuple(Layer(blob, words) for blob, words in zip(blobs, made, strict=False))
    return Archived(path, f"{config['os']}/{config['architecture']}", digest, config, layers)


def _document(archive: tarfile.TarFile, name: str) -> dict[str, Any]:
    with _member(archive, name) as stream:
        document: dict[str, Any] = json.load(stream)
        return document


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    stream = archive.extractfile(name)
    if stream is None:
        raise KeyError(name)
    return stream


def _name(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"


def _entry(layer: tarfile.TarFile, member: tarfile.TarInfo) -> Entry:
    return Entry(
        kind=member.type.decode("ascii", "replace"),
        mode=f"{member.mode:o}",
        owner=f"{member.uid}:{member.gid}",
        time=member.mtime,
        target=member.linkname,
        content=_sha256(layer.extractfile(member)) if member.isreg() else "",
        more=tuple(sorted((name, value) for name, value in member.pax_headers.items() if name.startswith("SCHILY"))),
    )


def _sha256(stream: IO[bytes] | None) -> str:
    return "" if stream is None else hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]

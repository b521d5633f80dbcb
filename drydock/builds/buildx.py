"""A build request as a bake file and its command line. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from drydock import authorities
from drydock.config import BUILT, Image
from drydock.values import dataclass

# Docker's predefined build arguments: they reach RUN and never stay in the image's history.
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")
EPOCH = "SOURCE_DATE_EPOCH"  # BuildKit dates what it writes by this argument; no step runs anew for it
# BuildKit drops the builds of one client that it does not get to within seconds ("no such job"): a hundred at once on a
# busy machine. Steps of so many fill any number of cores.
MOST = 32


@dataclass(frozen=True)
class Options:
    """What is asked of one build beyond what the images say of themselves.

    `bases` maps, for each image, base names to the references or folders that replace them; `secrets` maps ids to
    `src=PATH` or `env=NAME`; `proxies` are names of variables whose values bake takes from its own environment.
    `archives` is the folder for an OCI archive of each image, all files of which are dated `epoch` (seconds) at most;
    `load` is whether images go to the engine, or to their registry with `push`.
    """

    builder: str = ""
    platforms: tuple[str, ...] = ()
    load: bool = True
    push: bool = False
    archives: Path | None = None
    epoch: int = 0
    provenance: bool = False
    sbom: bool = False
    scanner: str = ""
    cache_from: tuple[str, ...] = ()
    cache_to: tuple[str, ...] = ()
    bases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    proxies: tuple[str, ...] = ()


def targets(images: Iterable[Image]) -> dict[str, str]:
    """A bake target for each image, by its name: letters, digits, dash and underscore is all that bake allows."""
    names: dict[str, str] = {}
    for image in images:
        name = re.sub(r"[^A-Za-z0-9_-]", "_", image.name)
        while name in names.values():
            name += "_"
        names[image.name] = name
    return names


def bake(images: Sequence[Image], options: Options, chosen: Collection[str] = ()) -> dict[str, Any]:
    """The bake file for `images`; only the `chosen` ones (default all) are built, the rest can be built upon."""
    names = targets(images)
    asked = [image for image in images if not chosen or image.name in chosen]
    document: dict[str, Any] = {
        "group": {"default": {"targets": [names[image.name] for image in asked]}},
        "target": {names[image.name]: _target(image, options, names) for image in upon(images, asked)},
    }
    if options.proxies:
        document["variable"] = {name: {"default": ""} for name in options.proxies}
    return document


def without(document: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The bake file with one key left out of all targets."""
    targets = {
        name: {other: value for other, value in target.items() if other != key}
        for name, target in document["target"].items()
    }
    return {**document, "target": targets}


def upon(images: Sequence[Image], asked: Sequence[Image]) -> list[Image]:
    """The images asked for, and those that they are built upon."""
    named = {image.name: image for image in images}
    found, waiting = {image.name: image for image in asked}, list(asked)
    while waiting:
        for name in waiting.pop().upon.values():
            other = named.get(name)
            if other and other.name not in found:
                found[other.name] = other
                waiting.append(other)
    return list(found.values())


def groups(images: Sequence[Image]) -> list[tuple[Image, ...]]:
    """The images in as few groups as can be built at once, one after the other, all about as large."""
    count = -(-len(images) // MOST)
    return [tuple(images[at::count]) for at in range(count)]


def argv(options: Options, metadata: str) -> list[str]:
    """The command line that builds a bake file given on stdin, with raw progress and a metadata file."""
    line = ["docker", "buildx", "bake", "--progress=rawjson", f"--metadata-file={metadata}"]
    if options.builder:
        line.append(f"--builder={options.builder}")
    return [*line, "--file=-"]


def proxies(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The proxy variables that are set, in either case."""
    return tuple(name for upper in PROXIES for name in (upper, upper.lower()) if environ.get(name))


def ca_bundle(environ: Mapping[str, str]) -> str | None:
    """The file in which this machine says it keeps its certificate authorities, if it says so."""
    return next((environ[name] for name in authorities.VARIABLES if environ.get(name)), None)


def _target(image: Image, options: Options, names: Mapping[str, str]) -> dict[str, Any]:
    secrets = {**options.secrets, **image.secrets}
    values: dict[str, Any] = {
        "context": _literal(str(image.context)),
        "dockerfile": _literal(str(image.dockerfile)),
        "target": _literal(image.target or ""),
        "args": {**{name: f"${{{name}}}" for name in options.proxies}, **_epoch(options), **_literals(image.args)},
        "tags": [_literal(tag) for tag in dict.fromkeys((image.tag, *image.tags))],
        "contexts": {**_named(options.bases.get(image.name, {})), **_contexts(image, names)},
        "labels": _literals(image.labels),
        "secret": [_literal(f"id={name},{_field(where)}") for name, where in secrets.items()],
        "ssh": [_literal(agent) for agent in image.ssh],
        "network": image.network or "",
        "platforms": list(options.platforms or image.platforms),
        "cache-from": [_cache(entry, image.name) for entry in options.cache_from or image.cache_from],
        "cache-to": [_cache(entry, image.name) for entry in options.cache_to or image.cache_to],
        "output": _outputs(options, names[image.name]),
        "attest": _attestations(options),
    }
    return {key: value for key, value in values.items() if value}


def archive(folder: Path, target: str) -> Path:
    """Where the OCI archive of a target is written."""
    return folder / f"{target}.tar"


def _outputs(options: Options, target: str) -> list[str]:
    """Where the image goes. The last one is what bake tells the digest of."""
    archives = []
    if options.archives:
        place = _field(f"dest={archive(options.archives, target)}")
        archives = [_literal(f"type=oci,{place},rewrite-timestamp=true")]
    return [*archives, *(["type=registry"] if options.push else ["type=docker"] if options.load else [])]


def _attestations(options: Options) -> list[str]:
    """What is attested. More than the least provenance would hold build arguments, and what proxies say of users."""
    scanner = f",generator={_literal(options.scanner)}" if options.scanner else ""
    return [
        "type=provenance,mode=min" if options.provenance else "type=provenance,disabled=true",
        f"type=sbom{scanner}" if options.sbom else "type=sbom,disabled=true",
    ]


def _epoch(options: Options) -> dict[str, str]:
    return {EPOCH: str(options.epoch)} if options.archives else {}


def _cache(entry: str, image: str) -> str:
    """A cache of its own for each image: `{image}` in an entry is its name, and a GitHub cache gets it as scope."""
    entry = entry.replace("{image}", image)
    if re.search(r"(^|,)type=gha(,|$)", entry) and not re.search(r"(^|,)scope=", entry):
        entry += f",scope={image}"
    return _literal(entry)


def _field(text: str) -> str:
    """A field of a line that buildx reads as CSV: a path may hold what would end it."""
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text


def _contexts(image: Image, names: Mapping[str, str]) -> dict[str, str]:
    upon = {key: f"{BUILT}{names.get(name, name)}" for key, name in image.upon.items()}
    return {key: upon.get(key) or _literal(value) for key, value in image.contexts.items()}


def _named(bases: Mapping[str, str]) -> dict[str, str]:
    """BuildKit looks a base up without the tag `latest`."""
    replaced = {name: reference for name, reference in bases.items() if reference != name}
    return {
        name.removesuffix(":latest"): reference if "://" in reference else f"docker-image://{reference}"
        for name, reference in replaced.items()
    }


def _literals(values: Mapping[str, str]) -> dict[str, str]:
    return {key: _literal(value) for key, value in values.items()}


def _literal(text: str) -> str:
    """Bake reads strings as templates: what would begin one is doubled."""
    return text.replace("${", "$${").replace("%{", "%%{")

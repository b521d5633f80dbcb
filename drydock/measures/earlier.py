"""What sizes are compared with: a capture, the image before, or the newest build of the main branch."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from drydock.config import Config
from drydock.errors import Misuse, NotReady
from drydock.measures import anatomy, evidence, ledger, revision
from drydock.measures.anatomy import Anatomy
from drydock.measures.build import Build

LAST, MAIN = "last", "main"  # words that name a state rather than a capture


@dataclass(frozen=True)
class Earlier:
    """Images as they were: what they are in words, each as a capture holds it, and those of which nothing is known."""

    label: str
    images: tuple[Mapping[str, Any], ...]
    missing: tuple[str, ...] = ()


Apart = Callable[[Build], Anatomy | None]


def captured(config: Config, name: str) -> Earlier:
    """The images of a capture; Misuse where there is none of that name or it holds no sizes."""
    document = evidence.load(config.root, name)
    if document["kind"] != "size":
        raise Misuse(f"the capture {name} holds no sizes of one state", remedy="name one that inv size --save wrote")
    try:
        for image in document["images"]:
            anatomy.read(image.get("anatomy"))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        path = evidence.folder(config.root) / f"{name}.json"
        raise Misuse(f"{path} is damaged: {error}", remedy=f"git checkout -- {path.name}") from error
    return Earlier(f"the capture {name} of {document['date'][:10]}", tuple(document["images"]))


def last(config: Config, digests: Mapping[str, str], apart: Apart) -> Earlier:
    """Of each image the newest build that made another one than that of this digest; NotReady where there is none."""
    found = [_newest(config, name, partial(_is_another, digest)) for name, digest in digests.items()]
    builds = [build for build in found if build]
    if not builds:
        raise NotReady(
            "there is nothing to compare with: no earlier build of another image is recorded",
            remedy="inv size --save NAME, and later --against NAME",
        )
    return _recorded("the image before", builds, digests, apart)


def main(config: Config, names: Sequence[str], apart: Apart) -> Earlier:
    """The newest builds of the commit that main stands on, else of where this history left it, else the capture main.

    Only a build of an unchanged work tree is one of a commit. NotReady where there is none of all that.
    """
    commits = revision.standing(config, MAIN)
    for commit in commits:
        clean = partial(_is_of, commit)
        if builds := [build for name in names if (build := _newest(config, name, clean))]:
            where = MAIN if commit == commits[0] else f"the commit where this branch left {MAIN}"
            return _recorded(f"{where} ({commit[:12]})", builds, names, apart)
    if (evidence.folder(config.root) / f"{MAIN}.json").is_file():
        return captured(config, MAIN)
    where = " or ".join(commit[:12] for commit in commits)
    why = f"no build of {where} with an unchanged work tree is recorded" if commits else f"there is no branch {MAIN}"
    raise NotReady(f"there is nothing to compare with: {why}, and no capture {MAIN}", remedy=f"inv size --save {MAIN}")


def _recorded(what: str, builds: Sequence[Build], names: Iterable[str], apart: Apart) -> Earlier:
    told = ", ".join(f"{build.image} {_told(build)}" for build in builds)
    missing = tuple(name for name in names if name not in {build.image for build in builds})
    return Earlier(f"{what}: {told}", tuple(_figures(build, apart(build)) for build in builds), missing)


def _is_of(commit: str, build: Build) -> bool:
    return build.commit == commit and not build.dirty


def _is_another(digest: str, build: Build) -> bool:
    return build.digest != digest


def _newest(config: Config, name: str, fits: Callable[[Build], bool]) -> Build | None:
    builds = ledger.recent(config, image=name, limit=None)
    ordinary = (build for build in builds if build.scenario == "build" and build.outcome == "done" and build.digest)
    return next((build for build in ordinary if fits(build)), None)


def _told(build: Build) -> str:
    return f"build {build.id} of {build.started[:16].replace('T', ' ')}"


def _figures(build: Build, apart: Anatomy | None) -> dict[str, Any]:
    """A build as a capture has it; its layers, where they are known, say more exactly what it weighs."""
    layers = apart.layers if apart else ()
    own = sum(layer.disk_bytes for layer in layers if not layer.base)
    return {
        "name": build.image,
        "disk_bytes": sum(layer.disk_bytes for layer in layers) if layers else build.disk_bytes,
        "pull_bytes": sum(layer.pull_bytes for layer in layers) if layers else build.pull_bytes,
        "own_bytes": own if layers else None,
        "wasted_bytes": apart.wasted_bytes if apart else None,
        "seconds": build.seconds,
        "anatomy": anatomy.document(apart) if apart else None,
    }

"""What sizes are compared with: a capture, the image before, one within a limit, or the newest build of a branch."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from drydock.config import Config
from drydock.errors import Misuse, NotReady
from drydock.measures import anatomy, evidence, ledger, revision
from drydock.measures.anatomy import Anatomy
from drydock.measures.build import Build
from drydock.values import dataclass

LAST, MAIN = "last", "main"  # words that name a state rather than a capture
LOOKED = 20  # earlier images of one name that are asked whether they were within a limit


@dataclass(frozen=True)
class Earlier:
    """Images as they were: what they are in words, each as a capture holds it, and those of which nothing is known."""

    label: str
    images: tuple[Mapping[str, Any], ...]
    missing: tuple[str, ...] = ()


Apart = Callable[[Build], Anatomy | None]


def captured(config: Config, name: str) -> Earlier:
    """The images of a capture; Misuse where there is none of that name or it holds no sizes."""
    document = evidence.wanted(config.root, name, "size", "size")
    try:
        for image in document["images"]:
            anatomy.read(image.get("anatomy"))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        path = evidence.folder(config.root) / f"{name}.json"
        raise Misuse(f"{path} is damaged: {error}", remedy=f"git checkout -- {path.name}") from error
    return Earlier(f"the capture {name} of {document['date'][:10]}", tuple(document["images"]))


def captured_within(config: Config, name: str, key: str, most: int) -> Earlier | None:
    """The newest capture of sizes that has this image, known in its parts and at most so large by this figure."""
    for capture in evidence.captures(config.root, "size"):
        for image in evidence.load(config.root, capture)["images"]:
            size = image.get(key)
            if image["name"] == name and image.get("anatomy") and size is not None and size <= most:
                return captured(config, capture)
    return None


def last(config: Config, digests: Mapping[str, str], apart: Apart) -> Earlier:
    """Of each image the newest build that made another one than that of this digest; NotReady where there is none."""
    builds = [one for name, digest in digests.items() for one in ledger.shipped(config, name, other_than=digest)]
    if not builds:
        raise NotReady(
            "there is nothing to compare with: no earlier build of another image is recorded",
            remedy="inv size --save NAME, and later --against NAME",
        )
    return _recorded("the image before", builds, digests, apart)


def within(config: Config, name: str, digest: str, key: str, most: int, apart: Apart) -> Earlier | None:
    """The newest build that made another image than this, at most so large by this figure, and known in its parts."""
    for build in ledger.shipped(config, name, other_than=digest, limit=LOOKED):
        figures = _figures(build, apart(build))
        size = figures[key]
        if figures["wasted_bytes"] is not None and size is not None and size <= most:
            return Earlier(f"the newest build within the limit: {_told(build)}", (figures,))
    return None


def main(config: Config, names: Sequence[str], apart: Apart, branch: str = MAIN) -> Earlier:
    """The newest builds of the commit a branch stands on, else of where this history left it, else its capture.

    Only a build of an unchanged work tree is one of a commit. NotReady where there is none of all that.
    """
    commits = revision.standing(config, branch)
    if builds := of_commits(config, names, commits):
        commit = str(builds[0].commit)
        where = branch if commit == commits[0] else f"the commit where this branch left {branch}"
        return _recorded(f"{where} ({commit[:12]})", builds, names, apart)
    if (evidence.folder(config.root) / f"{branch}.json").is_file():
        return captured(config, branch)
    where = " or ".join(commit[:12] for commit in commits)
    why = f"no build of {where} with an unchanged work tree is recorded" if commits else f"there is no branch {branch}"
    raise NotReady(
        f"there is nothing to compare with: {why}, and no capture {branch}", remedy=f"inv size --save {branch}"
    )


def of_commits(config: Config, names: Iterable[str], commits: Iterable[str]) -> tuple[Build, ...]:
    """The newest build of each image of the first of the commits that has any, made of an unchanged work tree."""
    wanted = tuple(names)
    for commit in commits:
        if builds := tuple(build for name in wanted for build in ledger.shipped(config, name, commit=commit)):
            return builds
    return ()


def _recorded(what: str, builds: Sequence[Build], names: Iterable[str], apart: Apart) -> Earlier:
    told = ", ".join(f"{build.image} {_told(build)}" for build in builds)
    missing = tuple(name for name in names if name not in {build.image for build in builds})
    return Earlier(f"{what}: {told}", tuple(_figures(build, apart(build)) for build in builds), missing)


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

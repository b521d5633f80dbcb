"""What a service's mounts hide of its image. Pure."""

from collections.abc import Iterator

from drydock.audit import entries, folders, made
from drydock.audit.composefile import joined
from drydock.audit.entries import Volume
from drydock.audit.made import Made
from drydock.audit.serving import Served
from drydock.values import dataclass


@dataclass(frozen=True)
class Hidden:
    """Something that the build made, and the bind mount that lies over it; `folder` is what that brings instead."""

    made: Made
    volume: Volume
    folder: str | None


def of(one: Served) -> Iterator[Hidden]:
    """What lies below a bind mount and is not given back by a nearer one, in this file or the service's other half."""
    if one.file is None or one.stage is None:
        return
    built = made.of(one.file, one.stage)
    here = tuple(entries.volumes(one.service))
    others = tuple(volume for half in one.halves for volume in entries.volumes(half))
    for volume in here:
        if not volume.is_bind or "$" in volume.target:
            continue
        for thing in built:
            if folders.is_below(thing.path, volume.target) and not any(
                len(other.target) > len(volume.target) and folders.is_below(thing.path, other.target)
                for other in (*here, *others)
            ):
                yield Hidden(thing, volume, _counterpart(one, volume, thing))


def _counterpart(one: Served, volume: Volume, thing: Made) -> str | None:
    """The path of the repository that the mount puts there; None for what lies elsewhere."""
    folder = volume.folder(one.folder)
    return joined(folder, "." + thing.path.removeprefix(volume.target.rstrip("/"))) if folder is not None else None

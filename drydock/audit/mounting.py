"""The edits that give the installs of a RUN their cache mounts, with what would work against these. Pure."""

from collections.abc import Iterator

from drydock.audit import defeats
from drydock.audit.buildfile import Spot
from drydock.audit.finding import Fix, mend
from drydock.audit.mounts import Lack
from drydock.audit.source import Edit


def fix(spot: Spot, lack: Lack) -> tuple[Fix | None, str]:
    """The fix for what a RUN lacks; or None and why it cannot be given."""
    against = tuple(defeats.of(spot, lack.folders))
    stuck = next((f"{one.message}, and {one.declined}" for one in against if one.breaks and not one.edits), "")
    if declined := lack.declined or stuck:
        return None, declined
    fold = f" {spot.file.file.escape}\n    "
    mount = Edit(spot.body, spot.body, "".join(flag + fold for flag in lack.flags))
    return mend(spot.source, *_joined(mount, [edit for one in against for edit in one.edits])), ""


def _joined(mount: Edit, others: list[Edit]) -> Iterator[Edit]:
    """All edits, those at the place of the mount written behind it."""
    here = [one for one in others if one.start == mount.start]
    end = max([mount.end, *(one.end for one in here)])
    yield Edit(mount.start, end, mount.new + "".join(one.new for one in here))
    yield from (one for one in others if one not in here)

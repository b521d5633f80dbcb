"""A build and its steps as they are measured and kept. Pure."""

from collections.abc import Mapping

from drydock.values import dataclass


@dataclass(frozen=True)
class Step:
    """One instruction of one image as it ran: `started` and `seconds` in seconds, `started` after the build began.

    `line` is its line in the Dockerfile. `inputs` are the positions of the steps of this build it waited for;
    `critical` says that it lies on the chain of these that took longest.

    `bytes` is what it added to the file system below it: the files that it wrote, whole where it changed a part, and
    nothing for what it deleted. What a RUN leaves in cache mounts and reads from bind mounts is not in it. It is the
    unpacked bytes of the layer where the image has one of the step; else what the engine counts for its record in the
    build cache, which the containerd store does in whole blocks, folders included; and for a step from the cache what
    an earlier build recorded of the same step. None where none of these tells. Metadata (ENV, CMD) is no step.

    `log` is what a step printed last at which the build failed, with what looks secret hidden; None for all others.
    """

    image: str
    stage: str
    instruction: str
    line: int | None
    started: float
    seconds: float
    cached: bool
    bytes: int | None = None
    error: str | None = None
    critical: bool = False
    inputs: tuple[int, ...] = ()
    log: str | None = None


@dataclass(frozen=True)
class Build:
    """One build of one image as it is kept; the columns of the table `builds`, `detail` apart.

    `started` is RFC 3339 in UTC; `seconds` wall-clock; `steps` and `cached` are counts; sizes are in bytes, None where
    nothing was produced or could be weighed; `bases` holds name, reference, origin and digest of each base.
    `export_seconds` is how long writing the image took, None where the builder did not tell.
    """

    image: str
    tag: str
    started: str
    commit: str | None
    dirty: bool
    platform: str
    engine: str
    store: str
    bases: tuple[Mapping[str, str], ...]
    standin: bool
    outcome: str
    seconds: float
    steps: int
    cached: int
    context_bytes: int
    pull_bytes: int | None = None
    disk_bytes: int | None = None
    layers: int | None = None
    digest: str | None = None
    scenario: str = "build"
    export_seconds: float | None = None
    detail: tuple[Step, ...] = ()
    id: int = 0

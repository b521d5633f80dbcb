"""What a variant gained over another: bytes, steps and seconds, the spread of the runs considered. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from drydock.measures.scenario_tables import spread
from drydock.measures.timings import Spread
from drydock.text import human_bytes, known_bytes
from drydock.values import dataclass

MEANINGLESS_BYTES = 50_000  # a smaller difference is that of time stamps and compression
GROWTH_BYTES, GROWTH = 1_000_000, 0.01  # an image that grows by both does not gain
LEAST_SECONDS, LEAST = 0.3, 0.1  # a difference in seconds counts from both on, where the runs do not overlap
SIZE = frozenset(  # rules that promise a smaller image, and nothing else
    {
        *("single-stage", "build-tools-in-image", "package-cache-in-image", "dev-dependencies-in-image"),
        *("full-base-image", "chown-doubles-layer"),
    }
)
TIME = {  # rules that promise that less is done again, or in less time, and the scenario that can show it
    **dict.fromkeys(("install-without-cache-mount", "cache-mount-defeated", "npm-install-over-ci"), "dependency edit"),
    **dict.fromkeys(("manifest-after-source", "install-triggered-by-more", "argument-too-early"), "source edit"),
    **dict.fromkeys(("link-missing", "copy-too-wide"), "source edit"),
}
SPOKEN = {"pull_bytes": "to pull", "disk_bytes": "unpacked", "own_bytes": "own part"}
EDITED = "no-op"  # the scenario in which nothing is edited

Weight = Mapping[str, int | None]


@dataclass(frozen=True)
class Timed:
    """The runs of one scenario: seconds, and how many steps ran in the median run."""

    seconds: tuple[float, ...]
    steps: float

    @property
    def spread(self) -> Spread:
        return Spread(self.seconds)


Times = Mapping[str, Timed]


@dataclass(frozen=True)
class Change:
    """One figure before and after, in words; `better` is None where the difference means nothing."""

    what: str
    before: str
    after: str
    better: bool | None


def sizes(before: Weight, after: Weight) -> tuple[Change, ...]:
    """The sizes of an image."""
    return tuple(_sized(name, before.get(name), after.get(name)) for name in SPOKEN)


def times(before: Times, after: Times) -> tuple[Change, ...]:
    """Steps and seconds of each scenario that was timed for both."""
    return tuple(change for name in before if name in after for change in _timed(name, before[name], after[name]))


def grown(before: Weight, after: Weight) -> str:
    """Why an image that grew must not stay; "" where it may."""
    old, new = before.get("disk_bytes"), after.get("disk_bytes")
    if old is None or new is None or new - old < max(GROWTH_BYTES, GROWTH * old):
        return ""
    return f"the image grows from {human_bytes(old)} to {human_bytes(new)}"


def idle(codes: Iterable[str], sized: Iterable[Change], timed: Iterable[Change], *, runs: int = 3) -> dict[str, str]:
    """Rules that keep no promise, with the reason; gains are those of all fixes of an image together.

    Of a rule that promises time nothing can be said where the scenario that could show it was not timed, or only once:
    one run has no spread.
    """
    sized, timed = tuple(sized), tuple(timed)
    smaller = any(change.better for change in sized)
    slower = [change for change in timed if change.better is False]
    quicker = any(change.better for change in timed)

    def could_tell(code: str) -> bool:
        return runs > 1 and any(change.what.startswith(TIME[code]) for change in timed)

    found = {}
    for code in codes:
        if code in SIZE and not smaller:
            found[code] = "the image is not smaller with it"
        if code in TIME and slower:
            found[code] = f"{slower[0].what} goes from {slower[0].before} to {slower[0].after}"
        elif code in TIME and could_tell(code) and not (quicker or smaller):
            found[code] = "neither time nor bytes are saved with it, beyond the spread of the runs"
    return found


def _sized(name: str, before: int | None, after: int | None) -> Change:
    better = None
    if before is not None and after is not None and abs(after - before) >= MEANINGLESS_BYTES:
        better = after < before
    return Change(SPOKEN[name], known_bytes(before), known_bytes(after), better)


def _timed(name: str, before: Timed, after: Timed) -> Iterator[Change]:
    old, new = before.spread, after.spread
    once = len(before.seconds) == 1 or len(after.seconds) == 1  # which has no spread, so nothing lies beyond it
    far = not once and abs(new.median - old.median) >= max(LEAST_SECONDS, LEAST * old.median)
    apart = new.largest < old.smallest or old.largest < new.smallest
    better = new.median < old.median if far and apart else None
    yield Change(name, spread(old), spread(new), better)
    if name != EDITED:
        fewer = None if before.steps == after.steps else after.steps < before.steps or None
        yield Change(f"{name}: steps that ran", f"{before.steps:g}", f"{after.steps:g}", fewer)

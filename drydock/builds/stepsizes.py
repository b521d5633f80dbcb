"""What each step of a build left in the engine's cache: steps held against the records of that. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from drydock.builds import buildcache
from drydock.builds.buildcache import Kind, Record, plain
from drydock.causes.veil import Veil
from drydock.dockerfile import Dockerfile
from drydock.measures.build import Step

SLACK = 1.0  # seconds: a record is dated a moment after its step is told as over


def is_unweighed(step: Step) -> bool:
    """Whether a step left something in the cache that nobody has weighed."""
    return step.bytes is None and not step.cached and step.error is None


def sized(
    steps: Sequence[Step], records: Iterable[Record], file: Dockerfile | None, began: float, veil: Veil
) -> tuple[Step, ...]:
    """The steps, each that ran with the bytes of its record, where one record fits and no other of another size.

    `began` is when the build began, in seconds since the epoch by the engine's clock: a record fits by its text and
    by when it was made. `veil` hid the values that look secret in the texts of the steps.
    """
    layers = [one for one in records if one.kind is Kind.LAYER]
    written = {one.line: set(buildcache.texts(one)) for one in file.instructions} if file else {}

    def weigh(step: Step) -> int | None:
        start, end = began + step.started - SLACK, began + step.started + step.seconds + SLACK
        texts = written.get(step.line or 0, set()) | {
            plain(step.instruction.removeprefix("LINK ").removeprefix("RUN "))
        }
        sizes = {one.size for one in layers if start <= one.created <= end and _fits(one, texts, veil)}
        return sizes.pop() if len(sizes) == 1 else None

    return tuple(replace(step, bytes=weigh(step)) if is_unweighed(step) else step for step in steps)


def _fits(record: Record, texts: set[str], veil: Veil) -> bool:
    """A RUN is named by its command as written, behind its shell; the others with their variables filled in."""
    named = plain(record.what)
    return (
        named in texts or plain(veil.hide(record.what)) in texts or any(named.endswith(f" -c {one}") for one in texts)
    )

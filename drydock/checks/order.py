"""Which verdict is the cause and which follow from it, and in what order they are told. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from drydock.checks import State, Verdict, unknown


def settled(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Verdicts in the order of causes: what fails only since something else does is no longer held against anything.

    What follows from a check that itself follows from another is led back to that one.
    """
    by_check = {verdict.check: verdict for verdict in verdicts}
    return tuple(_settled(verdict, by_check) for verdict in verdicts)


def told(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """What fails first, then warnings, then what cannot be known, then what is well; each in the order of causes."""
    return tuple(sorted(verdicts, key=_weight))


def _settled(verdict: Verdict, by_check: dict[str, Verdict]) -> Verdict:
    cause = verdict.follows or (_cause(verdict, by_check) if verdict.state is not State.OK else "")
    passed = {verdict.check}
    while cause and cause not in passed and (above := by_check.get(cause)) is not None:
        passed.add(cause)
        further = above.follows or _cause(above, by_check)
        if not further:
            break
        cause = further
    return unknown(verdict.check, cause) if cause else replace(verdict, rests=())


def _cause(verdict: Verdict, by_check: dict[str, Verdict]) -> str:
    failed = (name for name in verdict.rests if name in by_check and by_check[name].state is State.FAIL)
    return next(failed, "")


def _weight(verdict: Verdict) -> int:
    if verdict.follows:
        return 2
    return (State.FAIL, State.WARN, None, State.OK).index(verdict.state)

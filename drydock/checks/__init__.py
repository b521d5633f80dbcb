"""What the doctor looks at, one small module per group: pure functions from what was seen to a verdict."""

from enum import Enum

from drydock.values import dataclass


class State(Enum):
    """OK needs nothing; WARN works, but not as it should; FAIL keeps something from working."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Verdict:
    """One check: what was seen, the command or edit that mends it, and whether `inv doctor --fix` can do that."""

    check: str
    state: State
    seen: str
    remedy: str = ""
    can_fix: bool = False


def ok(check: str, seen: str) -> Verdict:
    """Nothing to mend."""
    return Verdict(check, State.OK, seen)


def warn(check: str, seen: str, remedy: str = "", *, can_fix: bool = False) -> Verdict:
    """It works, but not as it should."""
    return Verdict(check, State.WARN, seen, remedy, can_fix)


def fail(check: str, seen: str, remedy: str, *, can_fix: bool = False) -> Verdict:
    """Something does not work until this is mended."""
    return Verdict(check, State.FAIL, seen, remedy, can_fix)

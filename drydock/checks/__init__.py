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
    """One check: what was seen, the command or edit that mends it, and whether `inv doctor --fix` can do that.

    `rests` are checks whose failure would explain this one. `follows` is the one that does, or that keeps this from
    being known.
    """

    check: str
    state: State
    seen: str
    remedy: str = ""
    can_fix: bool = False
    rests: tuple[str, ...] = ()
    follows: str = ""


def ok(check: str, seen: str) -> Verdict:
    """Nothing to mend."""
    return Verdict(check, State.OK, seen)


def warn(check: str, seen: str, remedy: str = "", *, can_fix: bool = False, rests: tuple[str, ...] = ()) -> Verdict:
    """It works, but not as it should."""
    return Verdict(check, State.WARN, seen, remedy, can_fix, rests)


def fail(check: str, seen: str, remedy: str, *, can_fix: bool = False, rests: tuple[str, ...] = ()) -> Verdict:
    """Something does not work until this is mended."""
    return Verdict(check, State.FAIL, seen, remedy, can_fix, rests)


def unknown(check: str, follows: str) -> Verdict:
    """What cannot be known until another check is well."""
    return Verdict(check, State.WARN, f"not known until {follows} is mended", follows=follows)


def late(check: str, what: str, seconds: float) -> Verdict:
    """What was asked and gave no answer in time, which says nothing of it on a machine that is busy."""
    remedy = "inv doctor, once this machine is less busy"
    return warn(check, f"{what} did not answer within {seconds:.1f} s", remedy, rests=("client", "config.json"))

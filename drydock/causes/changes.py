"""Whether an image would come out as it was, and if not, what is different of all that decides it. Pure."""

from drydock.causes import cause, difference, pairing
from drydock.causes.cause import Cause
from drydock.causes.difference import Files
from drydock.causes.grounds import Ground, Grounds
from drydock.causes.manifest import Change


def words(now: Grounds, then: Grounds, files: Files) -> str:
    """What is different, as the end of a sentence; empty where nothing is.

    What a step rests on comes first, then what only the image as a whole does.
    """
    if now == then:
        return ""
    if now.key != then.key:
        return "the key of this repository is a new one: what was recorded before cannot be compared"
    if not then.whole:
        return "an older Drydock built it, which recorded less"
    if then.notes:
        return f"{then.notes[0]} the last time"
    if found := _steps(now, then, files) or _whole(now, then):
        return cause.said(found)
    if now.engine != then.engine:
        return "another engine or builder built it"
    return "its ignore file changed" if now.ignored != then.ignored else "what it rests on is recorded otherwise"


def _steps(now: Grounds, then: Grounds, files: Files) -> Cause | None:
    pairs = pairing.pairs(then.steps, now.steps)
    if found := difference.first(now, then, range(len(now.steps)), pairs, files):
        return found[0]
    gone = [one for at, one in enumerate(then.steps) if at not in pairs.values()]
    return Cause(cause.Kind.LINE, change=Change.REMOVED.value, before=gone[0].text) if gone else None


def _whole(now: Grounds, then: Grounds) -> Cause | None:
    """As if the image as a whole were one more step."""
    before, after = (Ground("", None, "", one.whole) for one in (then, now))
    facts = sorted(difference.different(before, after), key=difference.rank)
    return difference.said(facts[0], 0, 0, now, then, lambda *_: None) if facts else None

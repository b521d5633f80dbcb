"""Which files of a work tree git could not give back: those it does not track, and those that were changed."""

from collections.abc import Callable

from drydock import git
from drydock.config import Config

OUTSIDE = "it is not in a git repository that could give it back"
UNCOMMITTED = "its git repository has no commit yet that could give it back"
UNTRACKED = "git does not track it, so could not give it back"
CHANGED = "it has changes that are not committed, which git could not give back"


def reasons(config: Config) -> Callable[[str], str]:
    """For a path below the root: why git could not give it back, "" where it could. Asks git twice, at once."""
    tracked = _asked(config, "ls-files", "-z", "-v")
    changed = _asked(config, "diff", "--name-only", "-z", "--relative", "HEAD")
    if tracked is None:
        return lambda _: OUTSIDE
    if changed is None:
        return lambda _: UNCOMMITTED
    held = {entry[2:] for entry in tracked if entry.startswith("H ")}  # other letters: told not to look at changes

    def reason(path: str) -> str:
        if path not in held:
            return UNTRACKED
        return CHANGED if path in changed else ""

    return reason


def _asked(config: Config, *words: str) -> frozenset[str] | None:
    found = git.listed(config.root, config.environ, *words)
    return None if found is None else frozenset(found)

"""Which commit the work tree stands on, and whether it differs."""

from drydock import git
from drydock.config import Config
from drydock.values import dataclass


@dataclass(frozen=True)
class Revision:
    """A commit (None outside git, or before the first) and whether the work tree differs from it."""

    commit: str | None
    dirty: bool


def read(config: Config) -> Revision:
    """Ask git once; without git, and outside a repository, there is no revision."""
    status = git.ask(config.root, config.environ, "status", "--porcelain=v2", "--branch")
    return Revision(None, False) if status is None else parse(status)


def parse(status: str) -> Revision:
    """Revision from `git status --porcelain=v2 --branch`. Pure."""
    lines = status.splitlines()
    heads = [line.split()[2] for line in lines if line.startswith("# branch.oid ")]
    commit = heads[0] if heads and heads[0] != "(initial)" else None
    return Revision(commit, any(not line.startswith("#") for line in lines))


def standing(config: Config, branch: str) -> tuple[str, ...]:
    """The commit that a branch stands on, here or else at the remote, then where the work tree's history left it."""
    for name in (branch, f"origin/{branch}"):
        tip = git.ask(config.root, config.environ, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        if tip is not None:
            left = git.ask(config.root, config.environ, "merge-base", "HEAD", name)
            return tuple(dict.fromkeys(one.strip() for one in (tip, left) if one is not None))
    return ()

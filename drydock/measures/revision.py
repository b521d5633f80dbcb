"""Which commit the work tree stands on, and whether it differs."""

from dataclasses import dataclass

from drydock import command
from drydock.config import Config
from drydock.errors import NotReady


@dataclass(frozen=True)
class Revision:
    """A commit (None outside git, or before the first) and whether the work tree differs from it."""

    commit: str | None
    dirty: bool


def read(config: Config) -> Revision:
    """Ask git once; without git, and outside a repository, there is no revision."""
    argv = ["git", "status", "--porcelain=v2", "--branch"]
    try:
        result = command.run(argv, env={**config.environ, "GIT_OPTIONAL_LOCKS": "0"}, cwd=config.root)
    except NotReady:
        return Revision(None, False)
    return parse(result.out) if result.ok else Revision(None, False)


def parse(status: str) -> Revision:
    """Revision from `git status --porcelain=v2 --branch`. Pure."""
    lines = status.splitlines()
    heads = [line.split()[2] for line in lines if line.startswith("# branch.oid ")]
    commit = heads[0] if heads and heads[0] != "(initial)" else None
    return Revision(commit, any(not line.startswith("#") for line in lines))


def standing(config: Config, branch: str) -> tuple[str, ...]:
    """The commit that a branch stands on, here or else at the remote, then where the work tree's history left it."""
    git = {**config.environ, "GIT_OPTIONAL_LOCKS": "0"}
    for name in (branch, f"origin/{branch}"):
        try:
            tip = command.run(
                ["git", "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"], env=git, cwd=config.root
            )
            left = command.run(["git", "merge-base", "HEAD", name], env=git, cwd=config.root)
        except NotReady:
            return ()
        if tip.ok:
            return tuple(dict.fromkeys(one.out.strip() for one in (tip, left) if one.ok))
    return ()

"""Which commit the work tree stands on, whether it differs, and where its history left a branch."""

import json
from pathlib import Path

from drydock import git
from drydock.config import Config
from drydock.errors import NotReady
from drydock.values import dataclass


@dataclass(frozen=True)
class Revision:
    """A commit (None outside git, or before the first) and whether the work tree differs from it."""

    commit: str | None
    dirty: bool


@dataclass(frozen=True)
class Fork:
    """The commit at which the work tree's history left a branch or another name, as that was given; or a push found."""

    name: str
    commit: str

    @property
    def label(self) -> str:
        return f"{self.name} ({self.commit[:12]})" if not self.commit.startswith(self.name) else self.commit[:12]

    @property
    def branch(self) -> str:
        """The name without that of a remote."""
        return self.name.removeprefix("origin/")


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
        tip = git.commit(config.root, config.environ, name)
        if tip is not None:
            left = git.ask(config.root, config.environ, "merge-base", "HEAD", name)
            return tuple(dict.fromkeys(one.strip() for one in (tip, left) if one is not None))
    return ()


def fork(config: Config, named: str = "") -> Fork | None:
    """Where this history left what is named: a branch, here or else at the remote, a tag or a commit.

    Without a name it is the branch that a pull request goes to, or the commit that a push followed, as a GitHub
    workflow tells it, else None. A checkout of little depth may not reach back to where they parted: then it is the
    commit that is named. NotReady where that is not here; None where it is what a push followed.
    """
    name = named or config.environ.get("GITHUB_BASE_REF", "")
    if not name:
        return _before_push(config)
    told = [] if named else [_told(config, "pull_request", "base", "sha")]
    merged = ["HEAD^1"] if not named and _is_merged(config) else []
    for one in filter(None, (*told, name, f"origin/{name}", *merged)):
        commit = git.commit(config.root, config.environ, one)
        if commit is not None:
            left = git.ask(config.root, config.environ, "merge-base", "HEAD", commit)
            return Fork(name, (left or commit).split()[0])
    raise NotReady(f"the commit of {name} is not in this clone", remedy=f"git fetch origin {name}")


def _before_push(config: Config) -> Fork | None:
    """Where its branch stood before a push; None where it is new, or stood on a commit that is not in this clone."""
    before = _told(config, "before")
    commit = git.commit(config.root, config.environ, before) if before.strip("0") else None
    return Fork(before, commit) if commit else None


def _told(config: Config, *path: str) -> str:
    """What a workflow's event says under these keys; empty where there is none."""
    try:
        told = json.loads(Path(config.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
        for key in path:
            told = told[key]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return told if isinstance(told, str) else ""


def _is_merged(config: Config) -> bool:
    """Whether HEAD is what GitHub checks out for a pull request: the merge of it into its base."""
    parents = git.ask(config.root, config.environ, "rev-list", "--parents", "-n1", "HEAD") or ""
    return len(parents.split()) == 3 and parents.split()[0] == config.environ.get("GITHUB_SHA")

"""The repository as it was at a commit, in a scratch folder: read through git, which changes nothing of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drydock import git
from drydock.config import Config
from drydock.engines import scratch
from drydock.errors import Misuse
from drydock.values import dataclass

POINTERS = ("filter.lfs.smudge=", "filter.lfs.process=", "filter.lfs.required=false")  # LFS is asked for nothing


@dataclass(frozen=True)
class Checkout:
    """A tree as git had it: where the root of the configuration lies in it, and what could not be had.

    `top` is the work tree that it is another state of; `submodules` are paths below it. `trouble` says in words why
    there is no such tree.
    """

    ref: str
    root: Path
    top: Path
    submodules: tuple[str, ...] = ()
    trouble: str = ""


@contextmanager
def of(config: Config, ref: str) -> Iterator[Checkout]:
    """The tree of a commit, until the end of this block.

    Raises Misuse outside a repository, and for a commit that is not there, unless the history is cut off.
    """
    told = git.ask(config.root, config.environ, "rev-parse", "--show-toplevel")
    if told is None:
        remedy = "inv build --changed, without --since"
        raise Misuse(f"{config.root} is in no repository that git can read", remedy=remedy)
    top, commit = Path(told.rstrip("\n")), _commit(config, ref)
    if commit is None:
        yield Checkout(ref, top, top, trouble=f"{ref} is not in this shallow clone (git fetch --unshallow brings it)")
        return
    with scratch.folder(config, "then") as folder:
        root = git.check_out(config.root, config.environ, commit, folder, *POINTERS)
        entries = git.listed(config.root, config.environ, "ls-tree", "-r", "-z", "--full-tree", commit)
        if root is None or entries is None:
            yield Checkout(ref, top, top, trouble=f"git cannot give all files of {ref}")
        else:
            submodules = tuple(one.partition("\t")[2] for one in entries if one.startswith("160000 "))
            yield Checkout(ref, root, top, submodules)


def _commit(config: Config, ref: str) -> str | None:
    """The commit that is meant; None where the history is cut off before it."""
    found = git.commit(config.root, config.environ, ref)
    if found is not None:
        return found
    if (git.ask(config.root, config.environ, "rev-parse", "--is-shallow-repository") or "").strip() == "true":
        return None
    raise Misuse(f"there is no commit {ref}", remedy=f"git fetch, or name one that is there: git show {ref}")

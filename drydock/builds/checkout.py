"""The repository as it was at a commit, in a scratch folder: read through git, which changes nothing of its own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drydock import git
from drydock.command import Environ
from drydock.config import Config
from drydock.errors import Misuse
from drydock.values import dataclass

# Attributes count as they were at that commit; what Git LFS keeps elsewhere is not fetched.
QUIETLY = ("filter.lfs.smudge=", "filter.lfs.process=", "filter.lfs.required=false", "core.splitIndex=false")


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
    told = git.ask(config.root, config.environ, "rev-parse", "--show-toplevel", "--absolute-git-dir")
    if told is None:
        remedy = "inv build --changed, without --since"
        raise Misuse(f"{config.root} is in no repository that git can read", remedy=remedy)
    top, store = map(Path, told.splitlines())
    commit = _commit(config, ref)
    if commit is None:
        yield Checkout(ref, top, top, trouble=f"{ref} is not in this shallow clone (git fetch --unshallow brings it)")
        return
    with tempfile.TemporaryDirectory(prefix="drydock-") as folder:
        tree = Path(folder).resolve() / top.name
        tree.mkdir()
        places = {"GIT_DIR": str(store), "GIT_WORK_TREE": str(tree), "GIT_INDEX_FILE": f"{folder}/index"}
        submodules = _write(tree, {**config.environ, **places}, commit)
        if submodules is None:
            yield Checkout(ref, top, top, trouble=f"git cannot give all files of {ref}")
        else:
            yield Checkout(ref, tree / config.root.relative_to(top), top, submodules)


def _commit(config: Config, ref: str) -> str | None:
    """The commit that is meant; None where the history is cut off before it."""
    if not ref.startswith("-"):  # no flag of git
        found = git.ask(config.root, config.environ, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        if found is not None:
            return found.strip()
    if (git.ask(config.root, config.environ, "rev-parse", "--is-shallow-repository") or "").strip() == "true":
        return None
    raise Misuse(f"there is no commit {ref}", remedy=f"git fetch, or name one that is there: git show {ref}")


def _write(tree: Path, environ: Environ, commit: str) -> tuple[str, ...] | None:
    """Write the files of a commit as a checkout would; its submodules, or None where git cannot give all."""
    settings = [word for one in QUIETLY for word in ("-c", one)]
    if git.ask(tree, environ, *settings, "read-tree", commit) is None:
        return None
    listed = git.listed(tree, environ, "ls-files", "--stage", "-z")
    if listed is None or git.ask(tree, environ, *settings, "checkout-index", "--all", "--quiet") is None:
        return None
    return tuple(one.partition("\t")[2] for one in listed if one.startswith("160000 "))

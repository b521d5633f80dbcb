"""Questions to git about a folder. They wait for no lock and change nothing."""

from pathlib import Path

from drydock import command
from drydock.command import Environ
from drydock.errors import NotReady


def ask(folder: Path, environ: Environ, *words: str, **more: str) -> str | None:
    """What git prints; None where it has no answer: no git, no repository, nothing of that name.

    `more` are further variables of its environment.
    """
    try:
        result = command.run(["git", *words], env={**environ, "GIT_OPTIONAL_LOCKS": "0", **more}, cwd=folder)
    except NotReady:
        return None
    return result.out if result.ok else None


def listed(folder: Path, environ: Environ, *words: str) -> tuple[str, ...] | None:
    """The entries that git prints with a NUL behind each (`-z`); None where it has no answer."""
    out = ask(folder, environ, *words)
    return None if out is None else tuple(filter(None, out.split("\0")))


def commit(folder: Path, environ: Environ, name: str) -> str | None:
    """The commit that a name stands for: a branch, a tag, its own digest; None where there is no such."""
    if name.startswith("-"):  # a flag of git
        return None
    found = ask(folder, environ, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    return None if found is None else found.strip()


def check_out(folder: Path, environ: Environ, commit: str, into: Path, *settings: str) -> Path | None:
    """Write the whole tree of a commit below `into`, as a checkout would; gives where `folder` is in it.

    The repository's own index and work tree are left alone, and its attributes count as they were then. `settings` are
    words for git in the form of its configuration. None where git cannot.
    """
    told = ask(folder, environ, "rev-parse", "--show-toplevel", "--absolute-git-dir")
    if told is None:
        return None
    root, store = map(Path, told.splitlines())
    tree = into.resolve() / "tree" / root.name
    tree.mkdir(parents=True)
    places = {"GIT_DIR": str(store), "GIT_WORK_TREE": str(tree), "GIT_INDEX_FILE": str(into / "index")}
    words = [word for one in ("core.splitIndex=false", *settings) for word in ("-c", one)]
    for act in (("read-tree", commit), ("checkout-index", "--all", "--quiet")):
        if ask(tree, environ, *words, *act, **places) is None:
            return None
    return tree / folder.relative_to(root.resolve())

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


def check_out(folder: Path, environ: Environ, commit: str, into: Path) -> Path | None:
    """Write the whole tree of a commit below `into`, as a checkout would; gives where `folder` is in it.

    The repository's own index and work tree are left alone. None where git cannot.
    """
    top = ask(folder, environ, "rev-parse", "--show-toplevel")
    if top is None:
        return None
    root, index = Path(top.rstrip("\n")), str(into / "index")
    tree = into / "tree" / root.name
    tree.mkdir(parents=True)
    for words in (("read-tree", commit), ("checkout-index", "--all", f"--prefix={tree}/")):
        if ask(root, environ, *words, GIT_INDEX_FILE=index) is None:
            return None
    return tree / folder.relative_to(root.resolve())

"""Questions to git about a folder. They wait for no lock and change nothing."""

from pathlib import Path

from drydock import command
from drydock.command import Environ
from drydock.errors import NotReady


def ask(folder: Path, environ: Environ, *words: str) -> str | None:
    """What git prints; None where it has no answer: no git, no repository, nothing of that name."""
    try:
        result = command.run(["git", *words], env={**environ, "GIT_OPTIONAL_LOCKS": "0"}, cwd=folder)
    except NotReady:
        return None
    return result.out if result.ok else None


def listed(folder: Path, environ: Environ, *words: str) -> tuple[str, ...] | None:
    """The entries that git prints with a NUL behind each (`-z`); None where it has no answer."""
    out = ask(folder, environ, *words)
    return None if out is None else tuple(filter(None, out.split("\0")))

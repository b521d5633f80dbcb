"""git as tests use it on repositories of their own; the author is nobody."""

import subprocess
from pathlib import Path

SETTINGS = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always")


def git(root: Path, *words: str) -> str:
    """What git prints, without the end of the last line; it must succeed."""
    argv = ["git", *SETTINGS, *words]
    return subprocess.run(argv, cwd=root, check=True, capture_output=True, text=True).stdout.rstrip("\n")


def commit(root: Path, message: str = "all of it") -> None:
    """Commit everything that is not ignored, in a repository that is made where there is none."""
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", f"--message={message}")

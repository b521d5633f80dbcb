"""Installs that fail without a lock file, and what writes one. Pure."""

import re

from drydock.values import dataclass


@dataclass(frozen=True)
class Lock:
    """An install that fails without a lock file: the command, its manifest, its locks, what writes one."""

    command: re.Pattern[str]
    manifest: str
    names: tuple[str, ...]
    maker: str


LOCKS = (
    Lock(
        re.compile(r"\bnpm (?:ci|clean-install)\b"),
        "package.json",
        ("package-lock.json", "npm-shrinkwrap.json"),
        "npm install --package-lock-only",
    ),
    Lock(
        re.compile(r"\byarn (?:install )?[^&;|]*--(?:frozen-lockfile|immutable)\b"),
        "package.json",
        ("yarn.lock",),
        "yarn install",
    ),
    Lock(
        re.compile(r"\bpnpm (?:install|i)\b[^&;|]*--frozen-lockfile\b"),
        "package.json",
        ("pnpm-lock.yaml",),
        "pnpm install --lockfile-only",
    ),
    Lock(re.compile(r"\buv sync\b[^&;|]*--(?:frozen|locked)\b"), "pyproject.toml", ("uv.lock",), "uv lock"),
)
NAMES = frozenset(name for one in LOCKS for name in (*one.names, one.manifest))

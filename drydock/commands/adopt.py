"""Adopt Drydock in a repository: write what it needs and is missing, overwrite nothing, say what comes next."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from drydock import adoption, command
from drydock.audit import fixing, worktree
from drydock.audit.repository import Repository
from drydock.config import Config
from drydock.errors import Misuse
from drydock.rules import ignore_missing
from drydock.services import model
from drydock.values import dataclass

NEXT = ("inv audit", "inv audit --diff", "inv prove")


@dataclass(frozen=True)
class Report:
    """The images that were found, the files that were written or would be, and what stayed, with the reason."""

    images: tuple[str, ...]
    written: Mapping[str, bytes]
    stayed: Mapping[str, str]
    dry: bool = False

    def document(self) -> dict[str, Any]:
        return {
            "images": list(self.images),
            "written": {} if self.dry else self._texts(),
            "would_write": self._texts() if self.dry else {},
            "stayed": dict(self.stayed),
            "next": list(NEXT),
        }

    def text(self) -> str:
        """What was found and written, and the commands that come next."""
        lines = [f"images: {', '.join(self.images)}"]
        lines += [f"{'would write' if self.dry else 'written'}: {path}" for path in self.written]
        if self.dry:
            lines += [f"--- {path}\n{text.rstrip()}" for path, text in self._texts().items()]
        lines += [f"stays: {path}: {reason}" for path, reason in self.stayed.items()]
        lines += [] if self.written else ["nothing to write"]
        return "\n".join([*lines, "next:", *(f"  {line}" for line in NEXT)])

    def _texts(self) -> dict[str, str]:
        return {path: data.decode("utf-8", "replace") for path, data in self.written.items()}


def run(config: Config, today: date) -> Report:
    """Write the table `[tool.drydock]`, tasks, nox sessions and ignore files where they are missing.

    Nothing is overwritten; on a dry run nothing is written. Raises Misuse where there is nothing to build, and where
    the table would have to be written through a link.
    """
    repository = worktree.repository(config, today)
    compose = adoption.compose_file(repository)
    images = _images(config, repository, compose)
    if not images:
        raise Misuse(f"nothing to build in {config.root}: no compose file and no Dockerfile", remedy="give --root PATH")
    made: dict[str, bytes] = {}
    stayed = {path: "it is there already" for path in adoption.NEW if _is_there(config, path)}
    if (after := _settings(config, repository, compose)) is not None:
        made["pyproject.toml"] = after
    else:
        stayed["pyproject.toml"] = "it has [tool.drydock] already"
    made |= {path: text.encode() for path, text in adoption.NEW.items() if path not in stayed}
    made |= _ignore_files(config, repository, today)
    worktree.write(config, repository.tree, made)
    return Report(images, made, stayed, command.is_dry())


def _settings(config: Config, repository: Repository, compose: str) -> bytes | None:
    """The pyproject.toml with the table `[tool.drydock]`; None where it has that already."""
    path = config.root / "pyproject.toml"
    before = repository.tree.read(path.name) if path.is_file() else None
    after = adoption.pyproject(before, adoption.table(compose, adoption.probes(repository, compose)))
    if after is not None and path.is_symlink():
        raise Misuse(f"{path.name} is a link, and nothing is written through links", remedy="put a file in its place")
    return after


def _is_there(config: Config, path: str) -> bool:
    """Whether there is a file of that name, be it a link, or a package in its place."""
    places = config.root / path, config.root / path.removesuffix(".py")
    return any(place.exists() or place.is_symlink() for place in places)


def _images(config: Config, repository: Repository, compose: str) -> tuple[str, ...]:
    """The names of the images to build, without asking compose."""
    file = repository.composefile(compose)
    return tuple(one.service for one in file.builds) if file else tuple(one.name for one in model.found(config.root))


def _ignore_files(config: Config, repository: Repository, today: date) -> dict[str, bytes]:
    """The ignore files that the audit would write where there are none."""
    policy = worktree.policy(config, today)
    fixed = fixing.fix(repository, [ignore_missing.RULE], policy)
    return {path: fixed.repository.tree.read(path) for path in fixed.changed if not repository.tree.has(path)}

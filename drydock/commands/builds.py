"""Recorded builds: listed, two of them compared step by step, given to other ledgers and taken from them."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from drydock import command, files
from drydock.builds import comparison
from drydock.builds.comparison import Comparison
from drydock.config import Config
from drydock.errors import Misuse, NotReady
from drydock.measures import exchange, ledger
from drydock.measures.build import Build
from drydock.services import recorded
from drydock.text import human_seconds, known_bytes, table
from drydock.values import dataclass

LIMIT = 20
HEADER = ("id", "when (UTC)", "image", "scenario", "commit", "seconds", "cached", "size", "base", "outcome")
TWO = re.compile(r"(\d{1,18})\.\.(\d{1,18})")
DIRTY = "+ the work tree differed from the commit"
STANDIN = "A stand-in is built from packages; the official image differs in size."


@dataclass(frozen=True)
class Request:
    """What is asked for; the words of at most one of `compare`, `export` and `take_in` are given."""

    services: tuple[str, ...] = ()
    limit: str = ""
    compare: str = ""
    export: str = ""
    take_in: str = ""


@dataclass(frozen=True)
class Report:
    """Builds as they are listed, newest first; or two compared; or what an export or an import moved, or would."""

    builds: tuple[Build, ...] = ()
    compared: Comparison | None = None
    file: str = ""
    moved: int = 0
    known: int | None = None
    dry: bool = False

    code = 0

    def document(self) -> dict[str, Any]:
        """What was asked for as plain data; a build in a list has the form of an export, and its id."""
        if self.compared:
            return self.compared.document()
        if self.dry:
            return {"file": self.file, "would_export" if self.known is None else "would_import": self.moved}
        if self.known is not None:
            return {"file": self.file, "imported": self.moved, "known": self.known}
        if self.file:
            return {"file": self.file, "exported": self.moved}
        return {"builds": [{"id": build.id, **exchange.plain(build)} for build in self.builds]}

    def text(self) -> str:
        """A table, or a sentence on what was moved."""
        if self.compared:
            return self.compared.text()
        if self.dry and self.known is not None:
            return f"{_builds(self.moved)} would be imported from {self.file}, but for those that are known"
        if self.dry:
            return f"{_builds(self.moved)} would be exported to {self.file}"
        if self.known is not None:
            return f"{_builds(self.moved)} imported from {self.file}, {self.known} already known"
        if self.file:
            return f"{_builds(self.moved)} exported to {self.file}"
        if not self.builds:
            return "no build is recorded yet: inv build"
        notes = [DIRTY] if any(build.dirty for build in self.builds) else []
        notes += [STANDIN] if any(build.standin for build in self.builds) else []
        return "\n".join([table(HEADER, [_row(build) for build in self.builds], right=(0, 5, 6, 7)), *notes])


def run(config: Config, request: Request) -> Report:
    """List, compare, export or import.

    Raises Misuse for words that make no sense, for a build or a service of which nothing is recorded, for a file that
    is no export, and for a ledger that is damaged or newer; NotReady for a file or a ledger that cannot be written.
    """
    asked = [name for name in ("compare", "export", "take_in") if getattr(request, name)]
    if len(asked) > 1:
        raise Misuse("--compare, --export and --import are three tasks", remedy="give one of them")
    if request.compare:
        return Report(compared=_compare(config, request.compare))
    if request.take_in:
        return _import(config, Path(request.take_in), request.services)
    if request.export:
        return _export(config, Path(request.export), _chosen(config, request, default=None))
    return Report(ledger.detailed(config, _chosen(config, request, default=LIMIT)))


def _chosen(config: Config, request: Request, *, default: int | None) -> tuple[Build, ...]:
    """The newest builds of the services, or of all, newest first."""
    limit = _limit(request.limit) if request.limit else default
    if not request.services:
        return ledger.recent(config, limit=limit)
    recorded.require(config, request.services, ledger.images(config), "builds")
    found: list[Build] = []
    for service in dict.fromkeys(request.services):
        found += ledger.recent(config, image=service, limit=limit)
    return tuple(sorted(found, key=_age, reverse=True)[:limit])


def _limit(words: str) -> int:
    if not words.isascii() or not words.isdecimal() or not 0 < int(words[:10]) < 10**9:
        raise Misuse(f"--limit {words}: not a whole number from 1 on", remedy=f"--limit {LIMIT}")
    return int(words[:10])


def _compare(config: Config, words: str) -> Comparison:
    match = TWO.fullmatch(words)
    if not match:
        raise Misuse(
            f"--compare {words}: not two builds", remedy="inv builds --compare 1..2, with ids that inv builds shows"
        )
    before, after = (_found(config, int(number)) for number in match.groups())
    return comparison.compare(before, after)


def _found(config: Config, number: int) -> Build:
    build = ledger.find(config, number)
    if build is None:
        raise Misuse(f"there is no build {number}", remedy="inv builds --limit 1000 shows which there are")
    return build


def _export(config: Config, path: Path, builds: Sequence[Build]) -> Report:
    """Write the builds, oldest first; a file that is there and is no export of ours stays as it is."""
    if not path.parent.is_dir():
        raise Misuse(
            f"--export {path}: there is no folder {path.parent}", remedy=f"mkdir -p {shlex.quote(str(path.parent))}"
        )
    try:
        if path.exists() and not path.read_bytes().startswith(exchange.BEGINNING.encode()):
            raise Misuse(
                f"{path} is there already and is no export of builds", remedy="name another file, or remove it"
            )
    except OSError as error:
        raise NotReady(f"{path} cannot be read: {error.strerror}", remedy="name another file") from error
    if not command.withheld(path):
        files.replace(path, exchange.write(ledger.detailed(config, builds[::-1])))
    return Report(file=str(path), moved=len(builds), dry=command.is_dry())


def _import(config: Config, path: Path, services: Sequence[str]) -> Report:
    """Take in what is not there yet, all of it or nothing; the whole file is read and checked before."""
    try:
        told = exchange.read(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Misuse(
            f"{path} cannot be read: {error.strerror}", remedy="name a file that inv builds --export wrote"
        ) from error
    except ValueError as error:
        raise Misuse(
            f"{path}: {' '.join(str(error).split())}", remedy="name a file that inv builds --export wrote"
        ) from error
    wanted = [build for build in told if not services or build.image in services]
    if wanted and command.withheld(config.ledger):
        return Report(file=str(path), moved=len(wanted), known=0, dry=True)
    added = ledger.merge(config, wanted) if wanted else 0
    return Report(file=str(path), moved=added, known=len(wanted) - added)


def _age(build: Build) -> tuple[str, int]:
    return build.started, build.id


def _row(build: Build) -> tuple[str, ...]:
    return (
        str(build.id),
        build.started[:19].replace("T", " "),
        build.image,
        build.scenario,
        (build.commit[:8] if build.commit else "-") + ("+" if build.dirty else ""),
        human_seconds(build.seconds),
        f"{build.cached}/{build.steps}",
        known_bytes(build.disk_bytes),
        "stand-in" if build.standin else "",
        build.outcome,
    )


def _builds(count: int) -> str:
    return f"{count} build" if count == 1 else f"{count} builds"

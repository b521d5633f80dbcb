"""What a stage copies before installs that read nothing of it, and the edits that copy it behind them. Pure."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from functools import partial

from drydock.audit import copies, manifests, reorder
from drydock.audit.buildfile import Spot
from drydock.audit.installs import POETRY, UV, Install
from drydock.audit.source import Edit
from drydock.audit.tree import CLOSED
from drydock.measures import ignore
from drydock.values import dataclass

ENVIRONMENT = ("python -m venv ", "python3 -m venv ")
LOCAL = re.compile(r"\b(path|workspace)\s*=")  # in a pyproject.toml: a package that is part of the source


@dataclass(frozen=True)
class Early:
    """Copies that stand before installs which read nothing of them, and the last of these installs."""

    copied: tuple[Spot, ...]
    last: Spot

    @property
    def sources(self) -> tuple[str, ...]:
        """What they bring."""
        return tuple(source for one in self.copied for source in one.context_sources)


def of(spot: Spot) -> Early | None:
    """The early copies of a stage, where this COPY is the first of them."""
    last = _last(spot)
    if last is None or any(_last(one) == last for one in _stage(spot) if one.one.start < spot.one.start):
        return None
    return Early(tuple(one for one in _stage(spot) if _last(one) == last), last)


def edits(early: Early) -> tuple[Edit, ...]:
    """Edits that move the copies behind the install, each with the comments right above it."""
    text, moved, found = early.last.source.text, "", list[Edit]()
    for one in early.copied:
        start = _with_comments(one)
        found.append(Edit(start, one.source.line_start(one.one.end_line + 1), ""))
        moved += "\n" + text[start : one.one.end].replace("\r\n", "\n")
    return (*found, Edit(early.last.one.end, early.last.one.end, moved))


def _stage(spot: Spot) -> Iterator[Spot]:
    return (one for one in spot.file.spots_of(spot.stage) if one.one.keyword in ("COPY", "ADD"))


def _last(spot: Spot) -> Spot | None:
    """The last install behind a COPY, if neither it nor anything before it reads what the COPY brings."""
    if not _is_plain(spot):
        return None
    late = reorder.late_installs(spot)
    between = [one for one in spot.later if late and one.one.start <= late[-1].one.start]
    return late[-1] if between and all(_lets_pass(spot, one) for one in between) else None


def _is_plain(spot: Spot) -> bool:
    """Whether it brings files of the source into the work folder, and all of them are known."""
    context, sources, folder = spot.file.context, spot.context_sources, spot.situation.workdir
    if not sources or len(sources) != len(spot.one.args) - 1 or spot.one.heredocs or len(spot.file.contexts) > 1:
        return False
    if any("$" in word or ignore.WILD.search(word) for word in spot.one.args) or folder == "/":
        return False
    inside = f"{copies.target(spot)}/".startswith(f"{folder}/")
    return inside and all(context.shows(one) and not _may_matter(one) for one in sources)


def _may_matter(source: str) -> bool:
    """Whether a source may have to do with installs, or is what they make."""
    return source == "." or reorder.is_related(source) or posixpath.basename(source) in CLOSED


def _lets_pass(copy: Spot, one: Spot) -> bool:
    """Whether a COPY may as well come after a step."""
    match one.one.keyword:
        case "WORKDIR":
            return copy.one.args[-1].startswith("/")
        case "COPY" | "ADD":
            return not any(_meet(mine, its) for mine in _landings(copy) for its in _landings(one))
        case "RUN":
            bound = any(mount["type"] == "bind" and "from" not in mount for mount in one.one.mounts())
            known = reorder.only_installs(one, ENVIRONMENT) and not bound
            return known and all(_is_independent(copy, one, install) for install in one.installs)
    return one.one.keyword in reorder.INDIFFERENT


def _is_independent(copy: Spot, one: Spot, install: Install) -> bool:
    """Whether an install reads nothing of the context but manifests, lock files and settings from other copies."""
    if any(package.startswith((".", "/", "file:")) for package in install.packages):
        return False
    if not reorder.reads_manifest(install):
        return True
    origin = partial(_origin, copy, one)
    if install.manager in (POETRY, UV) and not install.command.has("pip"):
        text = one.file.context.read(origin("pyproject.toml") or "")
        if text is None or LOCAL.search(text.text):
            return False
    return reorder.is_manifest_only(one, install, origin)


def _origin(copy: Spot, one: Spot, name: str) -> str | None:
    """Where in the context a manifest comes from; None where this COPY brings it, or something that it includes."""
    path = copies.origin(one, name)
    files = (path, *manifests.requirements(one.file.context, path)[0]) if path else ()
    brought = tuple(f"{source}/" for source in copy.context_sources)
    return None if any(f"{file}/".startswith(brought) for file in files) else path


def _landings(spot: Spot) -> Iterator[str]:
    """Where a COPY puts something; for folders, what may be unpacked and what is not known, the folder it writes to."""
    to, sources, context = copies.target(spot), spot.context_sources, spot.file.context
    if spot.one.keyword == "ADD" or not sources or any("$" in word for word in spot.one.args):
        yield to
        return
    within = spot.one.args[-1].endswith(("/", ".")) or len(sources) > 1 or to == spot.situation.workdir
    for source in sources:
        is_pattern = ignore.WILD.search(source) is not None
        for path in copies.meant(context, source) if is_pattern else (source,):
            is_file = context.path(path) not in context.tree.folders
            yield posixpath.join(to, posixpath.basename(path)) if is_file and (within or is_pattern) else to


def _meet(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _with_comments(spot: Spot) -> int:
    """Where the comments begin that stand right above an instruction; else where that begins."""
    before = max((one.one.end_line for one in _before(spot)), default=0)
    line = spot.one.line
    while line - 1 > before and _line(spot, line - 1).lstrip().startswith("#"):
        line -= 1
    return spot.source.line_start(line)


def _before(spot: Spot) -> Sequence[Spot]:
    return [one for one in spot.file.spots_of(spot.stage) if one.one.start < spot.one.start]


def _line(spot: Spot, number: int) -> str:
    return spot.source.text[spot.source.line_start(number) : spot.source.line_start(number + 1)]

"""Lines worth adding to an ignore file, and what each would save: transfer, needless misses, a secret. Pure."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from enum import Enum

from drydock import secrecy
from drydock.measures import ignore
from drydock.measures.asked import EVERYTHING, Request
from drydock.measures.ignore import Ignore
from drydock.measures.inputs import Entry, Kind
from drydock.values import dataclass

PRODUCTS: Mapping[str, str] = {
    ".git": "history",
    ".drydock": "records of builds",  # another at each build: with COPY . nothing would come from the cache
    "node_modules": "installed packages",
    "__pycache__": "Python's bytecode",
    **dict.fromkeys((".venv", "venv", ".virtualenv"), "a virtual environment"),
    **dict.fromkeys((".tox", ".nox"), "test environments"),
    **dict.fromkeys((".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".cache"), "a tool's cache"),
    **dict.fromkeys((".svelte-kit", ".next", ".nuxt", ".vite", ".turbo", ".parcel-cache", ".gradle"), "build output"),
    **dict.fromkeys((".coverage", "coverage", "htmlcov"), "traces of tests"),
    **dict.fromkeys(("Dockerfile", ".dockerignore"), "the build's own description"),  # reaches the engine apart
    **dict.fromkeys((".idea", ".vscode", ".DS_Store"), "an editor's or a desktop's own"),
}
PERHAPS: Mapping[str, str] = dict.fromkeys(("build", "dist", "out", "target"), "build output")  # where git ignores it
ENVIRONMENTS = frozenset({"pyvenv.cfg"})  # marks its folder as a virtual environment, however that is called
SLIGHT = 10_000  # bytes below which sending is no matter


class Saving(Enum):
    """What a line is worth, the gravest first."""

    SECRET = "secret"  # noqa: S105 - a word, no password
    TRANSFER = "transfer"
    MISSES = "misses"


@dataclass(frozen=True)
class Line:
    """A line to add: what it hides, why, the lines of the Dockerfile that read it, and what is sent at first for it."""

    pattern: str
    what: str
    savings: tuple[Saving, ...]
    files: int
    bytes: int
    read_by: tuple[int, ...]


def lines(
    visible: Sequence[Entry],
    asked: Sequence[Entry],
    requests: Sequence[Request],
    rules: Ignore,
    unversioned: Collection[str] = (),
    secrets: Collection[str] = (),
) -> tuple[Line, ...]:
    """The lines worth adding for one context, the gravest first, then the largest.

    `unversioned` are names that git ignores, `secrets` paths whose content is a key. No line hides what the Dockerfile
    asks for by name, nor what a `!` line of the ignore file shows on purpose.
    """
    groups: dict[tuple[str, str, bool], list[str]] = defaultdict(list)
    free, held = list[tuple[str, str, str, bool]](), set[str]()
    for path, name, what, secret in _candidates(visible, unversioned, secrets):
        if any(_names(request.path, path) for request in requests) or _is_wanted(rules, path):
            held.add(name)
        else:
            free.append((path, name, what, secret))
    for path, name, what, secret in free:
        groups[_pattern(path, name, held, free), what, secret].append(path)
    sums = _sums(asked, {path for path, *_ in free})
    found = []
    for (pattern, what, secret), paths in groups.items():
        files, size = (sum(column) for column in zip(*(sums.get(path, (0, 0)) for path in paths), strict=True))
        readers = tuple(sorted({one.line for one in requests for path in paths if reads(one.path, path)}))
        savings = [Saving.SECRET] * secret + [Saving.TRANSFER] * (size >= SLIGHT) + [Saving.MISSES] * bool(files)
        if savings:  # what is neither read nor secret costs nothing: its line would save nothing
            found.append(Line(pattern, what, tuple(savings), files, size, readers))
    return tuple(sorted(found, key=lambda one: (Saving.SECRET not in one.savings, -one.bytes, one.pattern)))


def words(line: Line) -> str:
    """What a line saves, honestly."""
    where = " and ".join(str(number) for number in line.read_by)
    reader = f"line{'s' if len(line.read_by) > 1 else ''} {where}"
    if Saving.SECRET in line.savings:
        return (
            f"keeps a secret out that {reader} sends" if line.files else "keeps a secret out of reach; sent by no line"
        )
    if Saving.TRANSFER in line.savings:
        return f"transfer, and a needless miss of {reader} at each change"
    return f"a needless miss of {reader} at each change; next to no transfer"


def _candidates(
    visible: Sequence[Entry], unversioned: Collection[str], secrets: Collection[str]
) -> list[tuple[str, str, str, bool]]:
    """Path, name, what it is and whether it is secret; nothing below one that is found already."""
    found, above = list[tuple[str, str, str, bool]](), set[str]()
    environments = {posixpath.dirname(one.path) for one in visible if posixpath.basename(one.path) in ENVIRONMENTS}
    for entry in visible:
        folder, _, name = entry.path.rpartition("/")
        if not name.isprintable():
            continue  # a line could not hold it
        if folder in above:
            above.add(entry.path)
            continue
        what = PRODUCTS.get(name) or (PERHAPS.get(name) if name in unversioned else None)
        if entry.path in environments - {""}:
            what = "a virtual environment"
        secret = entry.kind is Kind.FILE and (entry.path in secrets or secrecy.is_file(name))
        if name.endswith(".egg-info"):
            what = "build output"
        if secret or what:
            found.append((entry.path, name, "a secret" if secret else str(what), secret))
            above.add(entry.path)
    return found


def _names(asked: str, path: str) -> bool:
    """Whether a path that is asked for names this one or something in it, rather than a folder that it lies in."""
    wanted, parts = asked.strip("/").split("/"), path.split("/")
    if asked == EVERYTHING or not any(one.strip("*") for one in wanted[len(parts) - 1 :]):
        return False
    return all(_fits(part, one) for part, one in zip(parts, wanted, strict=False))


def reads(asked: str, path: str) -> bool:
    """Whether asking for `asked` brings the path."""
    wanted, parts = asked.strip("/").split("/"), path.split("/")
    if asked == EVERYTHING:
        return True
    return all(_fits(part, one) for part, one in zip(parts, wanted, strict=False))


def _fits(part: str, wanted: str) -> bool:
    try:
        return part == wanted or ignore.pattern(wanted).regex.fullmatch(part) is not None
    except (ValueError, re.error):
        return False


def _is_wanted(rules: Ignore, path: str) -> bool:
    """Whether it is only visible because a `!` line says so."""
    return replace(rules, patterns=tuple(one for one in rules.patterns if not one.back)).matches(path)


def _pattern(path: str, name: str, held: Collection[str], free: Sequence[tuple[str, str, str, bool]]) -> str:
    """The name wherever it lies; the very path where another of that name is needed or this is the only one."""
    same = [other for other, known, *_ in free if known == name]
    literal = re.sub(r"([*?\[\\])", r"\\\1", path)
    if name in held or same == [path]:
        return "/" + literal if literal[0] in "#!" else literal
    return "**/" + literal.rpartition("/")[2]


def _sums(entries: Sequence[Entry], roots: Collection[str]) -> dict[str, tuple[int, int]]:
    """Files and their bytes below each of the roots."""
    found: dict[str, tuple[int, int]] = {}
    for entry in entries:
        if entry.kind is Kind.FOLDER:
            continue
        at = entry.path
        while at and at not in roots:
            at = at.rpartition("/")[0]
        if at:
            files, size = found.get(at, (0, 0))
            found[at] = files + 1, size + entry.size
    return found

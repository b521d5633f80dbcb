"""Packages that only building needs: compilers, headers, version control; what a program needs of them. Pure."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from drydock.audit.buildfile import Spot
from drydock.audit.installs import APK, APT, Install
from drydock.audit.source import Edit
from drydock.audit.tokens import Word
from drydock.values import dataclass

PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "gcc": ("gcc", "cc"),
    "g++": ("g++", "c++", "gcc", "cc"),
    "clang": ("clang",),
    "llvm": ("llvm-config",),
    "build-essential": ("gcc", "cc", "g++", "c++", "make"),
    "build-base": ("gcc", "cc", "g++", "c++", "make"),
    "make": ("make",),
    "cmake": ("cmake",),
    "autoconf": ("autoconf",),
    "automake": ("automake",),
    "libtool": ("libtool",),
    "pkg-config": ("pkg-config",),
    "pkgconf": ("pkg-config", "pkgconf"),
    "rustc": ("rustc",),
    "rust": ("rustc",),
    "cargo": ("cargo",),
    "git": ("git",),
    "mercurial": ("hg",),
    "subversion": ("svn",),
}
HEADERS = re.compile(r"[\w.+-]+-dev|linux-headers|python3?-devel|[\w.+-]+-dev-bin")
LEAVES: Mapping[str, str] = {
    "libpq-dev": "libpq5",
    "libmariadb-dev": "libmariadb3",
    "default-libmysqlclient-dev": "libmariadb3",
    "libsqlite3-dev": "libsqlite3-0",
    "libxslt1-dev": "libxslt1.1",
    "libc6-dev": "",
    "python3-dev": "",
    "musl-dev": "",
}
"""Debian's headers, and the package that runs what was linked with them; one name in all of its releases."""

LOADERS = re.compile(
    r"^(lightgbm|xgboost|catboost|scikit-learn|torch|tensorflow|faiss)\b", re.MULTILINE | re.IGNORECASE
)
"""Python packages that may load libgomp, which comes along with gcc."""


def is_tool(name: str) -> bool:
    """Whether a package is one that only building needs; a version behind it does not matter."""
    plain = name.partition("=")[0].partition("@")[0]
    return plain in PROGRAMS or HEADERS.fullmatch(plain) is not None


def programs(name: str) -> tuple[str, ...]:
    """What a package lets one call."""
    return PROGRAMS.get(name.partition("=")[0], ())


def of(spot: Spot) -> tuple[tuple[Install, tuple[str, ...]], ...]:
    """The installs of a RUN that leave such packages behind, with these; what the same step removes is gone."""
    found, removing = [], [one for one in spot.commands if _removes(one.line)]
    removed = {word.text for one in removing for word in one.words}
    sweeps = any(re.search(r"\bauto-?remove\b", one.line) for one in removing)
    if sweeps and any(one.program == "apt-mark" and one.has("auto") for one in spot.commands):
        return ()
    for install in spot.installs:
        if install.manager not in (APT, APK):
            continue
        gone = {_group(install), *install.packages} & removed
        names = tuple(name for name in install.packages if is_tool(name) and name not in removed)
        if names and not (gone and (sweeps or _group(install))):
            found.append((install, names))
    return tuple(found)


def _group(install: Install) -> str:
    """The name under which apk removes at once what it installs; "" where there is none."""
    words = [word.text for word in install.command.words]
    return next((following for word, following in pairwise(words) if word in ("--virtual", "-t")), "")


def _removes(line: str) -> bool:
    return re.match(r"(apt-get|apt|apk|aptitude)\b.*\b(remove|purge|autoremove|del)\b", line) is not None


@dataclass(frozen=True)
class Removal:
    """The edits that take packages out of an install; `empties` where none is left; else why it cannot be done."""

    edits: tuple[Edit, ...] = ()
    empties: bool = False
    declined: str = ""


def removal(spot: Spot, install: Install, names: Sequence[str]) -> Removal:
    """Take these packages out of an install; headers leave behind the library that runs what was linked with them."""
    words = {word.text: word for word in install.command.words if word.text in install.packages}
    added = [LEAVES.get(name, "?") for name in names if HEADERS.fullmatch(name)]
    if not install.command.editable or len(words) != len(install.packages):
        return Removal(declined="the packages that stay cannot be told")
    if any(not word.exact for word in words.values()):
        return Removal(declined="the packages that stay cannot be told")
    if "?" in added or (added and install.manager is APK):
        return Removal(declined="which library runs what was linked with these headers is not known")
    left = [name for name in install.packages if name not in names]
    put = [name for name in dict.fromkeys(added) if name and name not in left]
    if not left and not put:
        return Removal(empties=True)
    places = [words[name] for name in names]
    edits = [Edit(word.start, word.end, name) for word, name in zip(places, put, strict=False)]
    return Removal((*edits, *(_dropped(spot, word) for word in places[len(put) :])))


def _dropped(spot: Spot, word: Word) -> Edit:
    """A word taken out with the blanks before it; with its line, where it stands there alone."""
    text, start = spot.source.text, word.start
    while text[start - 1] in " \t":
        start -= 1
    rest = text[word.end :].lstrip(" \t")
    if text[start - 1] != "\n":
        return Edit(start, word.end, "")
    if rest.startswith(spot.file.file.escape):
        return Edit(start, text.index("\n", word.end) + 1, "")
    return Edit(word.start, word.end, "")


def only_installs(spot: Spot) -> bool:
    """Whether a step does no more than install packages of the system and tidy up after it."""
    return (
        bool(spot.installs)
        and not spot.one.heredocs
        and all(
            command.program in ("apt-get", "apt", "apk", "set")
            or (
                command.program == "rm"
                and all(word.text.startswith(("-", "/var/", "/etc/apt/")) for word in command.words[1:])
            )
            for command in spot.commands
        )
    )

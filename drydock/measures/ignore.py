"""Ignore files as BuildKit reads and applies them, folder by folder, so that a whole tree costs linear time. Pure.

The rules are those of Moby's pattern matcher, its oddities included: what the engine would send is asked here, not what
somebody meant. `tests/engine/test_context.py` holds them to the engine.
"""

import posixpath
import re
import warnings
from collections.abc import Iterable
from functools import cached_property

from drydock.errors import Misuse
from drydock.text import shortened
from drydock.values import dataclass

WILD = re.compile(r"[*?\[\\]")
BLANKS = " \t\n\v\f\r\x85\xa0"
ESCAPED = frozenset(".+()|{}$")
SHOWN = 60  # characters of such a line that are told
LONGEST = 4096  # characters of a pattern: no path of Linux is longer

State = tuple[bool, ...] | None
"""Which patterns matched a folder or one above it; None where none did."""


@dataclass(frozen=True)
class Pattern:
    """One line: its cleaned path, whether it takes files back in (`!`), and what it matches as a regular expression."""

    path: str
    back: bool
    regex: re.Pattern[str]

    def may_reach(self, folder: tuple[str, ...]) -> bool:
        """Whether something below the folder may match."""
        parts = self.path.split("/")
        for mine, wanted in zip(parts, folder, strict=False):
            if "**" in mine:
                return True
            if not WILD.search(mine) and mine != wanted:
                return False
        return len(parts) > len(folder)


@dataclass(frozen=True)
class Ignore:
    """The patterns of one ignore file in its order; the last one that matches decides."""

    patterns: tuple[Pattern, ...] = ()

    def judge(self, path: str, above: State = None) -> tuple[bool, State]:
        """Whether a path matches, and the state to hand on to what lies in it; `above` is its folder's state."""
        if above is None and not self._is_touched(path):
            return False, None
        states, matched = [], False
        for at, pattern in enumerate(self.patterns):
            hit = above is not None and above[at]
            if not hit and pattern.back == matched:  # else it could not change the verdict, and is not looked at
                hit = pattern.regex.fullmatch(path) is not None
            states.append(hit)
            matched = not pattern.back if hit else matched
        return matched, tuple(states) if any(states) else None

    def matches(self, path: str) -> bool:
        """Whether a path matches, found from the top; for single questions."""
        verdict, state = False, None
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            verdict, state = self.judge("/".join(parts[:depth]), state)
        return verdict

    def takes_back_below(self, folder: str) -> bool:
        """Whether a `!` line can reach what lies below a folder that is left out."""
        parts = tuple(folder.split("/"))
        return any(one.back and one.may_reach(parts) for one in self.patterns)

    def _is_touched(self, path: str) -> bool:
        names, paths, rest = self._sorted
        return path in paths or path.rpartition("/")[2] in names or bool(rest and rest.fullmatch(path))

    @cached_property
    def _sorted(self) -> tuple[frozenset[str], frozenset[str], re.Pattern[str] | None]:
        """Names that match wherever they lie, whole paths, and one expression for all other patterns."""
        names, paths, rest = set(), set(), []
        for one in self.patterns:
            if not WILD.search(one.path):
                paths.add(one.path)
            elif one.path.startswith("**/") and "/" not in one.path[3:] and not WILD.search(one.path[3:]):
                names.add(one.path[3:])
            else:
                rest.append(one.regex.pattern)
        return frozenset(names), frozenset(paths), _compiled("|".join(f"(?:{one})" for one in rest)) if rest else None


def parse(text: str, path: str = ".dockerignore") -> Ignore:
    """An ignore file; a line that the engine would refuse raises Misuse with `path` and line."""
    found = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if line.startswith("#") or not (words := line.strip(BLANKS)):
            continue
        back = words.startswith("!")
        words = words.removeprefix("!").strip(BLANKS) if back else words
        try:
            found.append(pattern(_short(words), back=back))
        except (ValueError, re.error) as error:
            raise Misuse(
                f"{path}:{number}: {shortened(line.strip(), SHOWN)} is no pattern: {error}",
                remedy=f"mend {path} at that line",
            ) from error
    return Ignore(tuple(found))


def _short(words: str) -> str:
    if len(words) > LONGEST:  # it would be compiled for seconds, for nothing
        raise ValueError(f"it has more than {LONGEST} characters")
    return words


def of(paths: Iterable[str]) -> Ignore:
    """Patterns that match these paths, wildcards included, and what lies below them."""
    return Ignore(tuple(pattern(path) for path in paths))


def pattern(words: str, *, back: bool = False) -> Pattern:
    """One pattern as written; ValueError or re.error for one that cannot be read."""
    if not words:
        raise ValueError("nothing is named")
    path = posixpath.normpath(re.sub("/+", "/", words))
    path = path[1:] if len(path) > 1 and path.startswith("/") else path
    _check(path)
    return Pattern(path, back, _compiled(_expression(path)))


def _compiled(expression: str) -> re.Pattern[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of nested sets, which are meant as they stand
        return re.compile(expression, re.ASCII)


def _expression(path: str) -> str:
    if not WILD.search(path):
        return re.escape(path)
    if path.startswith("**") and not WILD.search(path[2:]):
        end = re.escape(path[2:])
        return rf"(?s:.*){end}" + (rf"|{end[1:]}" if path.startswith("**/") else "")
    if path.endswith("**") and not WILD.search(path[:-2]):
        return re.escape(path[:-2]) + "(?s:.*)"
    return _translated(path)


def _translated(path: str) -> str:
    """Sign by sign, inside of brackets as well as outside: that is how the engine does it."""
    found, at = "", 0
    while at < len(path):
        sign, at = path[at], at + 1
        if sign == "*" and path[at : at + 1] == "*":
            at += 2 if path[at + 1 : at + 2] == "/" else 1
            found += ".*" if at >= len(path) else "(.*/)?"
        elif sign in "*?":
            found += "[^/]*" if sign == "*" else "[^/]"
        elif sign == "\\":
            following, at = path[at : at + 1], at + 1
            found += "\\" + following if following.isalnum() else re.escape(following)
        else:
            found += "\\" + sign if sign in ESCAPED else sign
    return found


def _check(path: str) -> None:
    """Refuse what the engine refuses: brackets and backslashes that are not closed."""
    at = 0
    while at < len(path):
        at = _check_set(path, at + 1) if path[at] == "[" else _one(path, at, outside=True)


def _check_set(path: str, at: int) -> int:
    at += path[at : at + 1] == "^"
    first = True
    while first or path[at : at + 1] != "]":
        at = _one(path, at)
        at = _one(path, at + 1) if path[at : at + 1] == "-" else at
        first = False
    return at + 1


def _one(path: str, at: int, *, outside: bool = False) -> int:
    escaped = path[at : at + 1] == "\\"
    at += escaped
    if at >= len(path) or (not outside and not escaped and path[at] in "-]"):
        raise ValueError("a bracket or a backslash is not closed")
    return at + 1

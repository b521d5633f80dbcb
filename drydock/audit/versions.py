"""Versions of Node and Python as files name them: numbers, and ranges as far as these are simple. Pure."""

import re
from collections.abc import Callable, Mapping

Version = tuple[int, ...]
CLAUSE = re.compile(r"(>=|<=|>|<|==|=|~=|~>|~|\^|!=)?\s*v?(\d+(?:\.(?:\d+|\*|x))*)", re.IGNORECASE)


def number(text: str) -> Version | None:
    """(3, 12) of "3.12", "v3.12" or "3.12-slim"; None where it does not begin with a number."""
    match = re.match(r"v?(\d+(?:\.\d+)*)(?![\w.])", text.strip())
    return tuple(int(part) for part in match[1].split(".")) if match else None


def agree(one: Version, other: Version, places: int) -> bool:
    """Whether two versions are the same as far as both go, at most `places` numbers."""
    count = min(len(one), len(other), places)
    return one[:count] == other[:count]


def allows(wanted: str, held: Version) -> bool | None:
    """Whether a range allows a version of which maybe only the first numbers are known; None: it cannot be told."""
    found = [_all(part, held) for part in wanted.split("||")]
    if any(found):
        return True
    return None if None in found else False


def _all(part: str, held: Version) -> bool | None:
    words = part.replace(",", " ").strip()
    if words in ("", "*", "x"):
        return True
    if " - " in words or CLAUSE.sub("", words).strip():
        return None
    return all(_clause(sign or "=", version.lower(), held) for sign, version in CLAUSE.findall(words))


def _clause(sign: str, version: str, held: Version) -> bool:
    """One comparison; what is not known of the version held is taken as what would allow it."""
    parts = [part for part in version.split(".") if part.isdecimal()]
    wanted = tuple(int(part) for part in parts)
    count = min(len(wanted), len(held))
    mine, other = held[:count], wanted[:count]
    rules: Mapping[str, Callable[[], bool]] = {
        ">=": lambda: mine >= other,
        ">": lambda: mine >= other if len(held) < len(wanted) else held[: len(wanted)] > wanted or len(held) > count,
        "<=": lambda: mine <= other,
        "<": lambda: mine < other or (len(held) < len(wanted) and mine == other and any(wanted[count:])),
        "!=": lambda: True,
        "^": lambda: mine[:1] == other[:1] and mine >= other,
        "~": lambda: mine[: min(2, count)] == other[: min(2, count)] and mine >= other,
        "~=": lambda: mine[: max(1, len(wanted) - 1)] == other[: max(1, len(wanted) - 1)] and mine >= other,
    }
    return rules.get("~" if sign == "~>" else sign, lambda: mine == other)()

"""What must not be written down: values of names that look secret, and hashes that say nothing without a key. Pure."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from functools import cached_property
from typing import Any

from drydock.secrecy import may_be_secret
from drydock.values import dataclass

LOGIN = re.compile(r"://[^/\s@]+@")
NAMES = frozenset({"code", "path", "kind", "level", "severity"})  # of plain data: what stands there is no text
SHORTEST = 3  # a shorter value would be found by chance in any text, and is no secret
SHORTEST_NUMBER = 4
LONG, LONG_WORD = 8, 16  # signs from which a value is found inside words, too, and one of letters only
BEFORE = r"(?:(?<!\w)|(?<=\s-\w)|(?<=\\[nrt])|(?<=\x1b\[[0-9]m)|(?<=[0-9][0-9]m))"  # as in -pVALUE, \n of JSON, colours
AFTER = r"(?!\w)"
PLAIN = frozenset(("true", "false", "none", "null", "yes", "off"))  # neither are these


@dataclass(frozen=True)
class Veil:
    """Hides values that look secret wherever they stand in a text; `names` says for each value whose it is."""

    names: Mapping[str, str] = field(default_factory=dict)

    def hide(self, text: str) -> str:
        """The text with `$NAME` in the place of each value that must not be shown."""
        return self._pattern.sub(lambda found: f"${self.names[found[0]]}", text) if self.names else text

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """All values at once, the longest first: nothing is found in a name that was put in."""
        return re.compile("|".join(_wanted(value) for value in sorted(self.names, key=len, reverse=True)))


def without_logins(text: str) -> str:
    """The text, in its addresses `$LOGIN` in the place of user and password."""
    return LOGIN.sub("://$LOGIN@", text)


def through(plain: Any, hide: Callable[[str], str]) -> Any:
    """Plain data with every text in it as `hide` gives it; keys stay, and so does what is a name under NAMES."""
    if isinstance(plain, str):
        return hide(plain)
    if isinstance(plain, Mapping):
        return {key: value if key in NAMES else through(value, hide) for key, value in plain.items()}
    return [through(one, hide) for one in plain] if isinstance(plain, list | tuple) else plain


def _wanted(value: str) -> str:
    """The pattern of a value; what may be a part of ordinary words is only meant where it stands alone."""
    pattern = re.escape(value)
    if len(value) >= LONG and not (value.isalpha() and len(value) < LONG_WORD):
        return pattern
    return f"{BEFORE if value[0].isalnum() else ''}{pattern}{AFTER if value[-1].isalnum() else ''}"


def over(variables: Iterable[tuple[str, str]], sure: Iterable[tuple[str, str]] = ()) -> Veil:
    """A veil over those of the variables, as name and value, that look secret, and over all that are `sure`.

    As they stand in JSON, too.

    Of values of several lines each long line is hidden by itself as well, since logs come line by line.
    """
    hidden = {
        part: name
        for name, value in (*(one for one in variables if may_be_secret(*one)), *sure)
        for part in (value, *(line for line in value.splitlines() if len(line) >= LONG_WORD))
        if len(part) >= (SHORTEST_NUMBER if part.isdigit() else SHORTEST) and part.lower() not in PLAIN
    }
    return Veil({**{json.dumps(value)[1:-1]: name for value, name in hidden.items()}, **hidden})


@dataclass(frozen=True)
class Seal:
    """Makes hashes that only who has the key can make: from them nobody finds a short value by trying."""

    key: bytes

    @property
    def name(self) -> str:
        """Tells one key from another and gives nothing away."""
        return self.of("the key itself")[:8]

    def of(self, content: str | bytes) -> str:
        """The hash of a text, or of bytes, in hexadecimal."""
        content = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
        return hashlib.blake2b(content, digest_size=16, key=self.key).hexdigest()

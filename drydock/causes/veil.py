"""What must not be written down: values of names that look secret, and hashes that say nothing without a key. Pure."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

NAME = re.compile(
    r"(?i)token|secret|passw|passphrase|(^|_)(pass|pwd|pat|pin|salt|sid|dsn|auth)(_|$)|credential|cookie|session"
    r"|api_?key|(^|_)key(s)?(_|$)|(access|private|signing|encryption|license)_?key|certificate|bearer|signature"
)
VALUE = re.compile(
    r"-----BEGIN|://[^/\s@]+@|^(ghp|gho|ghs|github_pat|glpat|xox[a-z]|sk|pk|AKIA|ASIA|eyJ)[-_A-Za-z0-9.]{8,}"
    r"|^(?=[^\s]*[0-9])(?=[^\s]*[A-Za-z])[A-Za-z0-9+/_=-]{32,}$"
)
SHORTEST = 3  # a shorter value would be found by chance in any text, and is no secret
PLAIN = frozenset(("true", "false", "none", "null", "yes", "off"))  # neither are these


def is_secret(name: str, value: str) -> bool:
    """Whether a variable looks as if its value were nobody else's business, by its name or by the value itself."""
    return bool(NAME.search(name) or VALUE.search(value))


@dataclass(frozen=True)
class Veil:
    """Hides values that look secret wherever they stand in a text; `names` says for each value whose it is."""

    names: Mapping[str, str] = field(default_factory=dict)

    def hide(self, text: str) -> str:
        """The text with `$NAME` in the place of each value that must not be shown."""
        for value in sorted(self.names, key=len, reverse=True):
            text = text.replace(value, f"${self.names[value]}")
        return text


def over(variables: Iterable[tuple[str, str]]) -> Veil:
    """A veil over those of the variables, as name and value, that look secret; as they stand in JSON, too."""
    hidden = {
        value: name
        for name, value in variables
        if len(value) >= SHORTEST and value.lower() not in PLAIN and is_secret(name, value)
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

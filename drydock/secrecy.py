"""What is secret: variables by their names and values, files by theirs, and what only looks so. Pure.

Variables are asked about for two ends. Who hides a value in a text rather hides one too many (`may_be_secret`); who
tells somebody that a line is wrong must be sure of it (`is_secret`): what the second says, the first says as well.
What ends in a harmless word, as PASSWORD_FILE and TOKEN_TTL do, is no secret for either.
"""

import re
from fnmatch import fnmatchcase

SURE = re.compile(
    r"(?i)(?:(^|_)(password|passwd|passphrase|secret|token|credentials|apikey)(_|$)|(^|_)pwd_|_pwd(_|$)"
    r"|(api|access|private|secret|auth|encryption)_key$)"
)
LIKELY = re.compile(
    r"(?i)token|secret|passw|passphrase|(^|_)(pass|pwd|pat|pin|salt|sid|dsn|auth)(_|$)|credential|cookie|session"
    r"|api_?key|(^|_)key(s)?(_|$)|(access|private|signing|encryption|license)_?key|certificate|bearer|signature"
)
VALUE = re.compile(
    r"-----BEGIN|://[^/\s@]+@|^(ghp|gho|ghs|github_pat|glpat|xox[a-z]|sk|pk|AKIA|ASIA|eyJ)[-_A-Za-z0-9.]{8,}"
    r"|^(?=[^\s]*[0-9])(?=[^\s]*[A-Za-z])[A-Za-z0-9+/_=-]{32,}$"
)
HARMLESS = re.compile(
    r"(?i)(^|_)(ttl|name|file|path|dir|ur[li]|host|port|user|username|(?<!session_)id|length|expir[ye]s?|timeout|max_?age"
    r"|lifetime|minutes|hours|days|seconds|algorithm|type|header|version|enabled|required|limit|count|domain)$"
)
# What may still be secret behind such a name: a long run of digits and letters mixed, or the query of an address.
RANDOM = re.compile(r"(?=[\w+=-]*[0-9])(?=[\w+=-]*[A-Za-z])[\w+=-]{16,}|://\S*\?")
NONE = re.compile(
    r"(?i)|true|false|none|null|dummy.*|fake.*|placeholder|change.?me.*|replace.?(me|this|with).*|x+|example.*|unused"
    r"|not.?(used|set|needed)|\*+|<.*>"
)
# What everybody tries first keeps nothing secret.
GUESSED = frozenset(
    {"postgres", "root", "admin", "password", "passwd", "pass", "secret", "test", "testing", "user", "guest", "dev"}
    | {"development", "local", "mysql", "mariadb", "mongo", "redis", "default", "docker", "minioadmin", "insecure"}
)
IN_SETTINGS = re.compile(
    r"^[^#;\n]*(?:_authToken|_auth|_password|npmAuthToken|npmAuthIdent)[\"']?\s*[=:]\s*[\"']?(?![A-Z_]+\b)[^\s$\"'<{#;]"
    r"|^[^#;\n]*://[^/\s:@$<{]+:[^/\s:@$<{]+@",
    re.MULTILINE,
)
IN_ADDRESS = re.compile(r"://[^/\s:@$<{]+:[^/\s:@$<{]+@")

FILES = ("*.key", "*.p12", "*.pfx", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".netrc", ".pypirc", "*.keystore")
KEPT = re.compile(r"\.(example|sample|template|dist|pub)$")
PEM = (".pem", ".crt")  # secret only where `holds_key`
HEAD_BYTES = 4096


def is_secret(name: str) -> bool:
    """Whether a variable of that name holds a secret: PASSWORD, API_KEY, but not PASSWORD_FILE. PWD is the shell's."""
    return bool(SURE.search(name)) and not HARMLESS.search(name)


def may_be_secret(name: str, value: str) -> bool:
    """Whether a variable looks as if its value were nobody else's business, by its name or by the value itself.

    Behind a harmless word the name counts only where the value may be one.
    """
    is_named = bool(LIKELY.search(name)) and (not HARMLESS.search(name) or bool(RANDOM.search(value)))
    return is_named or bool(VALUE.search(value))


def is_none(value: str) -> bool:
    """Whether a value, in quotes or not, is no secret under any name: nothing, a switch, or words that say so."""
    return NONE.fullmatch(value.strip("\"'")) is not None


def is_file(name: str) -> bool:
    """Whether a file of that name holds secrets: settings, keys, what tools log in with."""
    if KEPT.search(name):
        return False
    return name == ".env" or name.startswith(".env.") or any(fnmatchcase(name, one) for one in FILES)


def holds_key(head: bytes) -> bool:
    """Whether a PEM file that begins like this holds a private key; certificates are no secret."""
    return b"PRIVATE KEY" in head[:HEAD_BYTES]
